"""Distributions of train beside val and test, as small pictures for the page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd

from boxwright.core import pages
from boxwright.core.tables import IMAGES
from boxwright.validate.examples import Split

matplotlib.use("Agg")
from matplotlib import pyplot

MOST = 20
_LIGHT = {
    "brightness": "Brightness of an image, 0 black to 1 white",
    "contrast": "Contrast: standard deviation of brightness",
    "sharpness": "Sharpness: variance of the Laplacian",
}
_COLOURS = {"train": "#0b6e99", "val": "#b54708", "test": "#067647"}


def draw(tables: Path, splits: dict[str, Split], classes: dict[int, str]) -> list[dict[str, str]]:
    """[{"svg", "caption"}]: shares of the classes, number and size of the objects, then brightness, contrast and sharpness of the
    images. classes: names by id."""
    images = pd.read_parquet(tables / IMAGES, columns=["split", *_LIGHT])
    filled = {name: split for name, split in splits.items() if split.images}
    sizes = {name: 100 * split.sizes for name, split in filled.items()}
    per_image = {name: split.objects_per_image for name, split in filled.items()}
    return [
        _class_figure(filled, classes),
        _figure(per_image, "Objects in an image"),
        _figure(sizes, "Side of an object (square root of its area), % of the image"),
        *_image_figures(images, filled),
    ]


def _class_figure(splits: dict[str, Split], classes: dict[int, str]) -> dict[str, str]:
    """Bars: each class's share of the objects of a split; the most frequent classes of train, at most MOST."""
    shares = {
        name: {i: 100 * split.per_class[i] / max(1, split.objects) for i in classes} for name, split in splits.items()
    }
    first = next(iter(shares.values()), {})
    shown = sorted(classes, key=lambda i: -first.get(i, 0))[:MOST]
    figure, axes = pyplot.subplots(figsize=(4.2, max(2.2, 0.16 * len(shown) * (1 + len(shares)))))
    height = 0.8 / max(1, len(shares))
    for k, (name, share) in enumerate(shares.items()):
        rows = np.arange(len(shown)) + k * height
        axes.barh(
            rows, [share[i] for i in shown], height, color=_COLOURS[name], label=f"{name} ({splits[name].objects})"
        )
    axes.set_yticks(np.arange(len(shown)) + 0.4 - height / 2, [classes[i] for i in shown])
    axes.invert_yaxis()
    more = f"; the {MOST} most frequent of {len(classes)}" if len(classes) > MOST else ""
    return _finished(figure, axes, f"Share of each class among the objects of its split{more}", x="% of the objects")


def _image_figures(images: pd.DataFrame, splits: dict[str, Split]) -> Iterator[dict[str, str]]:
    for column, caption in _LIGHT.items():
        values = {name: images.loc[images.split == name, column].dropna().to_numpy(float) for name in splits}
        yield _figure(values, caption)


def _figure(values: dict[str, np.ndarray], caption: str) -> dict[str, str]:
    """Histograms over common bins, each as a share of its split: train filled, the others as lines, medians as ticks below. A
    long tail is cut at the 99.5th percentile, its share in the last bin."""
    figure, axes = pyplot.subplots(figsize=(4.2, 2.2))
    together = np.concatenate(list(values.values())) if values else np.empty(0)
    together = together[np.isfinite(together)]
    if len(together):
        low, high = together.min(), np.percentile(together, 99.5)
        # Ten pictures in 25 bins would be a comb.
        count = int(np.clip(2 * np.sqrt(min(len(one) for one in values.values())), 8, 24))
        bins = np.linspace(low, max(high, low + 1e-6), count + 1)
        for name, of_split in values.items():
            of_split = np.clip(of_split[np.isfinite(of_split)], low, bins[-1])
            style = {"histtype": "stepfilled", "alpha": 0.3} if name == "train" else {"histtype": "step", "lw": 1.6}
            weights = np.full(len(of_split), 100 / max(len(of_split), 1))
            axes.hist(of_split, bins, weights=weights, color=_COLOURS[name], label=f"{name} ({len(of_split)})", **style)
            if len(of_split):
                axes.plot(np.median(of_split), 0, marker="^", ms=6, color=_COLOURS[name], clip_on=False)
    return _finished(figure, axes, f"{caption}; ▲ median", y="% of the split")


def _finished(figure: Any, axes: Any, caption: str, **labels: str) -> dict[str, str]:
    """The figure as SVG. labels: of the axes, by `x` or `y`."""
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7, frameon=False)
    axes.xaxis.set_major_locator(pyplot.MaxNLocator(6))
    for axis, text in labels.items():
        axes.set(**{f"{axis}label": text})
    axes.xaxis.label.set_size(7)
    axes.yaxis.label.set_size(7)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    text = pages.svg(figure)
    pyplot.close(figure)
    return {"svg": text, "caption": caption}
