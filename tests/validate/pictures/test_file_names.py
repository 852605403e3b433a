# environment: data
"""What file names say: copies and sequences."""

import pytest

from boxwright.validate.pictures import file_names


@pytest.mark.parametrize(
    "copy",
    ["a/cat_rot15.jpg", "cat-aug-2.png", "cat (1).jpg", "cat - Copy.jpg", "cat_flip_noise.jpg", "flip_cat.jpg",
     "cat_jpg.rf.0f3.jpg"],
)  # fmt: skip
def test_copies_are_known_by_what_is_added_to_their_name(copy):
    assert list(file_names.made_of(["dog.jpg", "cat.jpg", copy, "catalog.jpg"])) == [[1, 2]]


def test_numbers_make_a_sequence_of_names_that_are_equal_else():
    """The place is the rank of the number, so a video of which every tenth frame was kept has neighbours."""
    sequence, place = file_names.sequences(["f_030.jpg", "f_010.jpg", "other.jpg", "f_020.png", "g_020.jpg"])
    assert sequence[0] == sequence[1] == sequence[3] != sequence[4]
    assert (sequence[2], place.tolist()) == (-1, [2, 0, -1, 1, 0])
