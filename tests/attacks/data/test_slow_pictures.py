# environment: data
"""A picture that a decoder reads byte by byte in Python is given up after a time, and quarantined."""

import os
import threading

import pytest

from boxwright.convert.plan.image_headers import read_header
from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import pixels
from boxwright.core.images import opening, time_limit

GIF = b"GIF89a\x0a\0\x0a\0\x80\0\0\0\0\0\xff\xff\xff"


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(time_limit, "MOST_SECONDS", 0.3)


@pytest.mark.parametrize("start, size", [(b"P6\n#", 1 << 29), (GIF + b"!\xfe\1a\0" * 2_000_000, 0)])
def test_header_that_takes_long(tmp_path, start, size):
    file = tmp_path / "a.ppm"
    file.write_bytes(start)
    os.truncate(file, size or len(start))  # the rest is a hole
    found = read_header(str(file))
    assert isinstance(found, Fault) and (found.reason, found.value) == (
        "undecodable",
        "takes more than 0.3 seconds to decode",
    )


@pytest.mark.parametrize("start", [b"P6 4000 4000 7\n", b"P3 4000 4000 255\n#\n"])
def test_pixels_that_take_long(start):
    found = pixels.load(start + b"#\n1 " * 12_000_000, upright=False, plain=False)
    assert isinstance(found, Fault) and found.value == "takes more than 0.3 seconds to decode"


def test_other_threads_have_no_limit(tmp_path):
    """Beam decodes in threads, where signals do not arrive."""
    results = []

    def work() -> None:
        with opening.open_image(b"P6 1 1 255\nabc") as image:
            results.append(image.size)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == [(1, 1)]
