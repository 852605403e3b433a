"""Size and number of scans of a JPEG, from its markers (ISO/IEC 10918-1, annex B), without decoding it.

A progressive JPEG has several scans, and a decoder goes through all pixels once for each. A file of 1 MB can hold so many scans
that decoding takes hours.
"""

import re
import struct
from typing import NamedTuple

# Scans of one image. Encoders write up to 12.
MOST_SCANS = 100
# Pixels of an image, times its scans: about ten seconds. 151 million pixels in 12 scans have 1.8e9.
MOST_SCANNED = 2_000_000_000
_START = b"\xff\xd8"
_SCAN, _END = 0xDA, 0xD9
# Second bytes of the markers of a frame: 0xC4, 0xC8 and 0xCC are something else. Of the first two kinds, the decoder reads a
# single scan at once if it has all components.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SEQUENTIAL = (0xC0, 0xC1)
# Markers without a length, and bytes that are none.
_BARE = frozenset((0x00, 0x01, 0xFF, *range(0xD0, 0xDA)))
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_segment = struct.Struct(">BBH").unpack_from
_frame = struct.Struct(">BHHB").unpack_from


class Frame(NamedTuple):
    """width, height: in pixels. components: 1 for gray, 3 for colours. single: the image has one scan."""

    width: int
    height: int
    components: int
    single: bool


def read_frame(data: bytes) -> Frame | None:
    """The frame of a JPEG whose header is well formed up to its first scan; None for any other file."""
    if data[:2] != _START:
        return None
    at, size, kind = 2, (0, 0, 0), 0
    try:
        while True:
            first, marker, length = _segment(data, at)
            if first != 0xFF or marker in _BARE:
                return None
            if marker == _SCAN:
                return Frame(*size, kind in _SEQUENTIAL and data[at + 4] == size[2]) if kind else None
            if marker in _FRAMES:
                kind = marker
                _, height, width, components = _frame(data, at + 4)
                size = (width, height, components)
            at += 2 + length
    except (struct.error, IndexError):
        return None


def excess(data: bytes, frame: Frame | None) -> str:
    """What a JPEG has too much of, or an empty text. frame: as `read_frame` found it. Other files have no excess."""
    if (frame and frame.single) or data[:2] != _START:
        return ""
    pixels = frame.width * frame.height if frame else 0
    most = min(MOST_SCANS, MOST_SCANNED // pixels) if pixels else MOST_SCANS
    # The first count is fast. It also counts bytes behind the end of the image, where phones store films.
    if data.count(b"\xff\xda") <= most or (scans := _count_scans(data, most)) <= most:
        return ""
    return f"{scans} scans or more, at most {most} for its size"


def _count_scans(data: bytes, most: int) -> int:
    """The number of scans before the end of the image. It stops above `most`."""
    scans, at = 0, 2
    while scans <= most and (found := _MARKER.search(data, at)):
        marker, at = found[1][0], found.end()
        if marker == _END:
            break
        scans += marker == _SCAN
        if marker >= min(_FRAMES):  # a decoder skips the others alone
            at += int.from_bytes(data[at : at + 2], "big")
    return scans
