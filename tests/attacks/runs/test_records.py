# environment: data
"""Records and tables of a stranger: lengths that lie, damaged examples, images and lists that claim more than they are."""

import io
import os
import struct

import numpy as np
import pytest
from PIL import Image

from boxwright.convert.formats import tfrecord as tfrecord_format
from boxwright.core.images import stored_image
from boxwright.core.records import tables, tfrecords
from boxwright.core.records.example_proto import Example
from boxwright.core.runtime.errors import UserError


def encoded(width: int, height: int, format: str = "PNG", **options) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (width, height)).save(output, format, **options)
    return output.getvalue()


def example(**changed) -> bytes:
    """A record as convert writes it, with changed features."""
    built = Example()
    values = {
        "image/filename": [b"a.png"], "image/encoded": [encoded(8, 6)], "image/key/sha256": [b"0a"], "image/height": [6],
        "image/width": [8], "image/object/class/label": [1], "image/object/is_crowd": [0],
    }  # fmt: skip
    sides = {"ymin": 0.25, "xmin": 0.25, "ymax": 0.75, "xmax": 0.75}
    values |= {f"image/object/bbox/{side}": [value] for side, value in sides.items()}
    for name, found in (values | {f"image/{name.replace('_', '/')}": value for name, value in changed.items()}).items():
        feature = built.features.feature[name]
        kind = {bytes: feature.bytes_list, int: feature.int64_list, float: feature.float_list}
        if found:
            kind[type(found[0])].value.extend(found)
    return built.SerializeToString()


def shard(folder, *examples: bytes):
    file = folder / tfrecords.shard_name("train", 0, 1)
    file.write_bytes(b"".join(part for data in examples for part in tfrecords.framed(data)))
    return file


def header(length: int) -> bytes:
    size = struct.pack("<Q", length)
    return size + tfrecords._masked_crc(size)


@pytest.mark.parametrize("bits", [20, 31, 32, 44, 62, 63])
@pytest.mark.parametrize("name", ["train.tfrecord", "train-00000-of-00001"])
def test_a_length_beyond_the_end_of_the_file(tmp_path, convert, bits, name):
    (tmp_path / "set").mkdir()
    file = tmp_path / "set" / name
    file.write_bytes(header((1 << bits) - 1) + example())
    with pytest.raises(UserError, match="truncated; write it again"):
        list(tfrecords.frames(file))
    with pytest.raises(UserError, match="truncated" if "record" in name else "no annotations|no images|format"):
        convert(tmp_path / "set")


def test_a_later_length_beyond_the_end(tmp_path):
    file = shard(tmp_path, example())
    file.write_bytes(file.read_bytes() + header(1 << 44))
    with pytest.raises(UserError, match="truncated; write it again"):
        list(tfrecords.read(tmp_path, "train"))


def test_a_record_of_terabytes_with_holes(tmp_path):
    file = tmp_path / "train-00000-of-00001.tfrecord"
    file.write_bytes(header(1 << 39))
    os.truncate(file, 1 << 40)
    with pytest.raises(UserError, match=r"a record of .* holds more than 512 MiB .*512 GiB"):
        next(tfrecords.frames(file))


FOREIGN = {
    "not an example": b"\xff" * 20,
    "no name": example(filename=[]),
    "a name that is no text": example(filename=[b"\xff"]),
    "no size": example(height=[]),
    "no image": example(encoded=[]),
    "a size of text": example(height=[b"6"]),
    "a box without a side": example(object_bbox_ymin=[]),
    "more boxes than classes": example(object_class_label=[]),
    "class 0": example(object_class_label=[0]),
    "a class below 0": example(object_class_label=[-(1 << 62)]),
    "a class far above": example(object_class_label=[1 << 62]),
    "a coordinate that is no number": example(object_bbox_ymin=[float("nan")]),
    "an infinite coordinate": example(object_bbox_xmax=[float("inf")]),
    "a million objects": example(
        object_class_label=[1] * 10**6, **{f"object_bbox_{side}": [0.5] * 10**6 for side in ("ymin", "xmin", "ymax", "xmax")}
    ),
    "another size than the image": example(encoded=[encoded(30, 20)]),
    "another size than the JPEG": example(encoded=[encoded(30, 20, "JPEG")]),
    "a GIF": example(encoded=[encoded(8, 6, "GIF")]),
    "a WebP": example(encoded=[encoded(8, 6, "WEBP")]),
    "a BMP": example(encoded=[encoded(8, 6, "BMP")]),
    "gigapixels": example(
        encoded=[encoded(8, 6)[:16] + struct.pack(">II", 60_000, 60_000) + encoded(8, 6)[24:]], height=[60_000], width=[60_000]
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
def test_a_record_that_convert_does_not_write(tmp_path, data):
    shard(tmp_path, example(), data)
    with pytest.raises(UserError, match=r"record 1 is not one that this version of convert writes \(.*\): run"):
        list(tfrecords.read(tmp_path, "train"))


def test_a_record_of_convert_is_read(tmp_path):
    shard(tmp_path, example())
    (record,) = tfrecords.read(tmp_path, "train")
    assert (record.width, record.height, record.class_ids.tolist()) == (8, 6, [1])


def test_scans_of_an_image_in_a_record():
    whole = encoded(8, 6, "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    with pytest.raises(ValueError, match="101 scans or more, at most 100"):
        stored_image.check(whole[:-2] + whole[last:-2] * 200 + whole[-2:], 6, 8)


def test_equal_names_do_not_take_ages():
    """Each name was compared with all numbers before its own: 30,000 records took minutes."""
    taken: dict[str, int] = {}
    names = [tfrecord_format._free_name("a.jpg", taken) for _ in range(30_000)]
    assert names[:3] == ["a.jpg", "a~2.jpg", "a~3.jpg"] and names[-1] == "a~30000.jpg"
    assert tfrecord_format._free_name("a~2.jpg", taken) == "a~2~2.jpg"


def test_a_million_objects_of_a_foreign_record(tmp_path, convert):
    folder = tmp_path / "set"
    folder.mkdir()
    many = {"object_class_text": [b"cat"] * 10**6}
    shard(folder, example(object_class_text=[b"cat"]), example(filename=[b"b.png"], **many))
    out = convert(folder)
    assert out.reasons("b.png") == [(None, "unreadable_annotation")] and list(out.read()) == ["a.png"]


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + bytes(8) + b"PAR1", np.random.default_rng(0).bytes(999)])
def test_tables_that_are_no_tables(tmp_path, data):
    (tmp_path / tables.IMAGES).write_bytes(data)
    with pytest.raises(UserError, match=r"expected the folder of tables that `boxwright convert` wrote"):
        tables.read(tmp_path)
