"""Where two files of one detector part, such as a float and an int8 file."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from boxwright.core import coco_eval
from boxwright.core.artifacts.examination import Comparison
from boxwright.core.findings import Evidence, Finding
from boxwright.examine import opened
from boxwright.examine.reading.reading import Reading
from boxwright.examine.trial import Source, Trial, paired_interval, resampled

# A difference of AP that matters to everybody, in 0..1.
_MUCH = 0.1


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
    )


def finding(second: Comparison | None, first: str, images: int) -> Iterator[Finding]:
    """A finding if one of the two files is worse beyond the noise of the images. first: name of the first file."""
    if second is None or second.interval[0] <= 0 <= second.interval[1]:
        return
    low, high = second.interval
    worse, better = (second.detector, first) if high < 0 else (first, second.detector)
    losses = {name: abs((one or 0.0) - (other or 0.0)) for name, (one, other) in second.per_class.items()}
    ap, other_ap = 100 * second.ap, 100 * second.other_ap
    most = max(losses, key=lambda name: losses[name], default="")
    yield Finding(
        id="file_is_worse",
        cause="model_errors",
        severity="high" if abs(second.ap - second.other_ap) > _MUCH else "medium",
        title=f"{worse} is worse than {better}, most of all for {most}",
        claim=(
            f"On {images} images, AP is {ap:.1f} with {first} and {other_ap:.1f} with {second.detector} (difference "
            f"{100 * low:.1f} to {100 * high:.1f}); for {most} they differ by {100 * losses.get(most, 0):.1f}."
        ),
        evidence=(
            Evidence(
                metric="difference of AP",
                value=second.other_ap - second.ap,
                n=images,
                interval=second.interval,
                seed=0,
                where="examination.json: second",
            ),
        ),
        remedy=f"Use {better}, or quantise again with images of training, resized and scaled as the detector is fed.",
        expected_effect="not measured here",
    )
