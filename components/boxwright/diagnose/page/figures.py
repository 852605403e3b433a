"""The pictures that show the findings, drawn from the tables and the recipes alone."""

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from boxwright.core.anchors import MATCHED_IOU, best_iou, layer_shapes
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.findings import Finding
from boxwright.core.html import charts
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords
from boxwright.diagnose.data import Data
from boxwright.diagnose.plan import fit_anchors

# More than that cannot be told apart in one picture: the classes named are those with the most objects out of reach.
CLASSES = len(charts.CLASS_COLOURS)
_SEED = 0


@dataclass(frozen=True)
class Figure:
    """svg: the picture; caption: what it shows, of how many, in one or two sentences."""

    svg: str
    caption: str


def draw(data: Data, found: Diagnosis, stock: Recipe, used: Recipe) -> dict[str, Figure]:
    """The figures by name: reach, sizes, counts, light, and crops and rate where a finding speaks of them."""
    shown = worst(found, CLASSES)
    figures = {
        "reach": reach(data, shown, stock, used),
        "sizes": sizes(data, shown, stock, used),
        "counts": counts(data, found),
        "light": light(data),
    }
    by_id = {finding.id: finding for finding in found.findings}
    if "augmentation_random_crop" in by_id:
        figures["crops"] = crops(by_id["augmentation_random_crop"])
    if stock.learning_rate != used.learning_rate:
        figures["rate"] = rate(stock, used)
    return figures


def whose(recipe: Recipe) -> str:
    """What the baseline is called: the zoo's recipe, or one that a person gave."""
    return "stock" if recipe.stock else "given"


def worst(found: Diagnosis, most: int) -> list[str]:
    """The classes with the greatest share out of the stock anchors' reach, at most so many of them."""
    shares = found.unreachable["stock"]
    return sorted(shares, key=lambda name: -shares[name])[:most]


def _sample(data: Data, names: list[str]) -> dict[str, np.ndarray]:
    """boxes_yxyx of some training objects of each class named, the same at each call."""
    boxes_yxyx, ids = data.boxes_in("train")
    rows = fit_anchors.sample(ids, _SEED)
    return {name: boxes_yxyx[rows][ids[rows] == data.classes.index(name) + 1] for name in names}


def reach(data: Data, names: list[str], stock: Recipe, used: Recipe) -> Figure:
    """Distribution over each class of the best IoU that any anchor reaches, under both recipes, with the line at 0.5."""
    boxes = _sample(data, names)
    with charts.chart(5.2, 0.7 + 0.55 * len(names)) as (axes, drawn):
        bins = np.linspace(0, 1, 41)
        for row, name in enumerate(reversed(names)):
            for recipe, colour in ((stock, charts.STOCK), (used, charts.USED)):
                heights = np.histogram(best_iou(boxes[name], recipe), bins)[0]
                top = row + 0.85 * heights / max(heights.max(), 1)
                axes.stairs(top, bins, baseline=row, fill=True, color=colour, alpha=0.45)
        axes.axvline(MATCHED_IOU, color="black", lw=1, ls="--")
        axes.set_yticks(np.arange(len(names)) + 0.3, [f"{charts.short(n)} ({len(boxes[n])})" for n in reversed(names)])
        axes.set(xlim=(0, 1), ylim=(-0.05, len(names)), xlabel="IoU of an object with the anchor that fits it best")
        _legend(axes, {whose(stock): charts.STOCK, **({} if used.stock else {"planned": charts.USED})})
    caption = (
        "How well the best anchor fits the objects of a class (in brackets: objects drawn, chosen by chance). Left of the "
        "dashed line at 0.5 an object is out of reach: no anchor learns from it as it should."
    )
    return Figure(drawn.svg, caption)


def _legend(axes, colours: dict[str, str]) -> None:
    handles = [Patch(color=colour, alpha=0.6, label=name) for name, colour in colours.items()]
    axes.legend(handles=handles, fontsize=7, frameon=False, bbox_to_anchor=(0, 1), loc="lower left", ncols=2)


def sizes(data: Data, names: list[str], stock: Recipe, used: Recipe) -> Figure:
    """Width and height of training objects at the network's input, among the shapes of the anchors of both recipes."""
    with charts.chart(4.4, 3.6) as (axes, drawn):
        for colour, (name, boxes) in zip(charts.CLASS_COLOURS, _sample(data, names).items(), strict=False):
            height, width = ((boxes[:, 2:] - boxes[:, :2]) * used.input_size).T
            axes.scatter(width, height, s=5, alpha=0.35, color=colour, lw=0, label=charts.short(name))
        marks = [(stock, "x", charts.STOCK, f"{whose(stock)} anchors"), (used, "+", "black", "planned anchors")]
        for recipe, mark, colour, label in marks[: 1 if used.stock else 2]:
            height, width = (np.concatenate(layer_shapes(recipe.anchors)) * recipe.input_size).T
            axes.scatter(width, height, s=26, marker=mark, color=colour, lw=1.2, label=label)
        axes.set(xscale="log", yscale="log", xlabel="width, px at the input", ylabel="height, px at the input")
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            ticks = [t for t in (4, 8, 16, 32, 64, 128, 256, 512) if low <= t <= high]
            axis.set_ticks(ticks, [str(t) for t in ticks])
            axis.set_minor_locator(NullLocator())
        axes.legend(fontsize=7, frameon=False, loc="upper left", markerscale=1.2)
    caption = (
        f"Objects of the training split (a sample of each class) and the anchors, in pixels of the {used.input_size} px input. "
        "A cloud with no anchor in it starves."
    )
    return Figure(drawn.svg, caption)


