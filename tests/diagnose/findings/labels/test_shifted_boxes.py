# environment: data
"""Boxes that lie beside their objects: planted by hand, and absent in clean data of several kinds."""

from dataclasses import replace

import numpy as np
import pytest
from present import present

from boxwright.diagnose.findings.labels.shifted_boxes import Judged, _shifted, judge, shifted
from boxwright.diagnose.measures import template_shift
from boxwright.diagnose.measures.object_crops import MARGIN, SIDE, Crops, cut, short_sides

WIDE = SIDE + 2 * MARGIN


def square(down=0, right=0):
    """A crop of a white square on black that is `down` and `right` pixels away from its box."""
    pixels = np.zeros((WIDE, WIDE), np.float32)
    pixels[MARGIN + down : MARGIN + down + SIDE, MARGIN + right : MARGIN + right + SIDE] = 1
    return pixels


def crops_of(pixels, ids=None, alone=None, side=24):
    n = len(pixels)
    ids = np.ones(n, int) if ids is None else np.array(ids)
    alone = np.ones(n, bool) if alone is None else alone
    files = np.array([f"{i}.jpg" for i in range(n)])
    return Crops(np.asarray(pixels, np.float32), ids, alone, np.array(["train"] * n), files, sides=np.full(n, side))


@pytest.mark.parametrize("moved", [(0, 0), (3, 0), (0, -4), (-6, 6), (7, -7)])
def test_measures_how_far_a_square_is_from_its_box(moved):
    fit = template_shift.fit(np.stack([square()] * 30 + [square(*moved)]))
    assert fit.shift[-1].tolist() == list(moved) and fit.shift[0].tolist() == [0, 0]
    assert fit.best[-1] == pytest.approx(fit.best[0], abs=0.05)
    assert fit.own[0] == fit.best[0] > 0.95


@pytest.mark.parametrize(("moved", "hits"), [((0, 3), 1), ((0, 2), 0), ((-4, 4), 1)])
def test_a_box_is_shifted_by_an_eighth_of_a_side(moved, hits):
    found = shifted(template_shift.fit(np.stack([square()] * 30 + [square(*moved)])))
    assert present(found).sum() == hits


def test_all_shifted_classes_are_one_finding():
    pixels = [square()] * 35 + [square(4, 4)] * 5 + [square()] * 40
    finding = present(judge(crops_of(pixels * 2, ids=([1] * 40 + [2] * 40) * 2), ("cat", "dog")))
    assert finding.title == "12% of the boxes of cat are shifted away from their object"
    assert [(row.subject, row.value, row.n) for row in finding.evidence] == [("cat", 0.125, 80)]
    assert finding.items == tuple(f"{i}.jpg" for i in (*range(35, 40), *range(115, 120)))
    both = present(judge(crops_of((pixels[:40] * 2) * 2, ids=([1] * 40 + [2] * 40) * 2), ("cat", "dog")))
    assert {row.subject for row in both.evidence} == {"cat", "dog"} and "of 2 classes" in both.title


def test_overlapped_objects_are_not_judged():
    """Other boxes overlap ten of eighty squares. Edges are beside these boxes, but the boxes are right."""
    pixels = [square()] * 70 + [square(4, 4)] * 10
    assert judge(crops_of(pixels), ("cat",))
    assert judge(crops_of(pixels, alone=np.arange(80) < 70), ("cat",)) is None


def test_one_odd_box_is_chance():
    assert judge(crops_of([square()] * 29 + [square(4, 4)]), ("cat",)) is None


@pytest.mark.parametrize(("side", "found"), [(24, True), (23, False), (13, False)])
def test_a_shift_of_less_than_three_pixels_is_not_measured(side, found):
    pixels = [square()] * 40 + [square(4, 4)] * 20
    assert bool(judge(crops_of(pixels, side=side), ("cat",))) == found


def test_a_class_whose_objects_fit_elsewhere_needs_more_hits():
    """4 of 50 are more than the chance of a class at rest, and less than that of a class of which 42 % fit elsewhere."""
    hits = np.arange(50) < 4
    assert _shifted([Judged("still", hits, np.full(50, "a.jpg"), 0.015)])
    assert _shifted([Judged("at all angles", hits, np.full(50, "a.jpg"), 0.042)]) == []


@pytest.mark.parametrize(("shifted", "severity"), [(5, "medium"), (12, "high")])
def test_a_few_shifted_boxes_are_no_high_severity(shifted, severity):
    pixels = [square()] * (60 - shifted) + [square(4, 4)] * shifted
    assert present(judge(crops_of(pixels), ("cat",))).severity == severity


