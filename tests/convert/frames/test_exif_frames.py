# environment: data
"""Images that EXIF turns: which of the two frames the boxes were drawn on."""

import pytest

from boxwright.convert.reading.source import Object


def frame_notices(planned) -> dict[str, str]:
    return {notice.id: notice.severity for notice in planned.notices}


def turned(planned) -> set[bool]:
    return {image.upright for image in planned.images}


@pytest.mark.parametrize("orientation", [6, 8])
@pytest.mark.parametrize(("drawn", "upright", "severity"), [((320, 240), False, "low"), ((240, 320), True, "info")])
@pytest.mark.parametrize("fractions", [False, True])
def test_the_boxes_show_the_frame(plan, spread, orientation, drawn, upright, severity, fractions, fractions_of):
    """The stored pixels are 320x240. Boxes in pixels fit one frame only; fractions are whole pixels in one frame only."""
    found = [spread(*drawn, 3, seed) for seed in range(6)]
    objects = [fractions_of(each, *drawn) for each in found] if fractions else found
    planned = plan([(None, each, (320, 240), orientation) for each in objects], fractions=fractions)
    assert turned(planned) == {upright}
    assert frame_notices(planned) == {"exif_frame_found": severity}


def test_large_photos_show_the_frame(plan, spread, fractions_of):
    """With six digits, a fraction of 4032 pixels is known to a hundredth of a pixel."""
    objects = [fractions_of(spread(4032, 3024, 3, seed), 4032, 3024) for seed in range(4)]
    assert turned(plan([(None, each, (4032, 3024), 6) for each in objects], fractions=True)) == {False}


def test_fractions_of_no_whole_pixels_leave_it_open(plan):
    objects = (Object("cat", (0.1234, 0.2345, 0.4567, 0.6789)),)
    planned = plan([(None, objects, (320, 240), 6)] * 6, fractions=True)
    assert turned(planned) == {True}
    assert frame_notices(planned) == {"exif_frame_assumed": "medium"}
    (claim,) = (notice.claim for notice in planned.notices)
    assert all(word in claim for word in ("labelImg", "darknet", "Yolo_mark", "Assumed: on the turned one"))


@pytest.mark.parametrize(("wanted", "upright"), [("upright", True), ("stored", False)])
def test_boxes_for_chooses_the_frame(plan, wanted, upright):
    objects = (Object("cat", (0.1234, 0.2345, 0.4567, 0.6789)),)
    planned = plan([(None, objects, (320, 240), 6)] * 6, wanted, fractions=True)
    assert turned(planned) == {upright} and planned.notices == []


def test_backgrounds_need_no_notice(plan):
    labelled = (None, (Object("cat", (10, 10, 60, 60)),), (320, 240), 1)
    assert plan([labelled, (None, (), (320, 240), 6)]).notices == []


@pytest.mark.parametrize(("claim", "upright"), [((320, 240), False), ((240, 320), True)])
def test_claimed_sizes_decide(plan, spread, claim, upright):
    """Half turns leave the sides as they are: such images follow the others."""
    images = [(claim, spread(*claim, 3, seed), (320, 240), 6) for seed in range(6)]
    planned = plan([*images, ((320, 240), spread(320, 240), (320, 240), 3)])
    assert turned(planned) == {upright} and planned.notices == []


def test_half_turns_alone_leave_it_open(plan, spread):
    planned = plan([((320, 240), spread(320, 240, 3, seed), (320, 240), 3) for seed in range(4)])
    assert turned(planned) == {True}
    assert frame_notices(planned) == {"exif_frame_assumed": "low"}


def test_boxes_outweigh_a_wrong_claim(plan, spread):
    """A script wrote the size of the stored pixels to boxes that were drawn on the turned image."""
    planned = plan([((320, 240), spread(240, 320, 3, seed), (320, 240), 6) for seed in range(8)])
    assert turned(planned) == {True}
    assert "exif_frame_found" in frame_notices(planned)


@pytest.mark.parametrize(("claim", "upright"), [((960, 1280), True), ((1280, 960), False)])
def test_resized_images_that_kept_their_exif(plan, spread, boxes, claim, upright):
    objects = [spread(*claim, 4, seed) for seed in range(12)]
    planned = plan([(claim, found, (320, 240), 6) for found in objects])
    assert turned(planned) == {upright}
    assert boxes(planned)[0][0] == tuple(round(side / 4) for side in objects[0][0].box_xyxy)
