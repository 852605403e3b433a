# environment: data
"""What the OD API's own scripts read and write as input: csv with a label map, and TFRecords."""

import gzip
import io

import numpy as np
import pytest
from PIL import Image

from boxwright.core.runtime.errors import UserError

HEADER = "filename,width,height,class,xmin,ymin,xmax,ymax\n"
BOX = [0.25, 0.125, 0.75, 0.375]


def boxes(out) -> dict[str, tuple]:
    names = [c["name"] for c in out.manifest["classes"]]
    found = {}
    for file, record in out.read().items():
        pairs = zip(record.class_ids, record.boxes_yxyx.tolist(), strict=True)
        found[file] = sorted((names[number - 1], *box) for number, box in pairs)
    return found


def test_csv_of_the_tutorial_is_its_xml(shared, convert):
    """cards_voc holds both: the csv was made from the xml by the tutorial's script."""
    xml = convert(shared / "data/cards_voc", "xml", format="voc")
    table = convert(shared / "data/cards_voc", "csv", format="csv")
    assert table.manifest["format"] == "csv"
    assert boxes(table) == boxes(xml)
    assert table.manifest["found"] == xml.manifest["found"] == {"images": 95, "objects": 201}


def test_csv(tmp_path, convert, picture):
    """Columns in any order and quoted; odd values have reasons; a picture without a row is unlisted, one without file missing."""
    root = tmp_path / "set"
    for name in ("images/a.jpg", "images/b c.jpg", "images/stray.jpg"):
        picture(root / name)
    rows = "\n".join([
        "8,12,24,36,cat,a.jpg,64,48",
        '8,12,24,36,cat,"b c.jpg",64,48',
        "8,twelve,24,36,cat,a.jpg,64,48",
        "8,12,24,36,,a.jpg,64,48",
        "8,12",
    ])  # fmt: skip
    header = "xmin,ymin,xmax,ymax, class,filename,width,height\n"
    (root / "labels.csv").write_text("\ufeff" + header + rows.rsplit("\n", 1)[0] + "\n8,12,24,36,cat,gone.jpg,64,48\n")
    out = convert(root, missing="quarantine")
    assert out.manifest["format"] == "csv"
    assert boxes(out) == {"images/a.jpg": [("cat", *BOX)], "images/b c.jpg": [("cat", *BOX)]}
    assert out.reasons("images/a.jpg") == [(1, "not_a_number"), (2, "unknown_class")]
    assert out.reasons("images/stray.jpg") == [(None, "unlisted")]
    assert out.reasons("gone.jpg") == [(None, "missing"), (0, "image_rejected")]
    (root / "labels.csv").write_text(header + rows)
    with pytest.raises(UserError, match=r"labels\.csv: line 6 has no usable filename"):
        convert(root)


ROW = "a.jpg,64,48,cat,8,12,24,36\n"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (HEADER, ROW),
        (HEADER.replace(",", ";"), ROW.replace(",", ";")),
        (HEADER.replace(",", "\t"), ROW.replace(",", "\t")),
        (HEADER.title(), ROW),
        ('"Filename"; "WIDTH"; "HEIGHT"; "Class"; "XMin"; "YMin"; "XMax"; "YMax"\n', ROW.replace(",", ";")),
        (HEADER.replace("width,height,", ""), ROW.replace("64,48,", "")),
    ],
)
def test_csv_as_other_programs_write_it(made, read, header, row):
    image = read(made(["a.jpg"], {"set.csv": header + row})).images[0]
    assert (image.filename, image.size) == ("a.jpg", (64, 48) if "width" in header.lower() else None)
    assert [(o.name, o.box_xyxy) for o in image.objects] == [("cat", (8, 12, 24, 36))]


