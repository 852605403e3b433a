# environment: data
"""Files of another size than their annotations claim: the boxes decide which of the two is the frame."""

import pytest

from boxwright.convert.reading.source import Object
from boxwright.core.runtime.errors import UserError


def noticed(planned) -> list[str]:
    return [notice.id for notice in planned.notices]


def rounded(objects, factor: float = 1) -> list[tuple[int, ...]]:
    return [tuple(round(side * factor) for side in item.box_xyxy) for item in objects]


@pytest.mark.parametrize("factor", [4, 2, 1.25])
@pytest.mark.parametrize("count", [8, 60])
def test_smaller_files_are_scaled(plan, spread, boxes, factor, count):
    objects = [spread(320, 240, 4, seed, factor) for seed in range(count)]
    planned = plan([((int(320 * factor), int(240 * factor)), found, (320, 240), 1) for found in objects])
    assert noticed(planned) == ["boxes_scaled"]
    assert boxes(planned) == [rounded(found, 1 / factor) for found in objects]


def test_larger_files_are_scaled_if_boxes_fill_the_claim(plan, spread, boxes):
    objects = [spread(320, 240, 4, seed) for seed in range(20)]
    planned = plan([((320, 240), found, (640, 480), 1) for found in objects])
    assert noticed(planned) == ["boxes_scaled"]
    assert boxes(planned) == [rounded(found, 2) for found in objects]


def test_each_image_may_have_its_own_factor(plan, spread, boxes):
    """A resize to a longest side of 300 pixels leaves the ratio of each image."""
    sizes = [(600, 400), (450, 600), (1200, 900), (333, 500)] * 5
    files = [(300, 200), (225, 300), (300, 225), (200, 300)] * 5
    objects = [spread(*size, 4, seed) for seed, size in enumerate(sizes)]
    planned = plan([(size, found, file, 1) for size, found, file in zip(sizes, objects, files, strict=True)])
    assert noticed(planned) == ["boxes_scaled"]
    assert boxes(planned)[2] == rounded(objects[2], 1 / 4)
    assert len(planned.images) == 20


@pytest.mark.parametrize(("file", "claim"), [((320, 240), (1280, 960)), ((1280, 960), (320, 240))])
def test_scaled_boxes_with_old_sizes_are_left_as_they_are(plan, spread, boxes, file, claim):
    """A script resized images and boxes, and forgot the sizes."""
    objects = [spread(*file, 4, seed) for seed in range(20)]
    planned = plan([(claim, found, file, 1) for found in objects])
    assert noticed(planned) == ["annotated_sizes_wrong"]
    assert boxes(planned) == [rounded(found) for found in objects]


def test_a_part_of_the_images_was_resized(plan, spread, boxes):
    objects = [spread(640, 480, 4, seed) for seed in range(30)]
    planned = plan([((640, 480), found, (640, 480) if n % 3 else (320, 240), 1) for n, found in enumerate(objects)])
    assert noticed(planned) == ["boxes_scaled"]
    assert boxes(planned)[:2] == [rounded(objects[0], 0.5), rounded(objects[1])]


def test_few_boxes_in_a_corner_do_not_decide(plan):
    """Three boxes that fit both sizes: the images are left out, and the notice names the flags."""
    corner = (Object("cat", (10, 10, 60, 60)),)
    images = [((640, 480), corner, (320, 240), 1)] * 3
    planned = plan([*images, ((320, 240), corner, (320, 240), 1)])
    assert noticed(planned) == ["sizes_undecided"]
    assert [reject.reason for reject in planned.rejects].count("size_mismatch") == 3
    with pytest.raises(UserError, match=r"--boxes-for annotated.*--boxes-for stored"):
        plan(images)


@pytest.mark.parametrize(
    ("claim", "file"), [((1280, 960), (300, 300)), ((640, 480), (640, 640)), ((500, 375), (300, 200))]
)
def test_another_ratio_of_sides_is_not_scaled(plan, spread, claim, file):
    """Padded, cropped and stretched images look alike."""
    with pytest.raises(UserError, match=f"annotated {claim[0]}x{claim[1]}, the file is {file[0]}x{file[1]}.*stretched"):
        plan([(claim, spread(*claim, 4, seed), file, 1) for seed in range(12)])


def test_equal_ratios_among_padded_images_are_not_scaled(plan, spread):
    """All files are 300x300 with borders. Those that were square before are left out with the others."""
    claims = [(400, 300), (300, 400), (600, 600), (640, 480)] * 5
    with pytest.raises(UserError, match="20 images have another size"):
        plan([(claim, spread(*claim, 4, seed), (300, 300), 1) for seed, claim in enumerate(claims)])


def test_one_foreign_image_is_left_out(plan, spread):
    objects = [spread(640, 480, 4, seed) for seed in range(10)]
    planned = plan([((640, 480), found, (640, 480) if n else (333, 500), 1) for n, found in enumerate(objects)])
    assert noticed(planned) == ["ratio_differs"]
    assert len(planned.images) == 9


