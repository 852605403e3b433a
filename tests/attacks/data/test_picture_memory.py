# environment: data
"""Small files with many pixels: the memory to decode one is limited, and large ones take turns."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import pixels
from boxwright.convert.writing.pixels import Stored
from boxwright.core.images import memory
from boxwright.core.images.jpeg_markers import Frame
from boxwright.core.images.opening import open_image
from boxwright.core.runtime import limits
from boxwright.core.runtime.limits import MIB

SIDE = 4000
PROGRAM = """
import resource, sys
from boxwright.convert.writing import pixels
data = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert isinstance(pixels.load(data, upright=False, plain=False), pixels.Stored)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
BOMBS = {
    "float TIFF": lambda: (Image.new("F", (SIDE, SIDE), 0.5), "TIFF", {"compression": "tiff_adobe_deflate"}),
    "16-bit PNG": lambda: (Image.fromarray(np.full((SIDE, SIDE), 40_000, np.uint16)), "PNG", {}),
    "32-bit TIFF": lambda: (Image.new("I", (SIDE, SIDE), 300), "TIFF", {"compression": "tiff_adobe_deflate"}),
    "CMYK TIFF": lambda: (Image.new("CMYK", (SIDE, SIDE)), "TIFF", {"compression": "tiff_adobe_deflate"}),
    "palette GIF": lambda: (Image.new("P", (SIDE, SIDE)), "GIF", {}),
}


def saved(image: Image.Image, format: str, options: dict) -> bytes:
    output = io.BytesIO()
    image.save(output, format, **options)
    return output.getvalue()


@pytest.mark.parametrize("made", BOMBS.values(), ids=BOMBS)
def test_peak_stays_below_the_estimate(tmp_path, made):
    """Ten bytes a pixel. The float TIFF took thirty before."""
    file: Path = tmp_path / "bomb"
    file.write_bytes(saved(*made()))
    assert file.stat().st_size < MIB
    done = subprocess.run([sys.executable, "-P", "-c", PROGRAM, file], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 10 * SIDE**2


def test_too_much_memory_is_a_reason(monkeypatch):
    data = saved(Image.new("RGB", (300, 200)), "BMP", {})
    monkeypatch.setattr(memory, "LARGE", 0)
    assert isinstance(pixels.load(data, upright=False, plain=False), Stored)
    monkeypatch.setattr(memory, "MOST", 700_000)
    found = pixels.load(data, upright=False, plain=False)
    assert found == Fault("undecodable", "needs 761.8 KiB to decode, at most 683.6 KiB are used")


def test_what_the_machine_has_left_counts(monkeypatch):
    memory.check(memory.LARGE)
    monkeypatch.setattr(limits, "memory_left", lambda: 100 * MIB)
    with pytest.raises(ValueError, match="needs 700 MiB to decode, 100 MiB of memory are free"):
        memory.check(700 * MIB)


def test_the_machine_says_what_is_left():
    assert limits.memory_left() > 16 * MIB


def test_real_cameras_stay_below_the_limit():
    """151 million pixels of a medium-format camera, and 108 million of a phone, in RGB."""
    for width, height in ((14_204, 10_652), (12_000, 9_000)):
        with open_image(saved(Image.new("RGB", (1, 1)), "PNG", {})) as image:
            image._size = (width, height)
            assert memory.of_image(image, 300 * MIB) < memory.MOST
        assert memory.of_jpeg(Frame(width, height, 3, single=False), 100 * MIB) < memory.MOST


def test_a_tile_larger_than_its_image_counts():
    """A decoder unpacks whole tiles: 384 kB of a TIFF of 16 x 16 pixels could fill gigabytes."""
    tags = {256: 16, 257: 16, 258: 8, 259: 8, 262: 1, 277: 1, 322: 60_000, 323: 60_000, 324: 200, 325: 12}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)
    found = pixels.load(tiff.ljust(200, b"\0") + zlib.compress(bytes(256)), upright=False, plain=False)
    assert found == Fault("undecodable", "needs 53.64 GiB to decode, at most 2 GiB are used")
