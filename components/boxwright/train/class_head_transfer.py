"""The class predictor by class name: what another model's head knows of these classes, wherever their channels lie.

The OD API reshapes the predictor's output from (height, width, channels) to (anchors, classes + 1), background first
(predictors/heads/keras_class_head.py, `_predict`; meta_architectures/ssd_meta_arch.py slices class 0 off): the channel of anchor
a and class id c is a * (classes + 1) + c. Kernel and bias end with that axis.
"""

from collections.abc import Sequence

import numpy as np

_BACKGROUND = 0


def is_class_predictor(name: str) -> bool:
    return "/ClassPredictor/" in name


def by_name(
    array: np.ndarray, known: Sequence[str], fresh: np.ndarray, wanted: Sequence[str]
) -> tuple[np.ndarray | None, str]:
    """`fresh` with the channels of background and of the classes that both know from `array`.

    array: (..., anchors * (len(known) + 1)); fresh: (..., anchors * (len(wanted) + 1)). None and the reason where the anchors
    of a location or the other axes differ; else the reason is which classes stay fresh, empty where none does.
    """
    anchors, needed = _anchors(array, known), _anchors(fresh, wanted)
    if anchors != needed:
        return None, f"for {anchors} anchors a location, the model has {needed}"
    if array.shape[:-1] != fresh.shape[:-1]:
        return None, f"shape {array.shape}, the model needs {fresh.shape}"
    theirs = array.reshape(*array.shape[:-1], anchors, -1)
    ours = fresh.reshape(*fresh.shape[:-1], anchors, -1).copy()
    shared = [name for name in wanted if name in known]
    new = [name for name in wanted if name not in known]
    ours[..., _channels(shared, wanted)] = theirs[..., _channels(shared, known)]
    kept = ", ".join(["background", *shared])
    return ours.reshape(fresh.shape), f"by class name: {kept}; new: {', '.join(new)}" if new else ""


def _anchors(array: np.ndarray, classes: Sequence[str]) -> float:
    """Anchors a location; not whole where the array is no head of these classes."""
    anchors = array.shape[-1] / (len(classes) + 1)
    return int(anchors) if anchors.is_integer() else anchors


def _channels(names: Sequence[str], classes: Sequence[str]) -> list[int]:
    """Of background and the named classes, within one anchor."""
    return [_BACKGROUND, *(classes.index(name) + 1 for name in names)]
