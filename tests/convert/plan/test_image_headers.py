# environment: data
# environment: .envs/data
"""Headers of plain JPEG files are read without Pillow, with the same result. Pillow reads all other files."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boxwright.convert.plan import image_headers
from boxwright.convert.plan.image_headers import Header
from boxwright.convert.reading.source import Fault

GRAY = Image.fromarray(np.arange(48, dtype=np.uint8).reshape(6, 8))


def jpeg(mode: str = "RGB", **options) -> bytes:
    output = io.BytesIO()
    GRAY.convert(mode).save(output, "JPEG", **options)
    return output.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[image_headers.ORIENTATION] = 6
    return jpeg(exif=exif)


PLAIN = jpeg()
TABLE = PLAIN.index(b"\xff\xdb") + 4
FRAME = PLAIN.index(b"\xff\xc0") + 4
SHORT = {
    "RGB": PLAIN,
    "gray": jpeg("L"),
    "progressive": jpeg(progressive=True),
    "restarts": jpeg(restart_marker_blocks=1),
    "a comment": jpeg(comment=b"x" * 10_000),
}
LEFT_TO_PILLOW = {
    "EXIF": turned(),
    "CMYK": jpeg("CMYK"),
    "a comment longer than what is read": jpeg(comment=b"x" * 20_000),
    "12 bits": PLAIN[:FRAME] + b"\x0c" + PLAIN[FRAME + 1 :],
    "no height": PLAIN[: FRAME + 1] + b"\0\0" + PLAIN[FRAME + 3 :],
    "no table of that number": PLAIN[:TABLE] + b"\x7f" + PLAIN[TABLE + 1 :],
    "components that are not there": PLAIN[: FRAME + 5] + b"\x01" + PLAIN[FRAME + 6 :],
    "cut off in the header": PLAIN[: FRAME + 3],
    "nothing": b"",
    "text": b"no image",
    "two bytes": PLAIN[:2],
}


def header_of(file: Path) -> Header:
    found = image_headers.read_header(str(file))
    assert isinstance(found, Header)
    return found


@pytest.mark.parametrize("data", SHORT.values(), ids=SHORT)
def test_jpeg_size_equals_pillows(tmp_path, data):
    (tmp_path / "a.jpg").write_bytes(data)
    header = header_of(tmp_path / "a.jpg")
    assert image_headers._size_of_jpeg(data[: image_headers._BEGINNING]) == (8, 6)
    with (tmp_path / "a.jpg").open("rb") as file:
        assert header == image_headers._by_pillow(file, header.hint)


@pytest.mark.parametrize("data", LEFT_TO_PILLOW.values(), ids=LEFT_TO_PILLOW)
def test_leaves_other_files_to_pillow(data):
    assert image_headers._size_of_jpeg(data[: image_headers._BEGINNING]) is None


def test_equal_files_have_equal_hints(tmp_path):
    contents = {"a": PLAIN, "copy": PLAIN, "other": SHORT["gray"], "of equal length": PLAIN[:-4] + b"\0\0\xff\xd9"}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    hints = [header_of(tmp_path / name).hint for name in contents]
    assert hints[0] == hints[1] and len(set(hints)) == 3


def test_missing_file(tmp_path):
    assert image_headers.read_header(str(tmp_path / "a.jpg")) == Fault("missing", "no such file")


@pytest.mark.parametrize(("side", "refused"), [(13370, False), (13390, True)])
def test_refuses_sizes_tensorflow_cannot_decode(tmp_path, side, refused):
    """3 x 13390**2 is more than 2**29. Damaged headers have such sizes."""
    size = side.to_bytes(2, "big")
    (tmp_path / "a.jpg").write_bytes(PLAIN[: FRAME + 1] + size + size + PLAIN[FRAME + 5 :])
    found = image_headers.read_header(str(tmp_path / "a.jpg"))
    assert isinstance(found, Fault) == refused
    if refused:
        assert found == Fault("undecodable", f"{side} x {side} pixels, more than TensorFlow decodes")


@pytest.mark.parametrize("exif", [False, True])
def test_ignores_orientation_in_xmp(tmp_path, exif):
    """Annotation tools also ignore the orientation in XMP, with or without other EXIF tags."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta>'
    other = Image.Exif()
    other[0x010F] = "maker"
    (tmp_path / "a.jpg").write_bytes(jpeg(xmp=xmp, exif=other) if exif else jpeg(xmp=xmp))
    assert header_of(tmp_path / "a.jpg").orientation == 1
    assert Image.open(tmp_path / "a.jpg").getexif().get(image_headers.ORIENTATION, 1) == 6
