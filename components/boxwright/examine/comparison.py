"""Where two files of one detector part, such as a float and an int8 file."""

from collections.abc import Sequence
from pathlib import Path

from boxwright.core import coco_eval
from boxwright.core.artifacts.examination import Comparison
from boxwright.examine import opened
from boxwright.examine.reading.reading import Reading
from boxwright.examine.trial import Source, Trial, paired_interval, resampled


def compare(path: Path, first: Source, reading: Reading, trial: Trial, classes: Sequence[str]) -> Comparison:
    """The second detector on the same images, used in the same way. Raises UserError as `open_detector` does."""
    second = opened.open_detector(path, trial.files, len(classes), "")
    other = trial.with_source(second)
    found = trial.found(reading), other.found(reading)
    ap, other_ap = (coco_eval.evaluate(trial.groundtruth, list(one)) for one in found)
    per_class = {name: (values["AP"], other_ap["per_class"][name]["AP"]) for name, values in ap["per_class"].items()}
    return Comparison(
        detector=path.name,
        ap=ap["AP"] or 0.0,
        other_ap=other_ap["AP"] or 0.0,
        per_class=per_class,
        interval=paired_interval(*(resampled(trial.groundtruth, one) for one in found)),
        differs_first="",
    )
