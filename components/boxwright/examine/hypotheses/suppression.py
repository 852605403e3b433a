"""The file's own settings after the network: cap of detections, lowest score, non-maximum suppression."""

from collections.abc import Iterator
from dataclasses import replace

from boxwright.examine.hypotheses.hypothesis import Facts, Hypothesis, Other
from boxwright.examine.reading.reading import Reading
from boxwright.examine.running.raw import Suppression

_MOST = 100
_LOOSE, _STRICT = (0.6, 0.7, 0.8), (0.5, 0.4)


def others(reading: Reading, facts: Facts) -> Iterator[Other]:
    now = reading.suppression or facts.detector.suppression
    if now is None or not facts.has_candidates:
        return
    if now.most < _MOST:
        yield _other(
            reading,
            replace(now, most=_MOST),
            f"The detector gives only {now.most} detections of an image",
            f"Export it again with max_detections {_MOST}: images have more objects.",
        )
    if now.threshold > 0.01:
        yield _other(
            reading,
            replace(now, threshold=0.0),
            f"The detector drops detections with a score below {now.threshold:g}",
            "Export it again with nms_score_threshold 0, and choose the score where you use the detections.",
        )
    for iou in _LOOSE:
        if iou > now.iou + 0.05:
            yield _other(
                reading,
                replace(now, iou=iou),
                f"The non-maximum suppression at IoU {now.iou:.2g} removes objects that touch",
                f"Export it again with nms_iou_threshold {iou:g}.",
            )
    for iou in _STRICT:
        if iou < now.iou - 0.05:
            yield _other(
                reading,
                replace(now, iou=iou),
                f"The non-maximum suppression at IoU {now.iou:.2g} leaves several boxes on one object",
                f"Export it again with nms_iou_threshold {iou:g}.",
            )


def _other(reading: Reading, how: Suppression, title: str, remedy: str) -> Other:
    return Other(replace(reading, suppression=how), title, remedy)


HYPOTHESIS = Hypothesis("suppression", others)
