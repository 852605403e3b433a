"""Distributions of train beside val and test, as small pictures for the page."""

from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd

from boxwright.core import pages
from boxwright.core.tables import IMAGES
from boxwright.validate.examples import Split

matplotlib.use("Agg")
from matplotlib import pyplot

_COLOURS = {"train": "#0b6e99", "val": "#b54708", "test": "#067647"}


def draw(tables: Path, splits: dict[str, Split]) -> list[dict[str, str]]:
    """[{"svg", "caption"}]: brightness, contrast and sharpness of the images, number and size of their objects."""
    images = pd.read_parquet(tables / IMAGES)
    filled = {name: split for name, split in splits.items() if split.images}
    found = list(_image_figures(images, filled))
    sizes = {name: 100 * np.array(split.sizes) for name, split in filled.items()}
    found.append(_figure(sizes, "Side of an object (square root of its area), % of the image"))
    per_image = {name: np.array(split.objects_per_image) for name, split in filled.items()}
    found.append(_figure(per_image, "Objects in an image"))
    return found


def _image_figures(images: pd.DataFrame, splits: dict[str, Split]) -> Iterator[dict[str, str]]:
    for column, caption in (
        ("brightness", "Brightness of an image, 0 black to 1 white"),
        ("contrast", "Contrast: standard deviation of brightness"),
        ("sharpness", "Sharpness: variance of the Laplacian"),
    ):
        values = {name: images.loc[images.split == name, column].dropna().to_numpy(float) for name in splits}
        yield _figure(values, caption)


def _figure(values: dict[str, np.ndarray], caption: str) -> dict[str, str]:
    """Histograms over common bins, each as a share of its split, with the number behind it in the legend."""
    figure, axes = pyplot.subplots(figsize=(4.2, 2.2))
    together = np.concatenate(list(values.values())) if values else np.empty(0)
    if len(together):
        bins = np.linspace(together.min(), max(together.max(), together.min() + 1e-6), 25)
        for name, of_split in values.items():
            weights = np.full(len(of_split), 100 / max(len(of_split), 1))
            label = f"{name} ({len(of_split)})"
            axes.hist(of_split, bins, weights=weights, histtype="step", lw=1.6, color=_COLOURS[name], label=label)
        axes.legend(fontsize=7, frameon=False)
    axes.set_ylabel("% of the split", fontsize=7)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    text = pages.svg(figure)
    pyplot.close(figure)
    return {"svg": text, "caption": caption}
