# environment: data
"""Boxes in another unit or order than their format has: convert stops, and says how they are written.

Each case holds the twelve pictures of `parts` with 34 objects.
"""

import zlib

import parts
import pytest

# case: (how many of the 34 boxes are wrong as the format reads them, how they are written, the first wrong box)
CASES = {
    "40": (34, "numbers in fractions of the image's sides", "0.8156, 0.5167, 0.9469, 0.675"),
    "41": (30, "left, top, right, bottom, all fit", "261, 124, 303, 162"),
    "41b": (32, "left, top, width, height, all fit", "261, 124, 42, 38"),
    "41c": (34, "numbers in fractions of the image's sides", "0.815625, 0.516667, 0.13125, 0.158333"),
    "41d": (10, "center x, center y, width, height, all fit", "282, 143, 42, 38"),
    "41e": (9, "left, top, width, height, all fit", "0.778125, 0.029167, 0.165625, 0.1375"),
    "42": (34, "numbers in pixels, all fit", "282, 143, 42, 38"),
    "5b": (13, "top, left, bottom, right", "124, 261, 162, 303"),
    "60": (34, "numbers in pixels, all fit", "261, 124, 303, 162"),
    "60b": (13, "numbers in x divided by the height and y by the width, all fit", "1.0875, 0.3875, 1.2625, 0.50625"),
    "16b": (34, "numbers in fractions of the image's sides", "0.815625, 0.516667, 0.946875, 0.675"),
}


@pytest.mark.parametrize("case", CASES)
def test_names_the_order_or_unit_of_the_boxes(refusal, case):
    wrong, written, example = CASES[case]
    said = refusal(case)
    assert f"{wrong} of 34 boxes are wrong if read as" in said
    assert f"read as {written}" in said.split(";")[1]
    assert f"(320x240): {example})" in said


# case: the value of --boxes-as with which the boxes are right
MENDED = {
    "40": "fractions", "41": "xyxy", "41b": "xywh", "41c": "fractions", "41d": "cxcywh", "41e": "xywh", "42": "pixels",
    "5b": "yxyx", "60": "pixels", "16b": "fractions",
}  # fmt: skip


@pytest.mark.parametrize("case", MENDED)
def test_boxes_as_reads_the_boxes_rightly(refusal, read_case, case):
    assert f"re-run with --boxes-as {MENDED[case]}, or correct" in refusal(case)
    read = read_case(case, boxes_as=MENDED[case])
    assert "boxes_reread" in read.notices
    assert read.stored == 34
    off = (abs(a - b) for found, true in _pairs(read) for a, b in zip(found[1:], true[1:], strict=True))
    assert max(off) <= 1  # some of these cases round


def _pairs(read):
    """Each stored box with the true one. The pictures are known by their bytes, which records keep."""
    records = read.converted.read()
    truth = {name: sorted(parts.TRUTH[zlib.crc32(record.encoded)]) for name, record in records.items()}
    assert read.boxes().keys() == truth.keys()
    return [pair for name, boxes in read.boxes().items() for pair in zip(boxes, truth[name], strict=True)]


def test_boxes_as_the_format_has_them_accepts_them(read_case):
    """The escape, if the test of orders is wrong about somebody's data."""
    assert read_case("41d", boxes_as="xywh pixels").stored == 34