def test_an_image_in_two_csv_files_of_one_split(made, read):
    """With or without the same size; equal objects count once, and a csv of all says nothing of splits."""
    texts = {"all.csv": HEADER + ROW, "a_train.csv": HEADER + ROW + ROW.replace("cat", "dog")}
    texts["b_train.csv"] = HEADER.replace("width,height,", "") + ROW.replace("64,48,", "").replace("cat", "cow")
    data = read(made(["a.jpg"], texts))
    assert [(i.split, [o.name for o in i.objects], i.fault) for i in data.images] == [
        ("train", ["cat", "dog", "cow"], None)
    ]
    assert [n.id for n in data.notices] == ["listings_differ"]


@pytest.mark.parametrize("name", [".", "..", "/", "images/.."])
def test_csv_names_of_no_file(made, read, name):
    with pytest.raises(UserError, match="line 3 has no usable filename"):
        read(made(["a.jpg"], {"set.csv": HEADER + ROW + ROW.replace("a.jpg", name)}))


def test_records_of_convert_are_read_back(coco, convert):
    """The same pictures byte for byte, the same boxes, classes and splits; neither is turned or clipped again."""
    objects = [[1, [8, 12, 16, 24]], [2, [1, 2, 3.5, 40]]]
    first = convert(coco({f"{n}.jpg": objects[: 1 + n % 2] for n in range(8)}), "first")
    again = convert(first.records, "again")
    assert again.manifest["format"] == "tfrecord" and again.manifest["split_by"] == "given"
    assert boxes(again) == boxes(first)
    assert {n: r.encoded for n, r in again.read().items()} == {n: r.encoded for n, r in first.read().items()}
    assert again.manifest["splits"] == first.manifest["splits"]
    assert again.quarantine == []


@pytest.fixture
def write(tmp_path):
    """Writes shards of examples: {shard: [{feature: values}, ...]}."""
    import tensorflow as tf
    from tensorflow.core.example.example_pb2 import Example

    def write(shards: dict[str, list[dict | bytes]]):
        (tmp_path / "od").mkdir(exist_ok=True)
        for name, examples in shards.items():
            with tf.io.TFRecordWriter(str(tmp_path / "od" / name)) as file:
                for content in examples:
                    file.write(content if isinstance(content, bytes) else serialized(content))
        return tmp_path / "od"

    def serialized(content: dict) -> bytes:
        example = Example()
        for feature, values in content.items():
            kind = {bytes: "bytes_list", int: "int64_list", float: "float_list"}[type(values[0])]
            getattr(example.features.feature[f"image/{feature}"], kind).value.extend(values)
        return example.SerializeToString()

    return write


