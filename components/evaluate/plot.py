"""The precision-recall plot."""

from typing import Any

import numpy as np


def precision_recall(groundtruth: dict, evaluated: Any) -> Any:
    """A matplotlib figure: precision over recall at IoU .5, one line a class that has objects.

    evaluated: result of core.coco.evaluator; its precision is interpolated as in COCO, at 101 recalls.
    """
    from matplotlib.figure import Figure

    from boxwright.core import coco

    figure = Figure(figsize=(6, 4.2))
    axes = figure.subplots()
    recalls = np.linspace(0, 1, 101)
    for name, precision in coco.curves(evaluated, groundtruth).items():
        axes.plot(recalls, precision, label=f"{name} (AP50 {precision.mean():.2f})")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02), title="Precision and recall at IoU 0.5")
    axes.grid(alpha=0.25)
    if axes.lines:
        axes.legend(loc="lower left", frameon=False)
    return figure
