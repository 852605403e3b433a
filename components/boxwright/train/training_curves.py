"""The plot of losses and validation AP over the training steps."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from boxwright.core.artifacts.training import History
from boxwright.core.html import page_base

_WIDTH = 5  # steps in a running mean


def svg(history: History) -> Markup:
    """Inline SVG: the losses on the left, validation AP and AP50 in percent on the right."""
    figure = Figure(figsize=(10, 3.4))
    left, right = figure.subplots(1, 2)
    steps = [one.step for one in history.steps]
    for name in ("classification_loss", "localization_loss"):
        losses = [getattr(one, name) for one in history.steps]
        left.plot(steps, running_mean(losses), label=name.replace("_", " "))
    left.set(xlabel="step", ylabel=f"loss (running mean of {_WIDTH})", ylim=(0, None))
    left.legend(frameon=False)
    evaluated = [one.step for one in history.evaluations]
    for name in ("AP", "AP50"):
        percent = [100 * getattr(one, name) for one in history.evaluations]
        right.plot(evaluated, percent, marker="o", label=f"validation {name}")
    if evaluated:
        right.axvline(history.best_step, color="grey", linestyle=":", label="kept")
        right.legend(frameon=False)
    right.set(xlabel="step", ylabel="%", ylim=(0, 100))
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
    return page_base.svg(figure)


def running_mean(values: Sequence[float]) -> np.ndarray:
    """(n,) at each point the mean of the last five values, or of all values so far if there are fewer."""
    sums = np.cumsum([0.0, *values])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - _WIDTH, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)
