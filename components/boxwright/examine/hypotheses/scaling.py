"""The range of the pixels."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from boxwright.examine.hypotheses.hypothesis import Facts, Hypothesis, Other
from boxwright.examine.reading.reading import Reading
from boxwright.examine.running.raw import Scaling

RANGES: dict[Scaling, str] = {"symmetric": "-1..1", "unit": "0..1", "pixels": "0..255"}
_HOW: dict[Scaling, str] = {
    "symmetric": "image / 127.5 - 1",
    "unit": "image / 255",
    "pixels": "image.astype('float32')",
}


def others(reading: Reading, facts: Facts) -> Iterator[Other]:
    if facts.detector.scales_itself or facts.detector.takes != "float32":
        return
    now = reading.feeding.scaling
    for scaling in get_args(Scaling):
        if scaling != now:
            yield Other(
                replace(reading, feeding=replace(reading.feeding, scaling=scaling)),
                f"The detector expects pixels in {RANGES[scaling]}, and is fed {RANGES[now]}",
                f"Scale the pixels as `{_HOW[scaling]}` before the detector.",
            )


HYPOTHESIS = Hypothesis("scaling", others)
