"""Restores a class predictor by class name. The channels of a class may be at different places in the two models.

The channel of anchor a and class id c is a * (classes + 1) + c, in the last axis of kernel and bias. Source: the OD API
reshapes the predictor's output from (height, width, channels) to (anchors, classes + 1), with the background first
(predictors/heads/keras_class_head.py, `_predict`; meta_architectures/ssd_meta_arch.py slices class 0 off).
"""

from collections.abc import Sequence

import numpy as np

_BACKGROUND = 0


def is_class_predictor(name: str) -> bool:
    """Whether a Keras variable of this name belongs to a class predictor."""
    return "/ClassPredictor/" in name


def transfer(
    array: np.ndarray, known: Sequence[str], fresh: np.ndarray, wanted: Sequence[str]
) -> tuple[np.ndarray | None, str]:
    """Copies the channels of the background and of the shared classes from `array` into a copy of `fresh`.

    array: (..., anchors * (len(known) + 1)). fresh: (..., anchors * (len(wanted) + 1)). known, wanted: class names.

    Returns the new array of the shape of `fresh`, and a text that lists restored and new classes; the text is empty if no class
    is new. Returns None and the reason if the number of anchors per location or another axis differs.
    """
    anchors, needed = _anchors(array, known), _anchors(fresh, wanted)
    if anchors != needed:
        return None, f"for {anchors:g} anchors per location, the model has {needed:g}"
    if array.shape[:-1] != fresh.shape[:-1]:
        return None, f"shape {array.shape}, the model needs {fresh.shape}"
    theirs = array.reshape(*array.shape[:-1], int(anchors), -1)
    ours = fresh.reshape(*fresh.shape[:-1], int(anchors), -1).copy()
    shared = [name for name in wanted if name in known]
    new = [name for name in wanted if name not in known]
    ours[..., _channels(shared, wanted)] = theirs[..., _channels(shared, known)]
    restored = ", ".join(["background", *shared])
    return ours.reshape(fresh.shape), f"by class name: {restored}; new: {', '.join(new)}" if new else ""


def _anchors(array: np.ndarray, classes: Sequence[str]) -> float:
    """Anchors per location. It is not a whole number if the array is not a class predictor for these classes."""
    return array.shape[-1] / (len(classes) + 1)


def _channels(names: Sequence[str], classes: Sequence[str]) -> list[int]:
    """Channels of the background and of the named classes within one anchor."""
    return [_BACKGROUND, *(classes.index(name) + 1 for name in names)]
