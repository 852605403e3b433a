"""Axes on which the data vary, such as brightness or size, with one value for each class of each image."""

import numpy as np
import pandas as pd

from boxwright.diagnose.data import Data

IMAGE_AXES = ("brightness", "contrast", "sharpness", "crowding")
BACKGROUND_AXES = ("brightness behind it", "texture behind it")
_TINY = 1e-9


def class_axes(data: Data, backgrounds: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row for each class of each image.

    The axes of the boxes are medians over the objects: size (log of the side), aspect (log of width over height), and centre.
    The axes of the image are the measured ones, and crowding (log of the number of its objects).
    backgrounds: the result of `object_crops.backgrounds`, for some of the images.
    """
    o = data.objects
    height, width = (o.ymax - o.ymin).clip(lower=_TINY), (o.xmax - o.xmin).clip(lower=_TINY)
    measured = pd.DataFrame(
        {
            "image_id": o.image_id,
            "class": o["class"],
            "size": np.log(height * width) / 2,
            "aspect": np.log(width / height),
            "height in the picture": (o.ymin + o.ymax) / 2,
            "place across the picture": (o.xmin + o.xmax) / 2,
        }
    )
    rows = measured.groupby(["image_id", "class"], observed=True, sort=True).median().reset_index()
    there = [a for a in IMAGE_AXES if a in data.images]
    rows = rows.merge(data.images[["image_id", "split", *there]], on="image_id")
    rows = rows.assign(crowding=np.log(rows.image_id.map(o.image_id.value_counts())))
    if backgrounds is None:
        return rows
    named = rows.merge(data.images[["image_id", "filename"]], on="image_id")
    return named.merge(backgrounds, on=["filename", "class"], how="left").drop(columns="filename")


def spread(values: np.ndarray) -> float:
    """Distance between the 10th and the 90th percentile."""
    low, high = np.quantile(values, [0.1, 0.9])
    return float(high - low)


def holm(p_values: list[float]) -> np.ndarray:
    """(n,) p-values corrected for their number (Holm 1979): the k-th smallest (from 0) times n - k, made non-decreasing."""
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    corrected = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return corrected[np.argsort(order, kind="stable")]