@pytest.mark.parametrize("sizes", [((641, 480), (640, 480)), ((640, 481), (640, 480)), ((1365, 1024), (1366, 1024))])
def test_sizes_that_differ_by_a_pixel_are_scaled(plan, sizes):
    planned = plan([(sizes[0], (Object("cat", (10, 10, 60, 60)),), sizes[1], 1)])
    assert noticed(planned) == ["boxes_scaled"]


def test_fractions_stay_right_at_any_size(plan, boxes):
    """As in TFRecords whose script resized the image and kept its old size."""
    planned = plan([((1280, 960), (Object("cat", (0.25, 0.5, 0.75, 1)),), (320, 240), 1)] * 4, fractions=True)
    assert noticed(planned) == ["sizes_of_fractions"]
    assert boxes(planned)[0] == [(80, 120, 240, 240)]


def test_nonsensical_sizes_are_left_out(plan, spread):
    good = ((320, 240), spread(320, 240), (320, 240), 1)
    huge = ((4 * 10**4000, 3 * 10**4000), spread(320, 240, seed=1), (320, 240), 1)
    for wanted in ("auto", "annotated", "stretched"):
        assert [reject.reason for reject in plan([good, huge], wanted).rejects].count("size_mismatch") == 1


class TestExchanged:
    """Scripts that take numpy's shape for (width, height)."""

    @pytest.mark.parametrize("count", [2, 12, 60])
    def test_boxes_that_fit_the_file_are_read(self, plan, spread, boxes, count):
        objects = [spread(320, 240, 4, seed) for seed in range(count)]
        planned = plan([((240, 320), found, (320, 240), 1) for found in objects])
        assert noticed(planned) == ["sides_exchanged"]
        assert boxes(planned) == [rounded(found) for found in objects]

    def test_portrait_and_landscape(self, plan, spread, boxes):
        sizes = [(320, 240), (240, 320), (300, 300)] * 6
        objects = [spread(*size, 4, seed) for seed, size in enumerate(sizes)]
        planned = plan([(size[::-1], found, size, 1) for size, found in zip(sizes, objects, strict=True)])
        assert noticed(planned) == ["sides_exchanged"]
        assert boxes(planned) == [rounded(found) for found in objects]

    def test_resized_as_well(self, plan, spread, boxes):
        objects = [spread(1280, 960, 4, seed) for seed in range(12)]
        planned = plan([((960, 1280), found, (320, 240), 1) for found in objects])
        assert noticed(planned) == ["sides_exchanged", "boxes_scaled"]
        assert boxes(planned) == [rounded(found, 1 / 4) for found in objects]

    def test_images_turned_after_labelling_are_refused(self, plan, spread):
        with pytest.raises(UserError, match=r"turned by 90 degrees.*Turn the images back"):
            plan([((240, 320), spread(240, 320, 4, seed), (320, 240), 1) for seed in range(12)])

    def test_boxes_that_fit_both_are_refused(self, plan):
        middle = (Object("cat", (60, 60, 180, 180)),)
        images = [((240, 320), middle, (320, 240), 1)] * 12
        with pytest.raises(UserError, match=r"annotated 240x320.*exchanged.*--boxes-for stored"):
            plan(images)
        assert len(plan(images, "stored").images) == 12

    def test_whole_pixels_show_the_sides_of_fractions(self, plan, spread, boxes, fractions_of):
        """As in TFRecords. The file is 320x240; the boxes were drawn on it, or on 240x320 before it was turned."""
        drawn = [spread(320, 240, 4, seed) for seed in range(6)]
        images = [((240, 320), fractions_of(found, 320, 240), (320, 240), 1) for found in drawn]
        planned = plan(images, fractions=True)
        assert noticed(planned) == ["sides_exchanged"]
        assert boxes(planned) == [rounded(found) for found in drawn]
        turned = [((240, 320), fractions_of(spread(240, 320, 4, s), 240, 320), (320, 240), 1) for s in range(6)]
        with pytest.raises(UserError, match="turned by 90 degrees"):
            plan(turned, fractions=True)

    def test_fractions_of_no_whole_pixels_are_refused(self, plan):
        odd = (Object("cat", (0.1234, 0.2345, 0.4567, 0.6789)),)
        with pytest.raises(UserError, match="--boxes-for stored"):
            plan([((240, 320), odd, (320, 240), 1)] * 6, fractions=True)

    def test_fractions_of_the_wrong_sides_are_refused(self, plan, spread, fractions_of):
        images = [((240, 320), fractions_of(spread(320, 240, 4, s), 240, 320), (320, 240), 1) for s in range(12)]
        with pytest.raises(UserError, match="x was divided by the height"):
            plan(images, fractions=True)
