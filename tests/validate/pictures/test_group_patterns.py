# environment: data
"""The pattern for `--group`, from the names of pictures that look alike. It is read as convert reads it."""

import pytest

from boxwright.convert.splits import grouping
from boxwright.validate.pictures import group_patterns

TIMES = [f"{hour:02d}-{minute:02d}" for hour in range(3) for minute in range(0, 60, 10)]
# names, nine of each of eight sources
SETS = {
    "camera": [f"cam{camera}_{number:04d}.jpg" for camera in range(8) for number in range(9)],
    "camera at the end": [f"{number:04d}_cam{camera}.jpg" for camera in range(8) for number in range(9)],
    "video of Roboflow": [f"clip-{v}_frame_{n}_jpg.rf.{n:032x}.jpg" for v in "abcdefgh" for n in range(9)],
    "MVI": [f"train/MVI_2001{video}_img{number:05d}.jpg" for video in range(8) for number in range(9)],
    "second of a video": [f"ride_type{n % 2}_{n}.mp4#t={second}.jpg" for n in range(8) for second in range(90, 99)],
    "moment or screenshot": [f"R00{v}_st_Moment({n}).jpg" if n % 3 else f"Screenshot from R00{v}_st.MP4 - {n}.jpg"
                             for v in range(8) for n in range(9)],
    "folders": [f"site{place}/{number}.png" for place in range(8) for number in range(9)],
    "folders of days": [f"day{place}/left/{number}.png" for place in range(8) for number in range(9)],
    "camera and time": [f"gate{camera}_2020-01-02_{time}.jpg" for camera in range(8) for time in TIMES[:9]],
    "days of a phone": [f"IMG_2024010{day}_{n:06d}.jpg" for day in range(1, 9) for n in range(100, 1000, 100)],
    "zooms of a place": [f"images/train/img_{place}_{zoom}.jpg" for place in range(8) for zoom in range(1000, 10000, 1000)],
    "zoom before the place": [f"{zoom}_farm_{place}_a.jpg" for place in range(8) for zoom in range(1000, 10000, 1000)],
    "rotated copies": [f"dog{chr(97 + n)}{name}.jpg" for n in range(8)
                       for name in ("", *(f"_rot{angle}" for angle in range(10, 90, 10)))],
    "mirrored and noisy copies": [f"{flip}dog{chr(97 + n)}.jpg" for n in range(8)
                                  for flip in ("", *(f"{how}{m}_" for how in ("flip", "noise") for m in range(4)))],
}  # fmt: skip


def neighbours(names, size=9):
    """Two pairs of each source."""
    return [(row, row + step) for row in range(0, len(names), size) for step in (1, size - 1)]


@pytest.mark.parametrize("names", SETS.values(), ids=SETS)
def test_names_are_grouped_by_what_alike_ones_share(names):
    pattern = group_patterns.best(names, neighbours(names))
    assert pattern
    sources = grouping.sources(names, [None] * len(names), pattern.text)
    assert pattern.groups == len(set(sources)) == 8
    assert all(sources[row] == sources[row // 9 * 9] for row in range(72))


def test_the_pattern_has_the_words_of_the_names():
    names = [f"images/test/img_{place}_{zoom}.jpg" for place in range(90) for zoom in (1000, 2000, 3000)]
    assert group_patterns.best(names, neighbours(names, 3)) == ("img_([0-9]+)_", 90)


def test_a_few_pairs_and_names_of_other_schemes_do_not_matter():
    """The words stay, though a pattern without them would find one more group."""
    names = [*(f"img_{place}_{zoom}.jpg" for place in range(32) for zoom in range(1000, 10000, 1000)), "farm_0099.png"]
    pattern = group_patterns.best(names, [*neighbours(names[:288]), (0, 288)])
    assert pattern and pattern.text == "img_([0-9]+)_"


@pytest.mark.parametrize(
    ("names", "alike"),
    [
        ([f"frame_{n:05d}.jpg" for n in range(40)], [(0, 1), (5, 6)]),  # one video
        ([f"img ({n}).jpg" for n in range(40)], [(0, 1)]),
        ([f"cam{n % 4}_{n}.jpg" for n in range(40)], [(0, 1), (1, 2)]),  # what looks alike is of two cameras
        ([f"cam{n % 3}_{n}.jpg" for n in range(40)], [(0, 3)]),  # one pair may be of one camera by chance
        ([f"IMG_20240101_{n:06d}.jpg" for n in range(0, 4000, 100)], []),  # nothing looks alike
        # a word of many sources: few of its pictures look alike
        (
            [*(f"image_{n}.jpg" for n in range(60)), *(f"{n}_jpg.jpg" for n in range(100, 240))],
            [(n, n + 1) for n in range(0, 8, 2)],
        ),
        # all of one of four large groups: the pattern tells where pictures look alike, not which
        ([f"{n}_{'abcd'[n % 4]}_{n}.jpg" for n in range(200)], [(4 * n, 4 * n + 4) for n in range(20)]),
        (["a" * 50_000 + f"{n}.jpg" for n in range(40)], [(0, 1)]),
        ([f"{'a-' * 99}{n}.jpg" for n in range(2000)], [(0, 1)]),
    ],
)
def test_no_pattern_where_names_do_not_tell_sources(names, alike):
    assert group_patterns.best(names, alike) is None