def example(name: str, *, label: int, **changes) -> dict:
    noise = np.random.default_rng(label).integers(0, 256, (48, 64, 3), np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(noise).save(encoded, "JPEG")
    sides = dict(zip(("ymin", "xmin", "ymax", "xmax"), BOX, strict=True))
    content = {"filename": [name.encode()], "encoded": [encoded.getvalue()], "width": [64], "height": [48]}
    content |= {f"object/bbox/{side}": [value] for side, value in sides.items()}
    return content | {"object/class/label": [label]} | changes


TEXT = {"object/class/text": [b"dog"]}


def test_records_of_others(write, convert):
    """Numbers only, with a label map beside; twice the same name; an absolute and a hostile one; what is wrong has a reason."""
    texts = {"object/class/text": [b"dog"]}
    root = write({
        "cards_train.record-00000-of-00001": [
            example("a.jpg", label=1), example("a.jpg", label=2), example("/data/b.jpg", label=2, **texts),
            example("nine.jpg", label=9), example("short.jpg", label=1, **{"object/bbox/xmax": [0.4, 0.5]}), b"garbage\xff",
        ],
        "cards_val.record": [example("../../c.jpg", label=1), example("empty.jpg", label=1, encoded=[b""])],
    })  # fmt: skip
    (root / "map.pbtxt").write_text("item { id: 1 name: 'cat' } item { id: 2 name: 'dog' }")
    out = convert(root, missing="quarantine")
    assert boxes(out) == {
        "a.jpg": [("cat", *BOX)], "a~2.jpg": [("dog", *BOX)], "data/b.jpg": [("dog", *BOX)],
        "short.jpg": [("cat", 0.25, 0.125, 0.75, pytest.approx(0.4))], "c.jpg": [("cat", *BOX)],
    }  # fmt: skip
    assert {s: c["images"] for s, c in out.manifest["splits"].items()} == {"train": 4, "val": 1, "test": 0}
    assert out.reasons("nine.jpg") == [(None, "objects_rejected"), (0, "unknown_class")]
    assert out.reasons("short.jpg") == [(1, "unknown_class")]
    assert out.reasons("empty.jpg") == [(None, "undecodable"), (0, "image_rejected")]
    assert out.reasons("cards_train.record-00000-of-00001#5") == [(None, "unreadable_annotation")]


def test_records_beside_a_label_map_with_holes(write, convert):
    """As mscoco_label_map.pbtxt is, with keys for names: the classes that occur are numbered anew."""
    root = write({"train.record": [example("a.jpg", label=44), example("b.jpg", label=90)]})
    items = ((44, "/m/04dr76w", "bottle"), (46, "/m/09tvcd", "wine glass"), (90, "/m/012xff", "toothbrush"))
    text = "".join(f'item {{ name: "{key}" id: {n} display_name: "{name}" }}' for n, key, name in items)
    (root / "mscoco_label_map.pbtxt").write_text(text)
    out = convert(root)
    assert boxes(out) == {"a.jpg": [("bottle", *BOX)], "b.jpg": [("toothbrush", *BOX)]}


def test_names_that_no_disk_takes(write, convert):
    """Longer than 255 bytes; the name of a folder of others; alike but for what is escaped."""
    names = ["x" * 300 + ".jpg", "x" * 300 + ".png", "猫" * 100 + ".jpg", "x", "x/y.jpg", "x%2Fy.jpg"]
    root = write({"train.record": [example(name, label=n, **TEXT) for n, name in enumerate(names, 1)]})
    assert set(convert(root).read()) == set(names)


def test_records_cut_off(write, convert):
    root = write({"train.tfrecord": [example("a.jpg", label=1), example("b.jpg", label=1)]})
    whole = (root / "train.tfrecord").read_bytes()
    (root / "train.tfrecord").write_bytes(whole[:-9])
    with pytest.raises(UserError, match=r"train\.tfrecord is cut off"):
        convert(root)


def test_records_that_are_not_read_are_named(write, read, convert):
    """Alone, or beside others, whose images would be all that is left; of an empty one there is nothing to lose."""
    root = write({"train.tfrecord": [example("a.jpg", label=1, **{"object/class/text": [b"cat"]})]})
    whole = (root / "train.tfrecord").read_bytes()
    cases = {
        "val.tfrecord.gz": (gzip.compress(whole), "is compressed; unpack it"),
        "val.record": (gzip.compress(whole), "is compressed; unpack it"),
        "val.record-00000-of-00001": (whole[:100], "is cut off: write it again"),
    }
    for name, (content, why) in cases.items():
        (root / name).write_bytes(content)
        with pytest.raises(UserError, match=f"{name} {why}.*; repair it, or move it out of the data"):
            read(root)
        (root / "train.tfrecord").rename(root / "aside")
        with pytest.raises(UserError, match=f"holds no annotations: found .*; {name} {why}"):
            read(root)
        (root / "aside").rename(root / "train.tfrecord")
        (root / name).unlink()
    (root / "val.tfrecord").write_bytes(b"")
    (root / "model.ckpt.data-00000-of-00001").write_bytes(b"weights" * 9)
    assert len(read(root).images) == 1
    (root / "train.tfrecord").unlink()
    with pytest.raises(UserError, match=r"val\.tfrecord is empty"):
        read(root)
