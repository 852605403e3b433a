"""Distributions of train beside val and test, as small pictures for the page."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from boxwright.core import charts
from boxwright.core.tables import IMAGES
from boxwright.validate.examples import Split


def draw(tables: Path, splits: dict[str, Split]) -> list[dict[str, str]]:
    """[{"svg", "caption"}]: brightness, contrast and sharpness of the images, number and size of their objects."""
    images = pd.read_parquet(tables / IMAGES)
    filled = {name: split for name, split in splits.items() if split.images}
    found = list(_image_figures(images, filled))
    sizes = {name: 100 * np.array(split.sizes) for name, split in filled.items()}
    found.append(_drawn(sizes, "Side of an object (square root of its area), % of the image"))
    per_image = {name: np.array(split.objects_per_image) for name, split in filled.items()}
    found.append(_drawn(per_image, "Objects in an image"))
    return found


def _image_figures(images: pd.DataFrame, splits: dict[str, Split]) -> Iterator[dict[str, str]]:
    for column, caption in (
        ("brightness", "Brightness of an image, 0 black to 1 white"),
        ("contrast", "Contrast: standard deviation of brightness"),
        ("sharpness", "Sharpness: variance of the Laplacian"),
    ):
        values = {name: images.loc[images.split == name, column].dropna().to_numpy(float) for name in splits}
        yield _drawn(values, caption)


def _drawn(values: dict[str, np.ndarray], caption: str) -> dict[str, str]:
    return {"svg": charts.histograms(values), "caption": caption}
