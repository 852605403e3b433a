"""Runs a detector, used in one way, over whole splits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from boxwright.core import coco_eval, matching
from boxwright.core.artifacts.coco import Detection, GroundTruth
from boxwright.core.artifacts.examination import ClassNumbers, Numbers
from boxwright.core.od_api.image_preprocessing import decode
from boxwright.core.records.tfrecords import Record
from boxwright.evaluate.recall_slices import luma
from boxwright.examine.reading import detections
from boxwright.examine.reading.reading import Reading
from boxwright.examine.running.raw import Image
from boxwright.examine.trial import Source, size


@dataclass
class Measured:
    """Detections of all images and their brightness; see coco_eval for the ids."""

    groundtruth: GroundTruth
    detections: list[Detection] = field(default_factory=list)
    brightness: list[float] = field(default_factory=list)


def run(source: Source, reading: Reading, records: Sequence[Record], classes: Sequence[str]) -> Measured:
    """records: of one split. Raises UserError if an image is damaged, or the detector crashes."""
    found = Measured(coco_eval.groundtruth(records, classes))
    for image in decoded(records):
        raw = source.raw(image, reading.feeding)
        read = detections.read(raw, source.detector, reading, size(image.pixels))
        found.detections += coco_eval.detections(
            image.image_id, *size(image.pixels), *detections.with_classes(read, reading)
        )
        found.brightness.append(luma(image.pixels))
    return found


def decoded(records: Sequence[Record], chosen: Iterable[int] | None = None) -> Iterable[Image]:
    """The images one after the other, with ids 1..n. chosen: their positions + 1; None: all."""
    for new, number in enumerate(range(1, len(records) + 1) if chosen is None else chosen, 1):
        record = records[number - 1]
        yield Image(new, record.filename, decode(record.encoded))


def numbers(found: Measured) -> Numbers:
    """COCO's numbers."""
    coco: dict[str, Any] = coco_eval.evaluate(found.groundtruth, found.detections)
    objects = matching.objects_per_class(found.groundtruth)
    per_class = {
        name: ClassNumbers(AP=values["AP"], AP50=values["AP50"], objects=objects[name])
        for name, values in coco["per_class"].items()
    }
    return Numbers(
        images=len(found.groundtruth["images"]),
        detections=len(found.detections),
        coco={name: coco[name] for name in coco_eval.NUMBERS},
        per_class=per_class,
    )


def confident(found: Measured, threshold: float) -> list[Detection]:
    return [one for one in found.detections if one["score"] >= threshold]
