"""Classes with objects that no anchor reaches at IoU 0.5: the flagship finding."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from boxwright.core import anchors
from boxwright.core.anchors import MATCHED_IOU
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.html import charts
from boxwright.core.recipe import Recipe
from boxwright.diagnose.findings import shared_examples, shared_figures
from boxwright.diagnose.findings.kind import Figure, Kind, Shown
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.anchor_coverage import SIZES, enough, puts_right, side_pixels
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, at_least, share
from boxwright.diagnose.plan import prediction

_SHARE: dict[Severity, float] = {"high": 0.5, "medium": 0.15, "low": 0.0}
_TILES = (
    "Take the images from closer, or cut them into overlapping tiles before you convert them, so that the objects get "
    "larger."
)


def find(inputs: Inputs) -> Iterator[Finding | None]:
    """One for each class with more than one object, and more than 4 % of its objects, out of reach under the diagnosed recipe."""
    boxes_yxyx, ids = inputs.data.boxes_in("train")
    pixels = side_pixels(boxes_yxyx, inputs.recipe.input_size)
    misses, left = (c.best_iou < MATCHED_IOU for c in (inputs.before, inputs.chosen))
    for i, name in enumerate(inputs.data.classes, 1):
        own = ids == i
        yield judge(name, len(inputs.data.classes), pixels[own], misses[own], left[own], inputs.recipe, inputs.plan)


def judge(
    name: str, classes: int, pixels: np.ndarray, misses: np.ndarray, left: np.ndarray, stock: Recipe, planned: Recipe
) -> Finding | None:
    """misses, left: (n,) whether an object of the class is out of reach under the diagnosed recipe, and under the plan. pixels:
    (n,) their sides at the input. classes: how many there are."""
    if enough(misses.sum(), len(misses)):
        return None
    before, after, whose = float(misses.mean()), float(left.mean()), shared_figures.whose(stock)
    severity = at_least(before, _SHARE)
    assert severity, "0 is a limit"
    gain = prediction.anchors_gain(before, after)
    return Finding(
        id="anchors_unreachable",
        subject=name,
        cause="recipe",
        severity=severity,
        title=f"No {_anchor_of(stock)} fits {before:.0%} of the {name}",
        claim=_claim(name, misses, float(np.median(pixels[misses])), stock),
        evidence=(
            share(f"unreachable under the {whose} anchors", misses, TRAIN_OBJECTS),
            share("unreachable under the planned anchors", left, TRAIN_OBJECTS),
            *_by_size(pixels, {whose: misses, "planned": left}),
        ),
        remedy=_remedy(planned, before, after),
        expected_effect=f"about {100 * gain:+.0f} points of AP50 on {name}, {100 * gain / classes:+.1f} on the mean of "
        f"{classes} classes; {prediction.BASIS}"
        if after < before
        else "not measured here",
        effect_points=round(100 * gain / classes, 1) if after < before else None,
        confidence="medium",
    )


def _by_size(pixels: np.ndarray, hits: dict[str, np.ndarray]) -> list[Evidence]:
    """The same shares for small, medium and large objects, if there are any."""
    return [
        share(
            f"unreachable under the {which} anchors, {label}", missed[(pixels >= low) & (pixels < high)], TRAIN_OBJECTS
        )
        for label, (low, high) in SIZES.items()
        for which, missed in hits.items()
        if ((pixels >= low) & (pixels < high)).any()
    ]


def _claim(name: str, misses: np.ndarray, median_pixels: float, stock: Recipe) -> str:
    anchor = _anchor_of(stock)
    smallest = min(float(np.sqrt(shape.prod())) for shape in np.concatenate(anchors.layer_shapes(stock.anchors)))
    return (
        f"No {anchor} reaches IoU 0.5 with {misses.mean():.1%} of the {len(misses)} training {name}. At the "
        f"{stock.input_size} px input their median size is {median_pixels:.0f} px; the smallest {anchor} measures "
        f"{smallest * stock.input_size:.0f} px. Training matches such an object to a single anchor that fits badly, instead of "
        "several that fit well."
    )


def _anchor_of(recipe: Recipe) -> str:
    return "stock anchor" if recipe.stock else "anchor of your training"


def _remedy(planned: Recipe, before: float, after: float) -> str:
    if after >= before:
        return f"No anchors on the grids of this model reach more of them without losing objects of another class. {_TILES}"
    if not puts_right(before, after):
        return f"The planned anchors are the best ones found, but leave {after:.1%} out of reach. {_TILES}"
    scales = ", ".join(f"{s:g}" for s in planned.anchors.scales)
    return (
        f"Train on the {planned.grid.replace('stride', 'stride-')} grid with scales {scales}, fitted for all classes at once: "
        f"{after:.1%} stay out of reach. Do not lower min_scale alone: that helps one class at the cost of another."
    )


def answered(finding: Finding, inputs: Inputs) -> bool:
    """Whether the planned anchors solve the problem of this class."""
    class_id = inputs.data.classes.index(finding.subject) + 1
    return puts_right(inputs.before.train[class_id], inputs.chosen.train[class_id])


def figure(shown: Shown) -> Figure:
    """For each class, how well the best anchor fits its objects, under both recipes, with the line at IoU 0.5."""
    names = shared_figures.worst_classes(shown.diagnosis)
    boxes = shared_figures.sample(shown.data, names)
    recipes = [(shown.baseline, charts.STOCK), (shown.used, charts.USED)]
    with charts.chart(5.2, 0.7 + 0.55 * len(names)) as (axes, drawn):
        for row, name in enumerate(reversed(names)):
            for recipe, colour in recipes:
                _histogram(axes, row, anchors.best_iou(boxes[name], recipe), colour)
        axes.axvline(MATCHED_IOU, color="black", lw=1, ls="--")
        axes.set_yticks(np.arange(len(names)) + 0.3, [f"{charts.short(n)} ({len(boxes[n])})" for n in reversed(names)])
        axes.set(xlim=(0, 1), ylim=(-0.05, len(names)), xlabel="IoU of an object with the anchor that fits it best")
        labels = [shared_figures.whose(shown.baseline), "planned"][: 1 if shown.used.stock else 2]
        handles = [
            Patch(color=colour, alpha=0.6, label=label) for label, (_, colour) in zip(labels, recipes, strict=False)
        ]
        axes.legend(handles=handles, fontsize=7, frameon=False, bbox_to_anchor=(0, 1), loc="lower left", ncols=2)
    caption = (
        "How well the best anchor fits the objects of a class. In brackets: the number of objects in this random sample. "
        "Objects left of the dashed line at 0.5 are out of reach: no anchor fits them well enough to learn them."
    )
    return Figure(drawn.svg, caption)


def _histogram(axes: Axes, row: int, best_iou: np.ndarray, colour: str) -> None:
    bins = np.linspace(0, 1, 41)
    heights = np.histogram(best_iou, bins)[0]
    axes.stairs(row + 0.85 * heights / max(heights.max(), 1), bins, baseline=row, fill=True, color=colour, alpha=0.45)


KIND = Kind(
    ids=("anchors_unreachable",),
    find=find,
    figure=figure,
    examples=shared_examples.out_of_reach,
    changes=("grid", "anchors"),
    answered=answered,
)
