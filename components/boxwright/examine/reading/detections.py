"""The detections of an image, by one reading of a detector's numbers."""

from typing import NamedTuple

import numpy as np

from boxwright.examine.reading import boxes, pixels, suppress
from boxwright.examine.reading.reading import Reading
from boxwright.examine.running.raw import Detector, Raw, Suppression


class Detections(NamedTuple):
    """boxes_yxyx: (n, 4) fractions of the image, not clipped. scores: (n,). numbers: (n,) class numbers, from 0."""

    boxes_yxyx: np.ndarray
    scores: np.ndarray
    numbers: np.ndarray


def read(raw: Raw, detector: Detector, reading: Reading, image: tuple[int, int]) -> Detections:
    """image: height and width in pixels."""
    given, scores, numbers = _chosen(raw, detector, reading)
    unit = {
        "fractions": (1.0, 1.0),
        "input pixels": (detector.height or image[0], detector.width or image[1]),
        "image pixels": image,
    }
    boxes_yxyx = given / np.tile(unit[reading.unit], 2)
    if reading.unit != "image pixels":
        boxes_yxyx = boxes.in_window(boxes_yxyx, pixels.window(image, detector, reading.feeding))
    return Detections(boxes_yxyx, scores, numbers)


def _chosen(raw: Raw, detector: Detector, reading: Reading) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes yxyx in the reading's unit, scores and class numbers: the file's own detections, or ours of its candidates."""
    own = reading.suppression is None
    if own and raw.boxes is not None and raw.scores is not None and raw.classes is not None:
        return boxes.corners(raw.boxes, reading.order), raw.scores, raw.classes - detector.first_class
    assert raw.candidates is not None and raw.class_scores is not None
    how = reading.suppression or Suppression()
    found, scores, numbers = suppress.suppressed(boxes.corners(raw.candidates, reading.order), raw.class_scores, how)
    return found, scores, numbers.astype(np.int64)


def with_classes(found: Detections, reading: Reading) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(boxes_yxyx clipped to 0..1, scores, class ids of the data from 1). Classes that the data lack are left out."""
    table = np.array([*reading.classes, 0])
    inside = (found.numbers >= 0) & (found.numbers < len(reading.classes))
    ids = table[np.where(inside, found.numbers, len(reading.classes)).astype(int)]
    kept = (ids > 0) & np.isfinite(found.scores) & np.isfinite(found.boxes_yxyx).all(axis=1)
    return np.clip(found.boxes_yxyx[kept], 0, 1), found.scores[kept], ids[kept]
