"""The columns of the tables `images` and `objects`, from what was stored."""

from collections.abc import Sequence

from boxwright.convert.pixels import Stored
from boxwright.convert.plan import PlannedImage


def image_columns(stored: Sequence[tuple[PlannedImage, Stored]]) -> dict[str, list]:
    return {
        "image_id": [image.image_id for image, _ in stored],
        "filename": [image.image.filename for image, _ in stored],
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


def object_columns(images: Sequence[PlannedImage], classes: Sequence[str]) -> dict[str, list]:
    """box sizes in pixels of the stored image, before any resize."""
    pairs = [(image, item) for image in images for item in image.objects]
    class_ids = {name: number for number, name in enumerate(classes, 1)}
    boxes = [item.box_yxyx for _, item in pairs]
    return {
        "image_id": [image.image_id for image, _ in pairs],
        "split": [image.split for image, _ in pairs],
        "class_id": [class_ids[item.name] for _, item in pairs],
        "class": [item.name for _, item in pairs],
        "ymin": [ymin for ymin, _, _, _ in boxes],
        "xmin": [xmin for _, xmin, _, _ in boxes],
        "ymax": [ymax for _, _, ymax, _ in boxes],
        "xmax": [xmax for _, _, _, xmax in boxes],
        "height_px": [
            (ymax - ymin) * image.height for (image, _), (ymin, _, ymax, _) in zip(pairs, boxes, strict=True)
        ],
        "width_px": [(xmax - xmin) * image.width for (image, _), (_, xmin, _, xmax) in zip(pairs, boxes, strict=True)],
        "difficult": [item.difficult for _, item in pairs],
        "crowd": [item.crowd for _, item in pairs],
        "truncated": [item.truncated for _, item in pairs],
        "clipped": [item.clipped for _, item in pairs],
    }
