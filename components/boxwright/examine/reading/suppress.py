"""Non-maximum suppression of a foreign detector's candidates."""

import numpy as np
import tensorflow as tf

from boxwright.examine.running.raw import Suppression

# Scores below cannot change COCO's numbers: there are 100 detections of an image with higher ones, or none that count.
_LEAST = 0.001


def suppressed(
    candidates_yxyx: np.ndarray, class_scores: np.ndarray, how: Suppression
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes (n, 4), scores (n,) from high to low, and class numbers (n,) from 0, class by class.

    candidates_yxyx: (m, 4). class_scores: (m, k), without background.
    """
    likely = class_scores.max(axis=1, initial=0) > max(how.threshold, _LEAST)
    boxes, scores = candidates_yxyx[likely].astype(np.float32), class_scores[likely].astype(np.float32)
    if not len(boxes):
        return np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64)
    found = tf.image.combined_non_max_suppression(
        boxes[None, :, None],
        scores[None],
        max_output_size_per_class=how.most,
        max_total_size=how.most,
        iou_threshold=how.iou,
        score_threshold=max(how.threshold, _LEAST),
        clip_boxes=False,
    )
    n = int(found.valid_detections[0])
    return tuple(values[0, :n].numpy() for values in found[:3])  # pyright: ignore[reportReturnType]  (three arrays)
