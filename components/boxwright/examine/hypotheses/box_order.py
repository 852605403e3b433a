"""The order of a box's four numbers."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from boxwright.examine.hypotheses.hypothesis import Facts, Hypothesis, Other
from boxwright.examine.reading.reading import Order, Reading

NAMES: dict[Order, str] = {
    "yxyx": "ymin, xmin, ymax, xmax",
    "xyxy": "xmin, ymin, xmax, ymax",
    "cxcywh": "centre x, centre y, width, height",
    "xywh": "xmin, ymin, width, height",
}


def others(reading: Reading, facts: Facts) -> Iterator[Other]:
    if facts.detector.kind != "ssd":
        return
    for order in get_args(Order):
        if order != reading.order:
            yield Other(
                replace(reading, order=order),
                f"The numbers of a box are {NAMES[order]}, and are read as {NAMES[reading.order]}",
                f"Read the four numbers of each box as {NAMES[order]}.",
            )


HYPOTHESIS = Hypothesis("box_order", others)
