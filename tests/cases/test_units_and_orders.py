# environment: data
"""Boxes in another unit or order than their format has: convert stops, and says how they are written.

Each case holds the twelve pictures of `parts` with 34 objects.
"""

import pytest

# case: (how many of the 34 boxes are wrong as the format reads them, how they are written, the first wrong box)
CASES = {
    "40": (34, "in fractions of the image's sides", "0.8156, 0.5167, 0.9469, 0.675"),
    "41": (30, "left, top, right, bottom, all fit", "261, 124, 303, 162"),
    "41b": (32, "left, top, width, height, all fit", "261, 124, 42, 38"),
    "41c": (34, "in fractions of the image's sides", "0.815625, 0.516667, 0.13125, 0.158333"),
    "41d": (10, "center x, center y, width, height, all fit", "282, 143, 42, 38"),
    "41e": (9, "left, top, width, height, all fit", "0.778125, 0.029167, 0.165625, 0.1375"),
    "42": (34, "in pixels, all fit", "282, 143, 42, 38"),
    "5b": (13, "top, left, bottom, right", "124, 261, 162, 303"),
    "60": (34, "in pixels, all fit", "261, 124, 303, 162"),
    "60b": (13, "in x divided by the height and y by the width, all fit", "1.0875, 0.3875, 1.2625, 0.50625"),
    "16b": (34, "in fractions of the image's sides", "0.815625, 0.516667, 0.946875, 0.675"),
}


@pytest.mark.parametrize("case", CASES)
def test_names_the_order_or_unit_of_the_boxes(refusal, case):
    wrong, written, example = CASES[case]
    said = refusal(case)
    assert f"{wrong} of 34 boxes are wrong if read as" in said
    assert f"read as {written}" in said.split(";")[1]
    assert f"(320x240): {example})" in said