def counts(data: Data, found: Diagnosis) -> Figure:
    """Objects of each class in each split; of many classes the rarest."""
    table = data.objects.groupby(["split", "class"]).size().unstack(fill_value=0)
    table = table.reindex(columns=list(data.classes), fill_value=0)
    splits = [split for split in tfrecords.SPLITS if len(data.images_in(split))]
    rare = table.loc["train"].sort_values(kind="stable").index[: 2 * CLASSES].tolist()
    with charts.chart(4.6, 0.8 + 0.17 * len(rare) * len(splits)) as (axes, drawn):
        for offset, split in enumerate(splits):
            values = table.loc[split, rare].to_numpy() if split in table.index else np.zeros(len(rare))
            places = np.arange(len(rare)) - 0.27 * (offset - (len(splits) - 1) / 2)
            label = f"{split}: {len(data.images_in(split))} images"
            bars = axes.barh(places, values, 0.25, color=charts.SPLIT_COLOURS[split], label=label)
            axes.bar_label(bars, [f"{int(v):,}" for v in values], fontsize=6.5, padding=2)
        axes.set_yticks(np.arange(len(rare)), map(charts.short, rare))
        axes.set(xlabel="objects", xscale="symlog", xlim=(0, 4 * max(table.to_numpy().max(), 1)))
        axes.legend(fontsize=7, frameon=False, bbox_to_anchor=(0, 1), loc="lower left", ncols=3)
    which = "" if len(rare) == len(data.classes) else f" (the {len(rare)} rarest of {len(data.classes)} classes)"
    return Figure(drawn.svg, f"Objects per class and split{which}, on a logarithmic scale.")


def light(data: Data) -> Figure:
    splits = [split for split in tfrecords.SPLITS if len(data.images_in(split))]
    values = {split: data.images_in(split).brightness.dropna().to_numpy(float) for split in splits}
    return Figure(
        charts.histograms(values), "Brightness of the images, 0 black to 1 white, by split (number of images)."
    )


def crops(finding: Finding) -> Figure:
    """What becomes of the objects under ssd_random_crop, from the finding's own numbers."""
    value = {evidence.metric: evidence.value for evidence in finding.evidence}
    lost, spoiled = value["objects lost"], value["objects lost or cut"]
    with charts.chart(4.6, 0.8) as (axes, drawn):
        parts = (
            ("lost", lost, charts.STOCK),
            ("cut", spoiled - lost, "#e69f00"),
            ("whole", 1 - spoiled, charts.USED),
        )
        left = 0.0
        for name, share, colour in parts:
            axes.barh(0, 100 * share, 0.6, left=100 * left, color=colour, alpha=0.8)
            axes.text(100 * (left + share / 2), 0, f"{name}\n{share:.0%}", ha="center", va="center", fontsize=7)
            left += share
        axes.set(yticks=[], xlim=(0, 100), xlabel="% of the objects of a pass over the data")
    return Figure(
        drawn.svg,
        "What ssd_random_crop makes of the objects (cut: a fragment under the full label); "
        f"n = {finding.evidence[0].n:,}, simulated.",
    )


def rate(stock: Recipe, used: Recipe) -> Figure:
    """The learning rate over the steps under both recipes."""
    with charts.chart(4.6, 1.8) as (axes, drawn):
        for recipe, colour, label in ((stock, charts.STOCK, whose(stock)), (used, charts.USED, "planned")):
            axes.plot(*schedule(recipe), color=colour, label=label)
        axes.set(xlabel="step", ylabel="learning rate", ylim=(0, None))
        axes.legend(fontsize=7, frameon=False)
    return Figure(drawn.svg, f"The learning rate of the {whose(stock)} recipe and of the plan.")


def schedule(recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
    """(steps,) and (rates,): linear warm-up, then half a cosine to zero."""
    steps, rate = np.linspace(0, recipe.steps, 200), recipe.learning_rate
    warming = rate.warmup + (rate.base - rate.warmup) * steps / max(rate.warmup_steps, 1)
    progress = (steps - rate.warmup_steps) / (recipe.steps - rate.warmup_steps)
    return steps, np.where(progress < 0, warming, rate.base * (1 + np.cos(np.pi * progress)) / 2)