def hand_drawn(random, n, side):
    """(crops, shorter sides) of people drawn on images of noise. Each side of a box is up to two pixels beside its object."""
    for _ in range(n):
        image = random.normal(0.3, 0.05, (4 * side, 4 * side))
        high, wide = (int(side * random.uniform(1, 1.3)) for _ in range(2))
        y, x = random.integers(side, 2 * side, 2)
        image[y : y + high, x + wide // 4 : x + wide - wide // 4] += 0.4
        image[y + high // 3 : y + high // 2, x : x + wide] += 0.3
        boxes = (np.array([[y, x, y + high, x + wide]]) + random.integers(-2, 3, 4)) / len(image)
        grey = (255 * np.clip(image, 0, 1)).astype(np.uint8)
        for pixels, *_ in cut(grey, boxes, np.ones(1, int)):
            yield pixels, short_sides(boxes, *grey.shape)[0]


@pytest.mark.parametrize("side", [13, 26, 60])
@pytest.mark.parametrize("seed", range(3))
def test_hand_drawn_boxes_are_not_shifted(seed, side):
    """Two pixels are 15 % of a side of 13 pixels: that is how people draw, not a shift."""
    pixels, sides = zip(*hand_drawn(np.random.default_rng(seed), 400, side), strict=True)
    assert judge(replace(crops_of(pixels), sides=np.array(sides)), ("person",)) is None


@pytest.mark.parametrize("seed", range(2))
def test_objects_that_look_unlike_are_not_judged(seed):
    random = np.random.default_rng(seed)
    assert shifted(template_shift.fit(random.random((60, WIDE, WIDE)).astype(np.float32))) is None


def enlarged(canvas):
    """Twice as large, so that the objects have the pixels that a judgement needs."""
    return canvas.repeat(2, 0).repeat(2, 1)


def bricks(random, high, wide, gap, jitter):
    """A wall (uint8) of bricks with gaps, in random grey, and the boxes around half of the bricks."""
    canvas = np.full((12 * high, 12 * wide), random.uniform(0.2, 0.8))
    boxes = []
    for row in range(1, 11):
        for column in range(1, 11):
            down, right = random.integers(-jitter, jitter + 1, 2)
            y, x = int(row * high + down), int(column * wide + row % 2 * wide // 2 + right)
            canvas[y : y + high - gap, x : x + wide - gap] = random.uniform(0.1, 0.9)
            boxes.append((y, x, y + high - gap, x + wide - gap))
    canvas = enlarged(canvas) + random.normal(0, 0.03, (24 * high, 24 * wide))
    sides = 2 * np.array(boxes)[random.random(len(boxes)) < 0.5] / np.tile(canvas.shape, 2)
    return (255 * np.clip(canvas, 0, 1)).astype(np.uint8), sides


def striped(random):
    """A keyboard, a shelf or rows of crops (uint8): light bars that all look alike, and the boxes around half of them."""
    period, thick = int(random.integers(18, 30)), int(random.integers(13, 16))
    canvas = np.full((400, 400), 0.3) + random.normal(0, 0.05, (400, 400))
    starts = np.arange(period, 400 - 2 * period, period)
    for x in starts:
        canvas[40:360, x : x + thick] += random.uniform(0.2, 0.5)
    chosen = starts[random.random(len(starts)) < 0.5]
    sides = np.array([(40, x, 360, x + thick) for x in chosen]).reshape(-1, 4) / 400
    canvas = enlarged(canvas)
    return (255 * np.clip(canvas, 0, 1)).astype(np.uint8), sides


REPEATING = {
    "bricks": lambda random: bricks(random, 20, 40, 3, 1),
    "tiles without a gap": lambda random: bricks(random, 24, 24, 0, 0),
    "keys far apart": lambda random: bricks(random, 30, 30, 10, 2),
    "shelves": striped,
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", REPEATING)
def test_well_centred_boxes_in_repeating_structures(kind, seed):
    random = np.random.default_rng(seed)
    made = [REPEATING[kind](random) for _ in range(12)]
    pixels = [p for image, boxes in made for p, _, _ in cut(image, boxes, np.ones(len(boxes), int))]
    sides = np.concatenate([short_sides(boxes, *image.shape) for image, boxes in made])
    assert len(pixels) == len(sides) >= 60 and sides.min() >= 24, "smaller ones are not judged"
    assert judge(replace(crops_of(pixels), sides=sides), ("brick",)) is None
