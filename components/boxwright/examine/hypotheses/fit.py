"""How an image of another shape is brought to the shape of the input."""

from collections.abc import Iterator
from dataclasses import replace

from boxwright.examine.hypotheses.hypothesis import Facts, Hypothesis, Other
from boxwright.examine.reading.reading import Reading

_TITLES = {
    "letterbox": "The detector expects images with a border that keeps their shape, and is fed stretched ones",
    "stretch": "The detector expects stretched images, and is fed images with a border that keeps their shape",
}
_REMEDIES = {
    "letterbox": "Scale both sides by the same factor, and fill the rest of the input with gray (114).",
    "stretch": "Resize each side to the side of the input, without a border.",
}


def others(reading: Reading, facts: Facts) -> Iterator[Other]:
    if facts.detector.height:
        fit = "stretch" if reading.feeding.fit == "letterbox" else "letterbox"
        yield Other(replace(reading, feeding=replace(reading.feeding, fit=fit)), _TITLES[fit], _REMEDIES[fit])


HYPOTHESIS = Hypothesis("fit", others)
