# environment: data
"""Plants objects of other shapes in tables."""

import numpy as np

from boxwright.diagnose.data import SIDES, Data


def stretch(data: Data, ratio: float | np.ndarray, name: str = "cat") -> Data:
    """Makes the objects of the class `ratio` times as wide as high, with the same area, inside the image.

    ratio: one for all objects, or one for each.
    """
    mine = data.objects["class"] == name
    boxes = data.objects.loc[mine, SIDES].to_numpy(float)
    centres, sizes = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    root = np.broadcast_to(np.sqrt(ratio), len(sizes))
    sizes = sizes * np.stack([1 / root, root], axis=1)
    corners = np.clip(centres - sizes / 2, 0, 1 - sizes)
    data.objects.loc[mine, SIDES] = np.concatenate([corners, corners + sizes], axis=1)
    return data
