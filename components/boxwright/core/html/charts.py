"""Small charts for the pages, as inline SVG."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from boxwright.core.html import page_base
from boxwright.core.runtime import printable

SPLIT_COLOURS = {"train": "#0b6e99", "val": "#b54708", "test": "#067647"}
STOCK, USED = "#b42318", "#067647"
# One colour per class. Colour-blind people can tell them apart, too (Okabe and Ito, 2008).
CLASS_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#f0e442")

LONGEST = 30  # characters of a class name
# Points. A chart is about as wide as a phone, where 1 point is 1.1 pixels.
TEXT = 10


class Drawn:
    """The SVG text that `chart` has drawn."""

    svg: Markup = Markup()


@contextmanager
def chart(width: float = 4.4, height: float = 2.4) -> Iterator[tuple[Axes, Drawn]]:
    """Axes to draw on, in the style of the pages. Afterwards `drawn.svg` holds the chart. width, height: in inches."""
    figure, drawn = Figure(figsize=(width, height)), Drawn()
    axes = figure.subplots()
    yield axes, drawn
    axes.tick_params(labelsize=TEXT)
    for text in (axes.xaxis.label, axes.yaxis.label, axes.xaxis.offsetText, axes.yaxis.offsetText):
        text.set_fontsize(TEXT)
    axes.spines[["top", "right"]].set_visible(False)
    drawn.svg = page_base.svg(figure)


def short(name: str) -> str:
    """A class name for a chart. A long name is cut to leave room for the chart. Matplotlib hides labels that begin with `_`, so
    such a name gets an invisible joiner in front."""
    name = printable.visible_line(name)
    cut = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return f"\u200c{cut}" if cut.startswith("_") else cut


def histograms(values: Mapping[str, np.ndarray]) -> Markup:
    """Histograms of each split over the same bins, as shares of the split.

    train is filled, the others are lines. Triangles mark the medians. The legend has the number of values. Bins end at the
    99.5th percentile; the last bin also counts the values beyond it.
    """
    finite = {name: of_split[np.isfinite(of_split)] for name, of_split in values.items()}
    together = np.concatenate([*finite.values(), np.empty(0)])
    with chart() as (axes, drawn):
        if len(together):
            bins = _bins(together, min(map(len, finite.values())))
            for name, of_split in finite.items():
                _one_histogram(axes, name, np.clip(of_split, bins[0], bins[-1]), bins)
            axes.legend(fontsize=TEXT, frameon=False)
        axes.set_ylabel("% of the split")
    return drawn.svg


def _bins(values: np.ndarray, fewest: int) -> np.ndarray:
    """Edges of equal bins. If all values are equal, their bin is in the middle.

    fewest: number of values in the smallest split. Few values get few bins, because ten images in 25 bins show no shape.
    """
    low, high = values.min(), np.percentile(values, 99.5)
    count = int(np.clip(2 * np.sqrt(fewest), 8, 24))
    if high - low > 1e-5 * max(abs(low), abs(high)):
        return np.linspace(low, high, count + 1)
    room = abs(low) / 2 or 0.5
    return np.linspace(low - room, low + room, 2 * (count // 2) + 2)  # an odd number of bins has a middle one


def _one_histogram(axes: Axes, name: str, values: np.ndarray, bins: np.ndarray) -> None:
    style = {"histtype": "stepfilled", "alpha": 0.3} if name == "train" else {"histtype": "step", "lw": 1.6}
    weights = np.full(len(values), 100 / max(len(values), 1))
    axes.hist(
        values, bins.tolist(), weights=weights, color=SPLIT_COLOURS[name], label=f"{name} ({len(values)})", **style
    )
    if len(values):
        axes.plot(np.median(values), 0, marker="^", ms=6, color=SPLIT_COLOURS[name], clip_on=False)
