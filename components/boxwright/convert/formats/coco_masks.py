"""Boxes of COCO segmentations: polygons, and run-length encodings as numbers or as text."""

from collections.abc import Sequence
from itertools import accumulate

Box = tuple[float, float, float, float]


def box_xyxy(segmentation: object) -> Box:
    """The smallest box around all parts, in pixels. Raises ValueError or TypeError for what is no segmentation or is empty."""
    if isinstance(segmentation, dict):
        return _of_runs(segmentation)
    if not isinstance(segmentation, list) or not any(segmentation):
        raise ValueError("no segmentation to derive it from")
    # Some exports write one polygon without the list around it.
    polygons = segmentation if isinstance(segmentation[0], list) else [segmentation]
    points = [[float(v) for v in polygon] for polygon in polygons]
    if any(len(p) < 6 or len(p) % 2 for p in points):
        raise ValueError("a polygon of the segmentation is no list of three or more x, y")
    xs, ys = ([v for p in points for v in p[first::2]] for first in (0, 1))
    return min(xs), min(ys), max(xs), max(ys)


def _of_runs(encoding: dict) -> Box:
    """Runs of 0 and 1 in turn, down the columns from the left (pycocotools: `rleToBbox`)."""
    height, width = (int(side) for side in encoding.get("size", ()))
    counts = encoding.get("counts", ())
    ends = list(accumulate(_runs_of_text(counts) if isinstance(counts, str) else map(int, counts)))
    spans = [(start, end) for start, end in zip(ends[::2], ends[1::2], strict=False) if end > start]
    if not spans or spans[0][0] < 0 or spans[-1][1] > height * width:
        raise ValueError("the run-length encoding is empty or larger than its size")
    # A run that goes on into the next column reaches the bottom of one and the top of the other.
    whole = any(start // height != (end - 1) // height for start, end in spans)
    top = 0 if whole else min(start % height for start, _ in spans)
    bottom = height if whole else max((end - 1) % height for _, end in spans) + 1
    return float(spans[0][0] // height), float(top), float((spans[-1][1] - 1) // height + 1), float(bottom)


def _runs_of_text(text: str) -> Sequence[int]:
    """Five bits a character from `0` on, bit 32 says more follow, the last one's bit 16 is the sign; from the fourth on, runs
    are differences to the one before last (pycocotools: `rleFrString`)."""
    runs: list[int] = []
    value = shift = 0
    for code in (ord(character) - 48 for character in text):
        value |= (code & 31) << shift
        shift += 5
        if not code & 32:
            value -= (1 << shift) if code & 16 else 0
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    return runs
