# environment: data
"""Images that are programs, that take hours to decode, or that crash their decoder. They are quarantined, each with a reason."""

import io
import os
import struct
from pathlib import Path

import numpy as np
import pooled
import pytest
from PIL import Image

from boxwright.convert.plan.image_headers import read_header
from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import crash_isolation, pixels, shard_file
from boxwright.convert.writing.crash_isolation import CRASHED
from boxwright.convert.writing.pixels import Stored
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.images import jpeg_markers, opening

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 96 96\n%%EndComments\n{ } loop\nshowpage\n%%EOF\n"
NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8))


def saved(format: str, image: Image.Image = NOISE, **options) -> bytes:
    output = io.BytesIO()
    image.save(output, format, **options)
    return output.getvalue()


# Formats that Pillow writes and reads, and that are not read here; the rest begins as its readers expect.
STRANGE = {
    name: saved(name) for name in ("EPS", "ICO", "ICNS", "PCX", "TGA", "SGI", "IM", "DDS", "JPEG2000", "QOI", "DIB")
}
STRANGE |= {
    "PostScript that never ends": EPS,
    "EPS of DOS": b"\xc5\xd0\xd3\xc6" + struct.pack("<II", 32, len(EPS)) + bytes(20) + EPS,
    "WMF": b"\xd7\xcd\xc6\x9a\0\0" + bytes(60),
    "FITS": b"SIMPLE  =                    T" + b" " * 2850,
    "PSD": b"8BPS\0\1" + bytes(60),
    "IPTC": b"\x1c\x03\x00\x00\x01" + bytes(60),
}


def scans(count: int, **options) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    whole = saved("JPEG", progressive=True, **options)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * (count - whole.count(b"\xff\xda")) + whole[-2:]


@pytest.fixture
def ghostscript(tmp_path, monkeypatch):
    """The file that a program `gs` writes when it is started."""
    log = tmp_path / "started"
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "gs"
    program.write_text(f"#!/bin/sh\necho started >> {log}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    return log


def test_postscript_starts_no_program(coco, convert, ghostscript):
    data = coco({"good.jpg": [(1, [4, 4, 20, 20])], "bad.jpg": [(1, [4, 4, 20, 20])]})
    (data / "images" / "bad.jpg").write_bytes(EPS)
    out = convert(data)
    assert out.reasons("images/bad.jpg") == [(None, "undecodable"), (0, "image_rejected")]
    assert list(out.read()) == ["images/good.jpg"] and not ghostscript.exists()


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("name", ["a.jpg", "a.eps"])
def test_other_formats_are_not_opened(tmp_path, ghostscript, data, name):
    (tmp_path / name).write_bytes(data)
    for found in (read_header(str(tmp_path / name)), pixels.load(data, upright=False, plain=False)):
        assert isinstance(found, Fault) and found.reason == "undecodable", found
    assert not ghostscript.exists()


@pytest.mark.parametrize("format", [*opening.FORMATS, "MPO"])
def test_named_formats_are_read(format):
    assert isinstance(pixels.load(saved(format), upright=False, plain=False), Stored)


@pytest.mark.parametrize("plain", [True, False])
def test_a_jpeg_with_too_many_scans_is_quarantined(plain):
    found = pixels.load(scans(150), upright=False, plain=plain)
    assert isinstance(found, Fault) and "101 scans or more, at most 100" in found.value
    assert isinstance(pixels.not_decoded(scans(150)), Fault)
    assert isinstance(pixels.load(scans(99), upright=False, plain=plain), Stored)


def test_scans_are_counted_whatever_comes_first():
    """Fill bytes, restart markers and unknown segments before the scans do not hide them."""
    whole = scans(150)
    for hidden in (b"\xff\xff\xff", b"\xff\xd0", b"\xff\x01", b"\xff\xe5\0\4ab", b"junk"):
        data = whole[:2] + hidden + whole[2:]
        assert jpeg_markers.excess(data, jpeg_markers.read_frame(data)), hidden


def test_more_pixels_allow_fewer_scans():
    frame = jpeg_markers.Frame(10_000, 10_000, 3, single=False)
    assert jpeg_markers.excess(scans(30), frame) and not jpeg_markers.excess(scans(20), frame)


def test_a_film_behind_a_photo_is_no_scan():
    """Phones store films behind the end of a JPEG. A film contains every pair of bytes."""
    photo = saved("JPEG", progressive=True) + b"\xff\xda" * 1000
    assert isinstance(pixels.load(photo, upright=False, plain=True), Stored)


def test_a_bmp_of_one_long_row_is_refused():
    """255 rows of a run-length BMP can be skipped with two bytes, which Pillow fills at once."""
    header = struct.pack("<IiiHHIIiiII", 40, 100_000_000, 1, 1, 8, 1, 6, 0, 0, 1, 0)
    bmp = b"BM" + struct.pack("<IHHI", 80, 0, 0, 58) + header + bytes(4) + b"\0\2\0\xff\0\1"
    found = pixels.load(bmp, upright=False, plain=False)
    assert found == Fault("undecodable", "100000000 x 1 pixels; a side may have 65535")


def test_text_of_a_png_is_not_unpacked_without_limit():
    import zlib

    bomb = b"Comment\0\0" + zlib.compress(bytes(100 << 20), 9)
    png = saved("PNG")
    chunk = struct.pack(">I", len(bomb)) + b"zTXt" + bomb + struct.pack(">I", zlib.crc32(b"zTXt" + bomb))
    found = pixels.load(png[:33] + chunk + png[33:], upright=False, plain=False)
    assert isinstance(found, Fault) and "too large" in found.value


def test_an_exif_loop_ends():
    """The directory of GPS positions points to itself."""
    tiff = b"MM\0*\0\0\0\x08\0\1\x88\x25\0\4\0\0\0\1\0\0\0\x08\0\0\0\x08"
    data = saved("JPEG", exif=b"Exif\0\0" + tiff)
    assert isinstance(pixels.load(data, upright=True, plain=True), Stored | Fault)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_item_that_kills_its_process_is_found(processes):
    found = crash_isolation.map_ordered(pooled.killed_by_seven, range(20), processes, lambda item: -item, chunk=3)
    assert list(found) == [-item if item == 7 else item for item in range(20)]


def test_every_image_that_kills_its_process_is_found():
    found = crash_isolation.map_ordered(pooled.killed, range(3), 2, lambda item: -item)
    assert list(found) == [0, -1, -2]


def test_a_shard_without_the_image_that_crashed(tmp_path, monkeypatch):
    files = [tmp_path / name for name in ("a.jpg", "b.jpg")]
    for number, file in enumerate(files):
        file.write_bytes(saved("JPEG", NOISE.rotate(90 * number)))
    entries = [Entry(str(file), True, False, file.name, 1, 48, 64, (), (), (), (), (), ()) for file in files]
    shard_file.write_plan(tmp_path, "x", entries)
    crashing = lambda function, items, crashed: [  # noqa: E731
        crashed(item) if item == entries[0] else function(item) for item in items
    ]
    monkeypatch.setattr(crash_isolation, "one_by_one", crashing)
    shard_file.write_after_crash(tmp_path, "decode", "x")
    outcome = shard_file.take_outcome(tmp_path, "x")
    assert outcome.images[0] == CRASHED and isinstance(outcome.images[1], Stored) and outcome.records == 1


def test_a_file_of_terabytes_is_not_read(tmp_path):
    file: Path = tmp_path / "a.png"
    file.write_bytes(saved("PNG"))
    os.truncate(file, 1 << 40)
    assert read_header(str(file)) == Fault("undecodable", "a file of 1024 GiB, at most 2 GiB are read")
