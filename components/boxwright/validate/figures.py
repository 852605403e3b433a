"""Small figures for the page: distributions of train compared with val and test."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from markupsafe import Markup

from boxwright.core.html import charts
from boxwright.core.records import tables
from boxwright.validate.split_stats import SplitStats

MOST = 20
_LIGHT = {
    "brightness": "Brightness of an image, 0 black to 1 white",
    "contrast": "Contrast: standard deviation of brightness",
    "sharpness": "Sharpness: variance of the Laplacian",
}


@dataclass(frozen=True)
class Figure:
    """svg: the drawing. caption: what it shows."""

    svg: Markup
    caption: str


def draw(folder: Path, splits: Mapping[str, SplitStats], classes: Mapping[int, str]) -> list[Figure]:
    """Shares of the classes, number and size of the objects, and brightness, contrast and sharpness of the images.

    folder: of the tables. classes: names by id.
    """
    images, _ = tables.read(folder, ["split", *_LIGHT], [])
    filled = {name: split for name, split in splits.items() if split.images}
    sizes = {name: 100 * split.sizes for name, split in filled.items()}
    per_image = {name: split.objects_per_image for name, split in filled.items()}
    return [
        _class_figure(filled, classes),
        _histograms(per_image, "Objects in an image"),
        _histograms(sizes, "Side of an object (square root of its area), % of the image"),
        *_image_figures(images, filled),
    ]


def _class_figure(splits: Mapping[str, SplitStats], classes: Mapping[int, str]) -> Figure:
    """Each class's share of the objects of a split, as bars. At most MOST classes: the most frequent of train."""
    shares = {
        name: {i: 100 * split.per_class[i] / max(1, split.objects) for i in classes} for name, split in splits.items()
    }
    first = next(iter(shares.values()), {})
    shown = sorted(classes, key=lambda i: -first.get(i, 0))[:MOST]
    height = 0.8 / max(1, len(shares))
    with charts.chart(4.2, max(2.2, 0.16 * len(shown) * (1 + len(shares)))) as (axes, drawn):
        for k, (name, share) in enumerate(shares.items()):
            rows, lengths = np.arange(len(shown)) + k * height, [share[i] for i in shown]
            label = f"{name} ({splits[name].objects})"
            axes.barh(rows, lengths, height, color=charts.SPLIT_COLOURS[name], label=label)
        axes.set_yticks(np.arange(len(shown)) + 0.4 - height / 2, [charts.short(classes[i]) for i in shown])
        axes.invert_yaxis()
        axes.set_xlabel("% of the objects")
        if shares:
            axes.legend(fontsize=7, frameon=False, bbox_to_anchor=(0, 1), loc="lower left", ncols=3)
    more = f"; the {MOST} most frequent of {len(classes)}" if len(classes) > MOST else ""
    return Figure(drawn.svg, f"Share of each class among the objects of its split{more}")


def _image_figures(images: pd.DataFrame, splits: Mapping[str, SplitStats]) -> Iterator[Figure]:
    for column, caption in _LIGHT.items():
        values = {name: images.loc[images.split == name, column].dropna().to_numpy(float) for name in splits}
        yield _histograms(values, caption)


def _histograms(values: Mapping[str, np.ndarray], caption: str) -> Figure:
    return Figure(charts.histograms(values), f"{caption}; ▲ median")
