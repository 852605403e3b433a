"""How the user's program feeds the detector: the way of feeding that gives the detections that the program wrote."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, get_args

from boxwright.core import coco_eval
from boxwright.core.artifacts.coco import Detection, GroundTruth
from boxwright.core.findings import Evidence, Finding
from boxwright.examine import words
from boxwright.examine.reading import detections
from boxwright.examine.reading.reading import Channels, Feeding, Fit, Reading
from boxwright.examine.running.detections_json import JsonSource
from boxwright.examine.running.raw import Detector, Scaling
from boxwright.examine.trial import Trial, size

# The best way of feeding must agree this well (AP, with the program's detections as the truth), and this much better than the
# best other one.
_LEAST, _AHEAD = 0.3, 0.03


class Fed(NamedTuple):
    """feeding: of the program. agreement: AP in 0..1 with its detections as the truth. next: that of the second best way."""

    feeding: Feeding
    agreement: float
    next: float


def fed(trial: Trial, program: JsonSource, reading: Reading) -> Fed | None:
    """None if no way of feeding gives the program's detections, or if several do. Classes do not count: names may differ."""
    one = replace(reading, classes=(1,) * len(reading.classes))
    other = trial.with_truth(as_truth(trial, program, reading), ("object",))
    ways = different(other, one, feedings(reading.feeding, trial.detector))
    aps = [(other.ap(replace(one, feeding=way)), way) for way in ways]
    (best, way), (second, _), *_ = [*sorted(aps, key=lambda row: -row[0]), (0.0, reading.feeding)]
    return Fed(way, best, second) if best >= _LEAST and best - second >= _AHEAD else None


def feedings(now: Feeding, detector: Detector) -> Iterator[Feeding]:
    scalings = get_args(Scaling) if detector.takes == "float32" and not detector.scales_itself else (now.scaling,)
    fits = get_args(Fit) if detector.height else (now.fit,)
    yield now
    for channels, scaling, fit in itertools.product(get_args(Channels), scalings, fits):
        yield replace(now, channels=channels, scaling=scaling, fit=fit)


def different(trial: Trial, reading: Reading, ways: Iterable[Feeding]) -> list[Feeding]:
    """The ways without those that give the same detections as an earlier one: a border adds nothing to a square image."""
    kept: list[tuple[Feeding, list[Detection]]] = []
    for way in ways:
        found = trial.found(replace(reading, feeding=way))
        if all(found != before for _, before in kept):
            kept.append((way, found))
    return [way for way, _ in kept]


def as_truth(trial: Trial, program: JsonSource, reading: Reading) -> GroundTruth:
    """The program's surest detections as objects of one class: as many as there are objects on the images of the trial."""
    way = Reading(
        feeding=reading.feeding, order=program.detector.box_order, unit=program.detector.box_unit, classes=(1,)
    )
    rows: list[Any] = []
    for image in trial.images:
        found = detections.read(program.raw(image, way.feeding), program.detector, way, size(image.pixels))
        ones = (found.scores * 0 + 1).astype(int)
        rows += coco_eval.detections(image.image_id, *size(image.pixels), found.boxes_yxyx, found.scores, ones)
    number = max(1, sum(not one["iscrowd"] for one in trial.groundtruth["annotations"]))
    surest = sorted(rows, key=lambda row: -row["score"])[:number]
    objects: Any = [
        {**row, "id": i, "area": row["bbox"][2] * row["bbox"][3], "iscrowd": 0} for i, row in enumerate(surest, 1)
    ]
    categories: Any = [{"id": 1, "name": "object"}]
    return {"images": trial.groundtruth["images"], "annotations": objects, "categories": categories}


def finding(found: Fed | None, best: Reading, detector: Detector, images: int) -> Iterator[Finding]:
    """A finding if the program feeds the detector in another way than the best one."""
    if found is None or found.feeding == replace(best.feeding, threads=found.feeding.threads):
        return
    theirs, ours = (words.fed(way, detector) for way in (found.feeding, best.feeding))
    yield Finding(
        id="program_feeds_otherwise",
        cause="data_quality",
        severity="high",
        title=f"Your program feeds {theirs}, and the detector expects {ours}",
        claim=(
            f"On {images} images, the detector gives your program's detections if it is fed {theirs} (AP "
            f"{100 * found.agreement:.1f} with these as the truth; {100 * found.next:.1f} for the next way)."
        ),
        evidence=(Evidence(metric="agreement", value=found.agreement, n=images, where="examination.json: program"),),
        remedy=f"Feed {ours} in your program.",
        expected_effect="the numbers of this examination",
    )


def in_words(found: Fed | None, detector: Detector) -> str:
    return words.fed(found.feeding, detector) if found else ""


def is_json(paths: Sequence[str]) -> bool:
    """Whether the second of two detectors are a program's detections."""
    return len(paths) == 2 and paths[1].lower().endswith(".json") and not paths[0].lower().endswith(".json")
