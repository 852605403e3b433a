"""The columns of the tables `images` and `objects`, from what was stored."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from boxwright.convert.plan.example_plan import PlannedImage
from boxwright.convert.writing.pixels import Stored


def image_columns(stored: Sequence[tuple[PlannedImage, Stored]]) -> dict[str, list]:
    """One row per image."""
    return {
        "image_id": [image.image_id for image, _ in stored],
        "filename": [image.filename for image, _ in stored],
        "split": [image.split for image, _ in stored],
        "height": [image.height for image, _ in stored],
        "width": [image.width for image, _ in stored],
        "brightness": [numbers.brightness for _, numbers in stored],
        "contrast": [numbers.contrast for _, numbers in stored],
        "sharpness": [numbers.sharpness for _, numbers in stored],
        "dhash": [numbers.dhash for _, numbers in stored],
        "exif_orientation": [image.header.orientation for image, _ in stored],
        "objects": [len(image.objects) for image, _ in stored],
    }


def object_columns(images: Sequence[PlannedImage], classes: Sequence[str]) -> dict[str, Sequence | np.ndarray]:
    """Box sizes are in pixels of the stored image, before any resize."""
    items = [item for image in images for item in image.objects]
    class_ids = {name: number for number, name in enumerate(classes, 1)}
    _, names, boxes, difficult, truncated, crowd, cut = zip(*items, strict=True)
    ymin, xmin, ymax, xmax = np.fromiter(chain.from_iterable(boxes), float, 4 * len(boxes)).reshape(-1, 4).T

    def of_image(values: Iterable) -> np.ndarray:
        return np.repeat(np.array(list(values)), [len(image.objects) for image in images])

    return {
        "image_id": of_image(image.image_id for image in images),
        "split": of_image(image.split for image in images),
        "class_id": [class_ids[name] for name in names],
        "class": names,
        "ymin": ymin,
        "xmin": xmin,
        "ymax": ymax,
        "xmax": xmax,
        "height_px": (ymax - ymin) * of_image(image.height for image in images),
        "width_px": (xmax - xmin) * of_image(image.width for image in images),
        "difficult": difficult,
        "crowd": crowd,
        "truncated": truncated,
        "clipped": [share > 0 for share in cut],
    }
