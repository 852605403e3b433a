# environment: data
"""What file names say: copies, sequences, and the camera or video of a picture."""

import pytest

from boxwright.convert.splits import grouping
from boxwright.validate.pictures import file_names

TIMES = [f"{hour:02d}-{minute:02d}" for hour in range(3) for minute in range(0, 60, 10)]
# names: (group of each, proposed for pairs of neighbours in one group)
SETS = {
    "camera": [f"cam{camera}_{number:04d}.jpg" for camera in range(4) for number in range(9)],
    "video of Roboflow": [f"clip-{v}_frame_{n}_jpg.rf.{n:032x}.jpg" for v in "abcd" for n in range(9)],
    "MVI": [f"train/MVI_2001{video}_img{number:05d}.jpg" for video in range(4) for number in range(9)],
    "folders": [f"site{place}/{number}.png" for place in range(4) for number in range(9)],
    "camera and time": [f"gate{camera}_2020-01-02_{time}.jpg" for camera in range(4) for time in TIMES],
}


@pytest.mark.parametrize("names", SETS.values(), ids=SETS)
def test_the_proposed_pattern_makes_the_groups_it_promises(names):
    """The pattern is read as convert reads it."""
    size = len(names) // 4
    alike = [(row, row + size - 1) for row in range(0, len(names), size)]
    pattern, groups = file_names.group_pattern(names, alike) or ("", 0)
    sources = grouping.sources(names, [None] * len(names), pattern)
    assert groups == len(set(sources)) == 4
    assert [sources[a] == sources[b] for a, b in alike] == [True] * 4 and sources[0] != sources[size]


@pytest.mark.parametrize(
    ("names", "alike"),
    [
        ([f"frame_{n:05d}.jpg" for n in range(40)], [(0, 1), (5, 6)]),  # one video
        ([f"img ({n}).jpg" for n in range(40)], [(0, 1)]),
        ([f"cam{n % 4}_{n}.jpg" for n in range(40)], [(0, 1), (1, 2)]),  # what looks alike is of two cameras
        ([f"IMG_20240101_{n:06d}.jpg" for n in range(0, 4000, 100)], []),  # nothing looks alike
        (["a" * 50_000 + f"{n}.jpg" for n in range(40)], [(0, 1)]),
    ],
)
def test_no_pattern_where_names_do_not_tell_sources(names, alike):
    assert file_names.group_pattern(names, alike) is None


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
