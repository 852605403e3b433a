"""Checks that the files of a run speak of the same classes and images. Each is valid alone, but a folder may be a stranger's."""

from collections.abc import Iterator

from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.report.evaluation import Evaluation

# Pixels. An image has at most 65,535 a side, and a detection may lie beyond its edge.
FARTHEST = 1_000_000


def problems(diagnosis: Diagnosis, trained: Evaluation, int8: Evaluation) -> Iterator[str]:
    """Each as a sentence without its end."""
    if trained.metrics.per_class.keys() != int8.metrics.per_class.keys():
        yield "--evaluation-float and --evaluation-int8 have different classes"
    reach = diagnosis.unreachable
    if set(reach) != {"stock", "used"} or reach["stock"].keys() != reach["used"].keys():
        yield "--findings has different classes for the stock anchors and for those that were used"
    if diagnosis.prediction and diagnosis.prediction.ap50.keys() - diagnosis.prediction.interval.keys():
        yield "--findings predicts classes without an interval"
    for flag, one in (("--evaluation-float", trained), ("--evaluation-int8", int8)):
        yield from (f"{flag} has {what}" for what in _of_evaluation(one))


def _of_evaluation(one: Evaluation) -> Iterator[str]:
    images = {image["id"] for image in one.groundtruth["images"]}
    classes = {category["id"] for category in one.groundtruth["categories"]}
    boxes = [*one.groundtruth["annotations"], *one.detections]
    if images != set(range(1, one.images + 1)):  # the place of each image in its split
        yield "images whose ids do not count from 1"
    if not all(len(box["bbox"]) == 4 for box in boxes):
        yield "boxes that are not [x, y, width, height]"
    suspects = one.errors.suspects.worst
    if not all(
        abs(side) <= FARTHEST for bbox in (*(b["bbox"] for b in boxes), *(s.bbox for s in suspects)) for side in bbox
    ):
        yield f"boxes with numbers beyond {FARTHEST:,} pixels"
    if not {box["image_id"] for box in boxes} <= images:
        yield "boxes of images that groundtruth.json does not have"
    if not {box["category_id"] for box in boxes} <= classes:
        yield "boxes of classes that groundtruth.json does not have"
    if not {suspect.image_id for suspect in suspects} <= images:
        yield "suspected labels of images that groundtruth.json does not have"
