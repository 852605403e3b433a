"""Figures that several kinds of findings share, and how all figures name and sample what they draw."""

from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.ticker import NullLocator

from boxwright.core import anchors
from boxwright.core.anchors import Laid
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.html import charts
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.kind import Figure, Shown
from boxwright.diagnose.plan import fit_anchors

# A figure shows at most this many classes, because more colours look alike. The classes with the most objects out of reach are
# drawn.
CLASSES = len(charts.CLASS_COLOURS)
_SEED = 0


def whose(diagnosed: Laid) -> str:
    """The name of what is diagnosed: `stock` for the zoo's recipe, `given` for the user's training."""
    return "stock" if isinstance(diagnosed, Recipe) and diagnosed.stock else "given"


def worst_classes(diagnosis: Diagnosis, most: int = CLASSES) -> list[str]:
    """The classes with the largest shares out of reach under the diagnosed recipe, the worst first."""
    shares = diagnosis.unreachable["stock"]
    return sorted(shares, key=lambda name: -shares[name])[:most]


def sample(data: Data, names: Iterable[str]) -> dict[str, np.ndarray]:
    """boxes_yxyx of some training objects of each class, the same at each call."""
    boxes_yxyx, ids = data.boxes_in("train")
    rows = fit_anchors.sample(ids, _SEED)
    return {name: boxes_yxyx[rows][ids[rows] == data.classes.index(name) + 1] for name in names}


def sizes(shown: Shown) -> Figure:
    """Width and height of training objects at the network's input, among the anchors of both recipes."""
    baseline, used = shown.baseline, shown.used
    boxes = sample(shown.data, worst_classes(shown.diagnosis))
    with charts.chart(4.4, 3.6) as (axes, drawn):
        for colour, (name, boxes_yxyx) in zip(charts.CLASS_COLOURS, boxes.items(), strict=False):
            height, width = ((boxes_yxyx[:, 2:] - boxes_yxyx[:, :2]) * used.input_size).T
            axes.scatter(width, height, s=5, alpha=0.35, color=colour, lw=0, label=charts.short(name))
        marks = [(shown.laid, "x", charts.STOCK, f"{whose(baseline)} anchors"), (used, "+", "black", "planned anchors")]
        for laid, mark, colour, label in marks[: 1 if used.stock else 2]:
            height, width = (anchors.shapes(laid) * laid.input_size).T
            axes.scatter(width, height, s=26, marker=mark, color=colour, lw=1.2, label=label)
        axes.set(xscale="log", yscale="log", xlabel="width, px at the input", ylabel="height, px at the input")
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            ticks = [t for t in (4, 8, 16, 32, 64, 128, 256, 512) if low <= t <= high]
            axis.set_ticks(ticks, [str(t) for t in ticks])
            axis.set_minor_locator(NullLocator())
        axes.legend(fontsize=charts.TEXT, frameon=False, loc="upper left", markerscale=1.2)
    caption = (
        f"Training objects (a sample of each class) and anchors, in pixels of the {used.input_size} px input. The detector "
        "hardly learns objects without an anchor near them."
    )
    return Figure(drawn.svg, caption)


def counts(shown: Shown) -> Figure:
    """Objects of each class in each split; of the rarest classes if there are many."""
    data = shown.data
    of_split = {split: data.counts(split) for split in tfrecords.SPLITS if len(data.images_in(split))}
    rare = sorted(data.classes, key=lambda name: of_split["train"][name])[: 2 * CLASSES]
    with charts.chart(4.4, 0.9 + 0.2 * len(rare) * len(of_split)) as (axes, drawn):
        for offset, (split, objects) in enumerate(of_split.items()):
            values = [objects[name] for name in rare]
            places = np.arange(len(rare)) - 0.27 * (offset - (len(of_split) - 1) / 2)
            label = f"{split}: {len(data.images_in(split))} images"
            bars = axes.barh(places, values, 0.25, color=charts.SPLIT_COLOURS[split], label=label)
            axes.bar_label(bars, [f"{value:,}" for value in values], fontsize=charts.TEXT - 1, padding=2)
        axes.set_yticks(np.arange(len(rare)), [charts.short(name) for name in rare])
        axes.set(xlabel="objects", xscale="symlog", xlim=(0, 4 * _most(of_split)))
        axes.legend(fontsize=charts.TEXT, frameon=False, bbox_to_anchor=(0, 1), loc="lower left", ncols=3)
    which = "" if len(rare) == len(data.classes) else f" (the {len(rare)} rarest of {len(data.classes)} classes)"
    return Figure(drawn.svg, f"Objects by class and split{which}, on a logarithmic scale.")


def _most(of_split: Mapping[str, Mapping[str, int]]) -> int:
    return max(1, *(max(objects.values(), default=0) for objects in of_split.values()))


def learning_rate(shown: Shown) -> Figure:
    """The learning rate over the steps, under both recipes."""
    name = whose(shown.baseline)
    with charts.chart(4.4, 2.2) as (axes, drawn):
        for recipe, colour, label in ((shown.baseline, charts.STOCK, name), (shown.used, charts.USED, "planned")):
            axes.plot(*schedule(recipe), color=colour, label=label)
        axes.set(xlabel="step", ylabel="learning rate", ylim=(0, None))
        axes.legend(fontsize=charts.TEXT, frameon=False)
    return Figure(drawn.svg, f"The learning rate of the {name} recipe and of the plan.")


def schedule(recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
    """(200,) steps and (200,) rates: a linear warm-up, then half a cosine to zero."""
    steps, rate = np.linspace(0, recipe.steps, 200), recipe.learning_rate
    warming = rate.warmup + (rate.base - rate.warmup) * steps / max(rate.warmup_steps, 1)
    progress = (steps - rate.warmup_steps) / (recipe.steps - rate.warmup_steps)
    return steps, np.where(progress < 0, warming, rate.base * (1 + np.cos(np.pi * progress)) / 2)
