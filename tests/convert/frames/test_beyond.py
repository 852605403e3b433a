# environment: data
"""Boxes for images of another size, where the annotations claim no size or that of the files."""

import re

import pytest

from boxwright.convert.reading.source import Object
from boxwright.core.runtime.errors import UserError


@pytest.mark.parametrize(
    ("labelled", "file"),
    [((1280, 960), (320, 240)), ((1920, 1080), (640, 360)), ((2592, 1944), (648, 486)), ((600, 400), (300, 200)),
     ((800, 600), (640, 480)), ((512, 512), (300, 300))],
)  # fmt: skip
@pytest.mark.parametrize("claimed", [False, True])
def test_the_size_that_fits_is_named(plan, spread, boxes, labelled, file, claimed):
    objects = [spread(*labelled, 4, seed) for seed in range(30)]
    images = [(file if claimed else None, found, file, 1) for found in objects]
    with pytest.raises(UserError, match=f"made smaller after labelling.*--boxes-for {labelled[0]}x{labelled[1]}[^0-9]"):
        plan(images)
    planned = plan(images, f"{labelled[0]}x{labelled[1]}")
    factor = file[0] / labelled[0]
    assert boxes(planned)[0] == [tuple(round(side * factor) for side in item.box_xyxy) for item in objects[0]]


def test_several_sizes_have_a_common_factor(plan, spread):
    files = [(320, 240), (250, 333), (400, 300)] * 10
    images = [(None, spread(3 * w, 3 * h, 4, seed), (w, h), 1) for seed, (w, h) in enumerate(files)]
    with pytest.raises(UserError, match=r"--boxes-for 3x.*--boxes-for annotated"):
        plan(images)
    planned = plan(images, "3x")
    assert not planned.rejects and len(planned.images) == 30


def test_portrait_and_landscape_have_one_size(plan, spread):
    files = [(320, 240), (240, 320)] * 10
    images = [(None, spread(4 * w, 4 * h, 4, seed), (w, h), 1) for seed, (w, h) in enumerate(files)]
    with pytest.raises(UserError, match="--boxes-for 1280x960"):
        plan(images)
    assert not plan(images, "1280x960").rejects


def test_only_the_resized_files_lie_beyond(plan, spread, boxes):
    """One split was resized. The flag leaves the files that have the size."""
    objects = [spread(1280, 960, 4, seed) for seed in range(60)]
    images = [(None, found, (1280, 960) if n > 5 else (320, 240), 1) for n, found in enumerate(objects)]
    with pytest.raises(UserError, match=r"of 24 boxes lie beyond.*--boxes-for 1280x960"):
        plan(images)
    assert boxes(plan(images, "1280x960"))[9] == [tuple(map(round, item.box_xyxy)) for item in objects[9]]


@pytest.mark.parametrize("wanted", ["auto", "640x480"])
def test_a_size_that_is_too_small_is_refused(plan, spread, wanted):
    images = [(None, spread(1280, 960, 4, seed), (320, 240), 1) for seed in range(30)]
    with pytest.raises(UserError, match="--boxes-for 1280x960"):
        plan(images, wanted)


def test_another_ratio_of_sides_is_said(plan, spread):
    """Images of 1280x960 in 320x320 pixels: padded, cropped or stretched."""
    images = [(None, spread(1280, 960, 4, seed), (320, 320), 1) for seed in range(30)]
    with pytest.raises(
        UserError, match=r"padded, cropped or stretched: the boxes reach 3.9\d* times .* right and 2.9\d* times"
    ):
        plan(images)


def overhanging(seed: int) -> tuple[Object, ...]:
    """Boxes of hidden bodies, which reach over the right and lower edge by a tenth."""
    start = 40.0 + seed
    return (Object("cat", (start, 30, 340, 250)), Object("cat", (start, 10, 90 + start, 255)))


def test_boxes_over_the_edge_are_no_larger_images(plan):
    planned = plan([(None, overhanging(seed), (320, 240), 1) for seed in range(30)])
    assert [notice.id for notice in planned.notices] == ["boxes_leave_images"]


@pytest.mark.parametrize(
    ("many", "by", "severity"), [(30, 20, "high"), (12, 20, "high"), (8, 20, "medium"), (30, 2, None)]
)
def test_a_third_of_the_boxes_over_the_edge_is_wrong(plan, many, by, severity):
    """One box in each of 30 images. Two pixels over the edge are rounding."""
    over, inside = (Object("cat", (200, 100, right, 200)) for right in (320 + by, 290))
    planned = plan([(None, (over if seed < many else inside,), (320, 240), 1) for seed in range(30)])
    found = [notice for notice in planned.notices if notice.id == "boxes_leave_images"]
    assert [notice.severity for notice in found] == ([severity] if severity else [])
    if severity == "high":
        assert found[0].title == f"{many / 30:.0%} of the boxes reach over the edge of their image"


def test_a_few_wrong_boxes_are_no_larger_images(plan, spread):
    wrong = (Object("cat", (900, 700, 1000, 800)),)
    planned = plan([(None, spread(320, 240, 4, s) + (wrong if s < 4 else ()), (320, 240), 1) for s in range(40)])
    assert planned.notices == []
    assert [reject.reason for reject in planned.rejects] == ["outside"] * 4


def test_boxes_in_a_corner_are_said(plan, spread):
    images = [(None, spread(320, 240, 4, seed), (640, 480), 1) for seed in range(30)]
    (notice,) = plan(images).notices
    assert (notice.id, notice.severity) == ("boxes_in_corner", "high")
    assert "--boxes-for" in notice.remedy
    assert plan(images, "320x240").notices == []


def test_a_few_images_with_boxes_in_a_corner_are_clean(plan, spread):
    assert plan([(None, spread(320, 240, 4, seed), (640, 480), 1) for seed in range(5)]).notices == []


def test_objects_at_a_fixed_place_are_clean(plan):
    """A camera above a belt: all objects lie in one place, away from the edges."""
    objects = [(Object("cat", (90.0 + seed, 60, 160 + seed, 150)),) for seed in range(60)]
    assert plan([(None, each, (640, 480), 1) for each in objects]).notices == []


def test_a_huge_name_is_shortened(plan, spread):
    with pytest.raises(UserError) as refused:
        plan([(None, spread(1280, 960, 4, seed), (320, 240), 1) for seed in range(30)])
    assert len(re.findall("0000.jpg", str(refused.value))) == 1 and len(str(refused.value)) < 900
