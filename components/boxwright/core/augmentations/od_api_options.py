"""What the OD API's augmentation options refuse, and which of them cannot run here. It needs only their messages.

The OD API does not check its settings: most wrong values fail in TensorFlow, in the middle of a training. Each rule was found by
running the option; a test runs them all again.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

# Settings that must be in 0..1.
_FRACTIONS = {
    *("probability", "random_coef", "drop_probability", "concat_vertical_probability", "concat_horizontal_probability"),
    *("min_object_covered", "overlap_thresh", "min_area", "max_area", "size_to_image_ratio"),
}
# Settings of these options that must be more than 0, if they are given or have no default that works.
_POSITIVE = {
    "RandomCropImage": ("min_area", "max_area", "min_aspect_ratio", "max_aspect_ratio"),
    "RandomCropPadImage": ("min_area", "max_area", "min_aspect_ratio", "max_aspect_ratio"),
    "SSDRandomCropOperation": ("min_area", "max_area", "min_aspect_ratio", "max_aspect_ratio"),
    "SSDRandomCropPadOperation": ("min_area", "max_area", "min_aspect_ratio", "max_aspect_ratio"),
    "SSDRandomCropFixedAspectRatioOperation": ("min_area", "max_area"),
    "SSDRandomCropPadFixedAspectRatioOperation": ("min_area", "max_area"),
    "SSDRandomCropFixedAspectRatio": ("aspect_ratio",),
    "SSDRandomCropPadFixedAspectRatio": ("aspect_ratio",),
    "RandomCropToAspectRatio": ("aspect_ratio",),
    "RandomImageScale": ("min_scale_ratio", "max_scale_ratio"),
    "RandomResizeMethod": ("target_height", "target_width"),
    "ResizeImage": ("new_height", "new_width"),
}
_MOST = {
    ("RandomJpegQuality", "min_jpeg_quality"): 100,
    ("RandomJpegQuality", "max_jpeg_quality"): 100,
    ("RandomDistortColor", "color_ordering"): 1,
}
# Options that fail here with any settings, or that leave nothing to train on, and why.
NEVER = {
    "autoaugment_image": "it needs tf.contrib, which TensorFlow 2 does not have",
    "convert_class_logits_to_softmax": "it needs class scores, which records do not have",
    "random_square_crop_by_scale": "it fails on images of unknown size",
    "rgb_to_gray": "it returns images with 1 channel, but the network needs 3",
    "scale_boxes_to_pixel_coordinates": "it returns boxes in pixels, but training needs fractions of the image's sides",
}


def refused(settings: Any) -> list[str]:
    """What is wrong with the settings of an option, each as `field: why`; empty if nothing is. settings: a message."""
    return list(_refused(settings))


def _refused(settings: Any) -> Iterator[str]:
    fields, kind = settings.DESCRIPTOR.fields_by_name, settings.DESCRIPTOR.name
    values = {name: getattr(settings, name) for name in fields}
    numbers = {name: value for name, value in values.items() if isinstance(value, int | float)}
    for name, value in numbers.items():
        if problem := _wrong(kind, name, value):
            yield f"{name}: {problem}"
        upper = name.replace("min", "max", 1)
        # 0 means "no bound" for a setting whose default is 0.
        bounded = upper in numbers and (numbers[upper] or fields[upper].default_value)
        if bounded and value > numbers[upper]:
            yield f"{name}: {value:g} is more than {upper} ({numbers[upper]:g})"
    for name, value in values.items():
        if fields[name].message_type is not None and isinstance(value, Sequence):  # protobuf 7 has no `label`
            for at, part in enumerate(value):
                yield from (f"{name}[{at}].{problem}" for problem in _refused(part))


def _wrong(kind: str, name: str, value: float) -> str:
    if not math.isfinite(value):
        return f"{value:g} is not a finite number"
    if name in _FRACTIONS and not 0 <= value <= 1:
        return f"{value:g} is not between 0 and 1"
    if value < 0 and kind != "NormalizeImage":
        return f"{value:g} is less than 0"
    if name in _POSITIVE.get(kind, ()) and value == 0:
        return "0 is not more than 0"
    if value > (most := _MOST.get((kind, name), value)):
        return f"{value:g} is more than {most}"
    return ""
