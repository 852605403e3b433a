"""Small charts for the pages, as inline SVG."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import matplotlib
import numpy as np

from boxwright.core import pages

matplotlib.use("Agg")
from matplotlib import pyplot

SPLIT_COLOURS = {"train": "#0b6e99", "val": "#b54708", "test": "#067647"}
STOCK, USED, SOFT = "#b42318", "#067647", "#5b6777"
# One colour a class, told apart also by who sees no red and green (Okabe and Ito, 2008).
CLASS_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#f0e442")


class Drawn:
    """What `chart` leaves behind: the SVG text."""

    svg: str = ""


@contextmanager
def chart(width: float = 4.2, height: float = 2.2) -> Iterator[tuple[pyplot.Axes, Drawn]]:
    """Axes to draw on, in inches, in the pages' style; afterwards `drawn.svg` holds the picture."""
    figure, axes = pyplot.subplots(figsize=(width, height))
    drawn = Drawn()
    try:
        yield axes, drawn
        axes.tick_params(labelsize=7)
        axes.xaxis.label.set_size(7)
        axes.yaxis.label.set_size(7)
        axes.spines[["top", "right"]].set_visible(False)
        drawn.svg = pages.svg(figure)
    finally:
        pyplot.close(figure)


def histograms(values: Mapping[str, np.ndarray]) -> str:
    """Histograms by split over common bins, each as a share of its split, with the number behind it in the legend."""
    with chart() as (axes, drawn):
        together = np.concatenate(list(values.values())) if values else np.empty(0)
        if len(together):
            bins = np.linspace(together.min(), max(together.max(), together.min() + 1e-6), 25)
            for name, of_split in values.items():
                weights = np.full(len(of_split), 100 / max(len(of_split), 1))
                label, colour = f"{name} ({len(of_split)})", SPLIT_COLOURS[name]
                axes.hist(of_split, bins, weights=weights, histtype="step", lw=1.6, color=colour, label=label)
            axes.legend(fontsize=7, frameon=False)
        axes.set_ylabel("% of the split")
    return drawn.svg
