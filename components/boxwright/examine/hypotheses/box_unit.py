"""The unit of the boxes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from boxwright.examine.hypotheses.hypothesis import Facts, Hypothesis, Other
from boxwright.examine.reading.reading import Reading, Unit

_NAMES: dict[Unit, str] = {
    "fractions": "fractions of the image",
    "input pixels": "pixels of the detector's input",
    "image pixels": "pixels of the image",
}


def others(reading: Reading, facts: Facts) -> Iterator[Other]:
    if facts.detector.kind != "ssd":
        return
    for unit in get_args(Unit):
        if unit != reading.unit and (unit != "input pixels" or facts.detector.height):
            yield Other(
                replace(reading, unit=unit),
                f"The boxes are in {_NAMES[unit]}, and are read as {_NAMES[reading.unit]}",
                f"Read the boxes as {_NAMES[unit]}.",
            )


HYPOTHESIS = Hypothesis("box_unit", others)
