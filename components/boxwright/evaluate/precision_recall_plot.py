"""The precision-recall plot."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from boxwright.core import coco_eval
from boxwright.core.artifacts.coco import GroundTruth
from boxwright.core.html import charts

MOST_CLASSES = 10  # most lines with colours that can be told apart; with more classes all lines are grey


def precision_recall(groundtruth: GroundTruth, evaluated: Any) -> Figure:
    """Precision over recall at IoU 0.5, with one line for each class that has objects.

    With more than 10 classes, the lines are grey and their mean is drawn over them. evaluated: from `coco_eval.evaluator`; its
    precision is interpolated at 101 recall points, as in COCO.
    """
    figure = Figure(figsize=(6, 4.2))
    axes = figure.subplots()
    lines, recalls = coco_eval.curves(evaluated, groundtruth), np.linspace(0, 1, 101)
    if len(lines) > MOST_CLASSES:
        axes.plot(recalls, np.transpose(list(lines.values())), color="#98a2b3", lw=0.6)
        lines = {f"mean of {len(lines)} classes": np.mean(list(lines.values()), axis=0)}
    for name, precision in lines.items():
        axes.plot(recalls, precision, label=f"{charts.short(name)} (AP50 {precision.mean():.2f})")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02), title="Precision and recall at IoU 0.5")
    axes.grid(alpha=0.25)
    if axes.lines:
        axes.legend(loc="lower left", frameon=False)
    return figure
