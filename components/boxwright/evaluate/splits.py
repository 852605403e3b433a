"""Chooses the split to evaluate, and warns about images that no detector can handle."""

from collections import Counter
from pathlib import Path

from boxwright.core.artifacts.coco import GroundTruth
from boxwright.core.coco_eval import MOST_DETECTIONS
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError


def choose(records: Path, wanted: str) -> tuple[str, list[str]]:
    """The wanted split if it has objects, else val if val has objects, else the first of both with images.

    Also returns a notice if another split was chosen. Raises UserError if neither split has an image.
    """
    splits = dict.fromkeys((wanted, "val"))
    filled = [split for split in splits if next(tfrecords.read(records, split), None) is not None]
    if not filled:
        raise UserError(
            f"{records}: there is no image in {' or '.join(splits)}; convert data with images in it, or give another --split"
        )
    chosen = next((split for split in filled if has_object(records, split)), filled[0])
    lacks = "objects" if wanted in filled else "images"
    notice = f"the split {wanted} has no {lacks}: measured on {chosen}, which was also used to choose the checkpoint"
    return chosen, [] if chosen == wanted else [notice]


def has_object(records: Path, split: str) -> bool:
    """Whether the split has an object that is not a crowd."""
    return any(not crowd for record in tfrecords.read(records, split) for crowd in record.is_crowd)


def crowded(groundtruth: GroundTruth) -> list[str]:
    """A notice if images have more objects than a detector's 100 detections."""
    objects = Counter(a["image_id"] for a in groundtruth["annotations"] if not a["iscrowd"])
    lost = [count - MOST_DETECTIONS for count in objects.values() if count > MOST_DETECTIONS]
    if not lost:
        return []
    return [
        f"{len(lost)} of {len(groundtruth['images'])} images have more than {MOST_DETECTIONS} objects, but the detector and "
        f"COCO are limited to {MOST_DETECTIONS} per image: {sum(lost)} of {objects.total()} objects cannot be found. Cut such "
        "images into tiles"
    ]
