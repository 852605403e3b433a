"""Restores a class predictor by class name: the classes that the earlier model knows, wherever their channels are.

The OD API reshapes the predictor's output from (height, width, channels) to (anchors, classes + 1), background first
(predictors/heads/keras_class_head.py, `_predict`; meta_architectures/ssd_meta_arch.py slices class 0 off). So the channel of
anchor a and class id c is a * (classes + 1) + c. This axis is the last one of kernel and bias.
"""

from collections.abc import Sequence

import numpy as np

_BACKGROUND = 0


def is_class_predictor(name: str) -> bool:
    return "/ClassPredictor/" in name


def transfer(
    array: np.ndarray, known: Sequence[str], fresh: np.ndarray, wanted: Sequence[str]
) -> tuple[np.ndarray | None, str]:
    """`fresh` with the channels of the background and of the shared classes taken from `array`; and which classes stay fresh.

    array: (..., anchors * (len(known) + 1)). fresh: (..., anchors * (len(wanted) + 1)). Returns None and the reason if the
    number of anchors per location or another axis differs.
    """
    anchors, needed = _anchors(array, known), _anchors(fresh, wanted)
    if anchors != needed:
        return None, f"for {anchors:g} anchors a location, the model has {needed:g}"
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
    """Anchors per location; not a whole number if the array is not a head for these classes."""
    return array.shape[-1] / (len(classes) + 1)


def _channels(names: Sequence[str], classes: Sequence[str]) -> list[int]:
    """Of the background and the named classes, within one anchor."""
    return [_BACKGROUND, *(classes.index(name) + 1 for name in names)]
