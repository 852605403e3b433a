"""Examples of boxes: objects that are boxed twice, what a random crop leaves of them, and copies of one picture."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from boxwright.core import boxes
from boxwright.core.findings import Finding
from boxwright.diagnose import distinct_pictures
from boxwright.diagnose.data import SIDES, Data, rows
from boxwright.diagnose.findings.examples import Box, Example, Mark, View, box, close_up, side_by_side
from boxwright.diagnose.findings.kind import Shown
from boxwright.diagnose.measures import crop_simulation
from boxwright.diagnose.measures.crop_simulation import CUT
from boxwright.diagnose.measures.double_boxes import double_boxes

_MOST, _SEED, _IMAGES = 6, 0, 500


def boxed_twice(finding: Finding, shown: Shown) -> Iterator[Example]:
    """Objects with two boxes, of one class or of two, as the finding says."""
    return side_by_side(list(_twice(shown.data.distinct, same=finding.id == "duplicate_boxes")))


def _twice(data: Data, *, same: bool) -> Iterator[View]:
    objects = data.with_files(data.objects_in("train").sort_values("image_id", kind="stable"))
    pairs, agree = double_boxes(data)
    for first, second in pairs[agree == same][:_MOST]:
        a, b = objects.iloc[first], objects.iloc[second]
        one, other = box(a[SIDES]), box(b[SIDES])
        marks = (Mark(one, "red", "a box"), Mark(other, "green", "the second box of the object"))
        yield View(
            a.filename, marks, a["class"] if same else f"{a['class']} and {b['class']}", close_up(one, other, times=2)
        )


def random_crops(finding: Finding, shown: Shown) -> Iterator[Example]:
    """Training images beside random crops of them that lose or cut objects."""
    data = shown.data.distinct
    images = data.images_in("train")
    images = rows(images, images.image_id.isin(data.objects_in("train").image_id)).iloc[:_IMAGES]
    for _, image in images.iterrows():
        mine = rows(data.objects, data.objects.image_id == image.image_id)[SIDES].to_numpy(np.float32)
        window = _spoiling(mine, (int(image.height), int(image.width)))
        if window is not None:
            yield _crop(image.filename, mine, window)


def _spoiling(mine: np.ndarray, size: tuple[int, int]) -> np.ndarray | None:
    """A window that loses or cuts objects and keeps one, if one of the first few does."""
    random, tries = np.random.default_rng(_SEED), 8
    many = np.tile(mine, (tries, 1)), np.repeat(np.arange(tries), len(mine))
    windows, shares = crop_simulation.random_windows(*many, np.tile(size, (tries, 1)), random)
    for window, least in zip(windows, shares, strict=True):
        seen = crop_simulation.visible(mine, np.tile(window, (len(mine), 1)), np.full(len(mine), least))
        if (seen > 0).any() and (seen < CUT).any():
            return window
    return None


def _crop(filename: str, mine: np.ndarray, window: np.ndarray) -> Example:
    whole: Box = box(window)
    shares = boxes.area(boxes.clip(mine, window)) / np.maximum(boxes.area(mine), 1e-12)
    marks = [_kept(box(one), share) for one, share in zip(mine, shares, strict=True)]
    seen = tuple(mark for mark, share in zip(marks, shares, strict=True) if share > 0)
    before = View(filename, (*marks, Mark(whole, "blue", "a random crop")), "the image")
    return Example((before, View(filename, seen, "what training sees", whole)), whole=True)


def _kept(one: Box, share: float) -> Mark:
    if share >= CUT:
        return Mark(one, "green", "an object that is kept")
    return Mark(one, "red", "an object that is lost or cut")


def copies(finding: Finding, shown: Shown) -> Iterator[Example]:
    """Training images that show one picture, side by side."""
    images = shown.data.images_in("train")
    groups = pd.Series(images.filename.to_numpy()).groupby(distinct_pictures.same_pictures(images).groups)
    kept = set(shown.data.distinct.images_in("train").filename)
    alike = (names for _, group in groups if len(names := list(group)) > 1 and not set(names) <= kept)
    for names, _ in zip(alike, range(_MOST), strict=False):
        yield Example(tuple(View(name) for name in names[:3]), whole=True)
