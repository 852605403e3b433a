"""Boxes of polygons and masks, as COCO's segmentations and other formats have them."""

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate

Box = tuple[float, float, float, float]
# Characters of one run in COCO's compressed form, five bits each, and the largest run: 64 bits in all.
_LONGEST_RUN = 13
_LARGEST_RUN = 1 << 64


def box_xyxy(segmentation: object) -> Box:
    """The smallest box around a COCO segmentation, in pixels: a list of polygons, or a run-length encoding.

    Raises ValueError or TypeError for anything else, and for an empty segmentation.
    """
    if isinstance(segmentation, dict):
        return _box_from_runs(segmentation)
    if not isinstance(segmentation, list) or not any(segmentation):
        raise ValueError("no segmentation to derive it from")
    # Some exports write one polygon without the list around it.
    polygons = segmentation if isinstance(segmentation[0], list) else [segmentation]
    numbers = [[float(v) for v in polygon] for polygon in polygons]
    if any(len(p) < 6 or len(p) % 2 for p in numbers):
        raise ValueError("a polygon of the segmentation is not a list of three or more x, y")
    return box_around((x, y) for polygon in numbers for x, y in zip(polygon[::2], polygon[1::2], strict=True))


def box_around(points: Iterable[tuple[float, float]]) -> Box:
    """The smallest box around (x, y) points; of NaN if a coordinate is NaN. Raises ValueError if there are no points."""
    xs, ys = zip(*points, strict=True)
    if math.isnan(sum(xs) + sum(ys)):  # min and max would ignore NaN
        return math.nan, math.nan, math.nan, math.nan
    return min(xs), min(ys), max(xs), max(ys)


def _box_from_runs(encoding: dict) -> Box:
    """Runs of 0 and 1 in turn, down the columns from the left (pycocotools: `rleToBbox`)."""
    height, width = (int(side) for side in encoding.get("size", ()))
    counts = encoding.get("counts", ())
    runs = _runs_from_text(counts) if isinstance(counts, str) else [int(run) for run in counts]
    if runs and max(runs) > _LARGEST_RUN:
        raise ValueError("a run of the run-length encoding is no number of pixels")
    ends = list(accumulate(runs))
    spans = [(start, end) for start, end in zip(ends[::2], ends[1::2], strict=False) if end > start]
    if not spans or spans[0][0] < 0 or spans[-1][1] > height * width:
        raise ValueError("the run-length encoding is empty or larger than its size")
    # A run that continues in the next column touches the bottom of one column and the top of the next.
    whole = any(start // height != (end - 1) // height for start, end in spans)
    top = 0 if whole else min(start % height for start, _ in spans)
    bottom = height if whole else max((end - 1) % height for _, end in spans) + 1
    return float(spans[0][0] // height), float(top), float((spans[-1][1] - 1) // height + 1), float(bottom)


def _runs_from_text(text: str) -> Sequence[int]:
    """COCO's compressed runs (pycocotools: `rleFrString`).

    Each character from `0` on holds five bits; bit 32 says that more follow; bit 16 of the last one is the sign. From the
    fourth run on, a value is the difference to the run before the last. Raises ValueError for a run of more characters than a
    64-bit number has: adding them up would take quadratic time.
    """
    runs: list[int] = []
    value = shift = 0
    for code in (ord(character) - 48 for character in text):
        value |= (code & 31) << shift
        shift += 5
        if shift > 5 * _LONGEST_RUN:
            raise ValueError("a run of the run-length encoding is no number of pixels")
        if not code & 32:
            value -= (1 << shift) if code & 16 else 0
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    return runs
