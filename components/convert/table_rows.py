"""The rows of the tables `images` and `objects`, from what was stored."""

from collections.abc import Iterator, Sequence

from boxwright.convert.pixels import Stored
from boxwright.convert.plan import PlannedImage


def image_row(image: PlannedImage, stored: Stored) -> dict:
    return {
        "image_id": image.image_id,
        "filename": image.image.filename,
        "split": image.split,
        "height": image.height,
        "width": image.width,
        "brightness": stored.brightness,
        "contrast": stored.contrast,
        "sharpness": stored.sharpness,
        "dhash": stored.dhash,
        "exif_orientation": image.orientation,
        "objects": len(image.objects),
    }


def object_rows(image: PlannedImage, classes: Sequence[str]) -> Iterator[dict]:
    """box sizes in pixels of the stored image, before any resize."""
    for item in image.objects:
        ymin, xmin, ymax, xmax = item.box_yxyx
        yield {
            "image_id": image.image_id,
            "split": image.split,
            "class_id": classes.index(item.name) + 1,
            "class": item.name,
            "ymin": ymin,
            "xmin": xmin,
            "ymax": ymax,
            "xmax": xmax,
            "height_px": (ymax - ymin) * image.height,
            "width_px": (xmax - xmin) * image.width,
            "difficult": item.difficult,
            "crowd": item.crowd,
            "truncated": item.truncated,
            "clipped": item.clipped,
        }
