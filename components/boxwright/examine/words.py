"""A way to use a detector, in words."""

from collections.abc import Sequence

from boxwright.core.artifacts import examination
from boxwright.examine.hypotheses.box_order import NAMES as ORDERS
from boxwright.examine.hypotheses.scaling import RANGES
from boxwright.examine.reading.reading import Feeding, Reading
from boxwright.examine.running.raw import Detector


def way(reading: Reading, detector: Detector, classes: Sequence[str]) -> examination.Way:
    """classes: names of the data."""
    after = reading.suppression or detector.suppression
    threads = f", {reading.feeding.threads} threads" if reading.feeding.threads > 1 else ""
    boxes = f"{ORDERS[reading.order]}, in {reading.unit}" if detector.kind == "ssd" else "decoded by Boxwright"
    settings = (
        f"at most {after.most}, IoU {after.iou:.2g}, score {after.threshold:.2g}" if after else "the detector's own"
    )
    named = {str(number): classes[class_id - 1] for number, class_id in enumerate(reading.classes) if class_id}
    return examination.Way(
        fed=fed(reading.feeding, detector) + threads if detector.takes else "",
        boxes=boxes,
        classes=named,
        after=settings,
    )


def fed(feeding: Feeding, detector: Detector) -> str:
    """`BGR, pixels in 0..1, stretch`."""
    scaled = "" if detector.scales_itself else f", pixels in {RANGES[feeding.scaling]}"
    return f"{feeding.channels}{scaled}, {feeding.fit}"
