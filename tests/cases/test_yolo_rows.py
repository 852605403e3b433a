# environment: data
"""YOLO rows that are no plain boxes, and class numbers that the names lack."""

import pytest


def test_pose_rows_without_kpt_shape_are_boxes(read_case):
    read = read_case("44")
    assert read.is_right()
    assert "34 of 34 label rows have a box and 5 keypoints of 2 numbers" in read.claim("extra_numbers")


def test_commas_are_read(read_case):
    read = read_case("45")
    assert read.is_right()
    assert "(first: `1,0.881250,0.595833,0.131250,0.158333` in part_000.txt)" in read.claim("commas")


@pytest.mark.parametrize(
    ("case", "row"),
    [("43", "`1 0.881250 0.595833 0.131250 0.158333 0.87` in part_000.txt"),
     ("96b", "`1 0.88125 0.59583 0.13125 0.15833 0.785` in labels/p0.txt")],
)  # fmt: skip
def test_a_fifth_number_is_a_confidence_or_an_angle(refusal, case, row):
    """The number is the same in every row, so that nothing decides what it is."""
    said = refusal(case)
    assert (
        f"34 of 34 label rows have 5 numbers after the class, expected 4 (x, y, width, height in fractions); the first is {row}"
        in said
    )
    assert "may be a confidence" in said and "or an angle" in said
    assert "cut -d' ' -f1-5" in said and "class x1 y1 x2 y2 x3 y3 x4 y4" in said


def test_classes_counted_from_one(refusal):
    said = refusal("46")
    assert "the labels count classes from 1: none has the number 0, and the highest is 2" in said
    assert "`2 0.881250 0.595833 0.131250 0.158333` in part_000.txt" in said
    assert "Subtract 1 from the first number of each row" in said
