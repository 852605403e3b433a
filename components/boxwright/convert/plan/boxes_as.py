"""Reads the numbers of all boxes anew, in the order and unit that --boxes-as gives."""

from dataclasses import replace

import numpy as np

from boxwright.convert import notices
from boxwright.convert.plan import box_groups, box_hypotheses
from boxwright.convert.plan.box_readings import UNITS, BoxesAs, Reading
from boxwright.convert.reading.source import Image, Source
from boxwright.core import plurals
from boxwright.core.findings import Finding


def reread(source: Source, wanted: BoxesAs) -> Source:
    """The source with other boxes, and a notice; the source itself if `wanted` is empty."""
    if not any(wanted):
        return source
    images = [_reread(image, box_groups.reading_of(image, source), wanted) for image in source.images]
    return replace(source, images=images, notices=[*source.notices, _notice(source, wanted)])


def _reread(image: Image, given: Reading, wanted: BoxesAs) -> Image:
    """The image with its boxes in pixels or fractions, whichever the numbers are in now."""
    sound = [item.box_xyxy for item in image.objects if item.fault is None]
    if not sound:
        return image
    now = Reading(wanted.order or given.order, wanted.unit or given.unit)
    raw = box_groups.numbers(np.array(sound, dtype=float), given)
    boxes = iter((box_hypotheses.corners(raw, now.order) / UNITS[now.unit].whole).tolist())
    objects = tuple(item if item.fault else item._replace(box_xyxy=tuple(next(boxes))) for item in image.objects)
    return image._replace(objects=objects, fractions=now.unit != "pixels")


def _notice(source: Source, wanted: BoxesAs) -> Finding:
    boxes = sum(item.fault is None for image in source.images for item in image.objects)
    return notices.build(
        "boxes_reread", "The boxes were read in another order or unit than the format has",
        f"--boxes-as: the numbers of {plurals.count(boxes, 'box', 'was')} read as {' '.join(filter(None, wanted))}",
        count=boxes, of=boxes, what="boxes",
    )  # fmt: skip
