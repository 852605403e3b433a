"""Objects that no anchor reaches at IoU 0.5, whether they are too small or too long and thin: the flagship finding."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from boxwright.core import anchors
from boxwright.core.anchors import MATCHED_IOU, Laid
from boxwright.core.findings import Evidence, Finding
from boxwright.core.html import charts
from boxwright.core.plurals import part_of, upper
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import few
from boxwright.diagnose.findings import shared_examples, shared_figures
from boxwright.diagnose.findings.kind import Figure, Kind, Shown
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures import misfit
from boxwright.diagnose.measures.anchor_coverage import OUT_OF_REACH, mostly_answered, sizes_lost, starved
from boxwright.diagnose.measures.evidence import TRAIN_OBJECTS, of_classes, share
from boxwright.diagnose.plan import anchor_reach, prediction
from boxwright.diagnose.plan.anchor_reach import Reach

# Classes that the claim describes, and a share of their objects that it tells.
_DESCRIBED, _WORTH_SAYING = 2, 0.2
# A reason of this share of the objects out of reach is named alone.
_MOST = 0.8


def find(inputs: Inputs) -> Iterator[Finding | None]:
    """One finding, with rows for each class with more than one object, and more than 4 % of its objects, out of reach."""
    found = anchor_reach.measure(inputs.data, inputs.laid, inputs.plan, (inputs.before, inputs.chosen), inputs.seed)
    if found.short:
        yield judge(found, inputs.laid, inputs.plan)


def judge(reach: Reach, diagnosed: Laid, planned: Recipe) -> Finding:
    """The finding, if there are classes with objects out of reach."""
    hits = reach.misses & np.isin(reach.ids, reach.short)
    severity = of_classes(hits, reach.ids, OUT_OF_REACH)
    assert severity, "0 is a limit"
    effect, points = _effect(reach)
    return Finding(
        id="anchors_unreachable",
        cause="recipe",
        severity=severity,
        title=_title(reach, diagnosed),
        claim=_claim(reach, diagnosed),
        evidence=(*_rows(reach, diagnosed), *_cost(reach)),
        remedy=_remedy(reach, planned),
        expected_effect=effect,
        effect_points=points,
        confidence="medium",
    )


def _title(reach: Reach, diagnosed: Laid) -> str:
    missed = float(reach.among(reach.misses).mean())
    no_anchor = f"No {_anchor_of(diagnosed)} fits"
    names = {i: charts.short(reach.names[i - 1]) for i in reach.short}
    why = {i: _why(reach, i) for i in reach.short}
    if len(names) == 1:
        return f"{no_anchor} {part_of(missed, f'objects of {names[reach.short[0]]}', no=True)}: they are {why[reach.short[0]]}"
    which = f"{len(names)} of " if len(names) < reach.classes else "all "
    objects = f"{no_anchor} {part_of(missed, f'objects of {which}{reach.classes} classes', no=True)}"
    of_word = {word: sum(_out(reach, i).sum() for i in names if why[i] == word) for word in dict.fromkeys(why.values())}
    first = max(of_word, key=lambda word: of_word[word])
    if of_word[first] >= _MOST * sum(of_word.values()):
        return f"{objects}; most are {first}: {few(list(names.values()), 3)}"
    parts = (few([names[i] for i in names if why[i] == word], 2) for word in of_word)
    return f"{objects}: {'; '.join(f'{part} ({word})' for part, word in zip(parts, of_word, strict=True))}"


def _why(reach: Reach, class_id: int) -> str:
    """Why most of the class's objects that are out of reach are so, as the end of `they are`."""
    return misfit.WORDS[
        int(np.bincount(reach.misfit.reasons[_out(reach, class_id)], minlength=len(misfit.WORDS)).argmax())
    ]


def _out(reach: Reach, class_id: int) -> np.ndarray:
    """(n,) which objects are of the class and out of reach."""
    return (reach.ids == class_id) & reach.misses


def _claim(reach: Reach, diagnosed: Laid) -> str:
    smallest, largest = misfit.anchor_sides(diagnosed)
    more = len(reach.short) - _DESCRIBED
    described = [_described(reach, i, alone=more <= 0) for i in reach.short[:_DESCRIBED]]
    many = f"; and objects of {more} more {'class' if more == 1 else 'classes'}" if more > 0 else ""
    return (
        f"{upper('; '.join(described))}{many}. No {_anchor_of(diagnosed)} overlaps these objects with IoU 0.5 or more: at the "
        f"{diagnosed.input_size} px input, the anchors measure {smallest:.0f} to {largest:.0f} px, and the longest is "
        f"{misfit.longest(diagnosed):.1f}:1. Training matches such an object to a single anchor that fits badly, instead of "
        "several that fit well."
    )


def _described(reach: Reach, class_id: int, *, alone: bool) -> str:
    """alone: no table has the share of the class, so it is told."""
    out, name = _out(reach, class_id), charts.short(reach.names[class_id - 1])
    n, found = int((reach.ids == class_id).sum()), reach.misfit
    whose = part_of(out.sum() / n, f"{n} training objects of {name}") if alone else f"objects of {name}"
    text = f"{whose} are {_why(reach, class_id)}: their median size is {np.median(found.pixels[out]):.0f} px"
    if (long := float((found.ratios[out] > misfit.LONG).mean())) >= _WORTH_SAYING:
        text += f", {long:.0%} of them are longer than {misfit.LONG:g}:1"
    if (squeezed := float(found.squeezed[out].mean())) >= _WORTH_SAYING:
        text += f" ({squeezed:.0%} only because the image is squeezed to a square)"
    return text


def _rows(reach: Reach, diagnosed: Laid) -> Iterator[Evidence]:
    """For each class, the worst first: the shares out of reach, and the shapes and sizes of the objects that are."""
    options = [(f"the {shared_figures.whose(diagnosed)} anchors", reach.misses), ("the planned anchors", reach.left)]
    if reach.larger:
        options.append((f"anchors fitted to an input of {reach.larger.size} px", reach.larger.misses))
    for i in reach.short:
        name, own, out = reach.names[i - 1], reach.ids == i, _out(reach, i)
        for anchors_, missed in options:
            yield share(f"out of reach of {anchors_}", missed[own], TRAIN_OBJECTS, subject=name)
        long, tiny = reach.misfit.ratios[out] > misfit.LONG, reach.misfit.pixels[out] < misfit.TINY_PIXELS
        of_them = "at the input, of those out of reach"
        for metric, hits in ((f"longer than {misfit.LONG:g}:1", long), (f"under {misfit.TINY_PIXELS} px", tiny)):
            if hits.mean() >= _WORTH_SAYING:
                yield share(f"{metric} {of_them}", hits, TRAIN_OBJECTS, subject=name)


def _cost(reach: Reach) -> Iterator[Evidence]:
    if reach.larger:
        yield Evidence(
            metric=f"multiply-adds of the backbone at {reach.larger.size} px, over those of the plan",
            value=round(reach.larger.cost, 3),
            n=1,
            where="published multiply-adds at 224 px, times the area",
        )


def _anchor_of(laid: Laid) -> str:
    return "stock anchor" if shared_figures.whose(laid) == "stock" else "anchor of your training"


def _effect(reach: Reach) -> tuple[str, float]:
    """The expected gain in words and in points of the mean AP50: of the plan if it solves most; else of the larger input, else of
    all objects in reach."""
    before, classes = reach.shares(reach.misses), reach.classes
    best, condition = reach.left, ""
    if not mostly_answered(reach.misses, reach.left, reach.ids):
        best, condition = reach.left & False, ", if closer images or tiles bring all of these objects into reach"
        if reach.larger:
            best, condition = reach.larger.misses, f", at an input of {reach.larger.size} px"
    gains = 100 * np.array([prediction.anchors_gain(b, a) for b, a in zip(before, reach.shares(best), strict=True)])
    points = round(float(gains.sum()) / classes, 1)
    effect = f"about {gains[0]:+.0f} points of AP50 on {charts.short(reach.names[reach.short[0] - 1])}"
    effect += f", {points:+.1f} on the mean of {classes} classes" if classes > 1 else ""
    return f"{effect}{condition}; {prediction.BASIS}", points


def _remedy(reach: Reach, planned: Recipe) -> str:
    """In the order in which to try: the planned anchors, a larger input, tiles."""
    left = float(reach.among(reach.left).mean())
    parts = [_planned_anchors(reach, planned, left)]
    if reach.worse:
        parts.append(f"More stay out of reach than before among {sizes_lost(reach.worse, reach.names)}.")
    if reach.remains:
        parts += [*_larger(reach), _tiles(reach)]
    return " ".join(parts)


def _planned_anchors(reach: Reach, planned: Recipe, left: float) -> str:
    if (reach.left == reach.misses).all():
        return "No anchors on the grids of this model reach more of them without losing objects of another class."
    scales, ratios = (", ".join(f"{x:g}" for x in of) for of in (planned.anchors.scales, planned.anchors.aspect_ratios))
    still = starved(reach.left, reach.ids) if reach.remains and len(reach.short) > 1 else []
    worst = f", most of them of {charts.short(reach.names[still[0] - 1])}" if still else ""
    alone = " Do not lower min_scale alone: that helps one class at the cost of another."
    return (
        f"Train on the {planned.grid.replace('stride', 'stride-')} grid with scales {scales} and ratios {ratios}, fitted for all "
        f"classes at once: {part_of(left, _whole(reach))} stay out of reach{worst}."
        f"{alone if any(_why(reach, i) == misfit.WORDS[misfit.SMALL] for i in reach.short) else ''}"
    )


def _whole(reach: Reach) -> str:
    return f"objects of {'this class' if len(reach.short) == 1 else 'these classes'}"


def _larger(reach: Reach) -> Iterator[str]:
    if reach.larger:
        left = float(reach.among(reach.larger.misses).mean())
        yield (
            f"To reach the rest, set input_size to {reach.larger.size} in recipe.yaml and run `boxwright diagnose` again with "
            f"`--given recipe.yaml`, which fits the anchors to it. {upper(part_of(left, _whole(reach)))} then "
            f"stay out of reach, for {reach.larger.cost:.1f} times the multiply-adds of the backbone."
        )


def _tiles(reach: Reach) -> str:
    first = "Or" if reach.larger else "To reach the rest,"
    if not reach.tile:
        return f"{first} take the images from closer, so that the objects get larger."
    return (
        f"{first} cut the images into overlapping square tiles of about {reach.tile} px before you convert them. That brings "
        "at least half of what is left into reach."
    )


def answered(finding: Finding, inputs: Inputs) -> bool:
    """Whether the planned anchors solve most of it."""
    misses, left = (c.best_iou < MATCHED_IOU for c in (inputs.before, inputs.chosen))
    return mostly_answered(misses, left, inputs.data.boxes_in("train")[1])


def partly(finding: Finding, inputs: Inputs) -> bool:
    """Whether the planned anchors reach more of the starved classes' objects than the diagnosed ones."""
    misses, left = (c.best_iou < MATCHED_IOU for c in (inputs.before, inputs.chosen))
    ids = inputs.data.boxes_in("train")[1]
    own = np.isin(ids, starved(misses, ids))
    return bool(left[own].sum() < misses[own].sum())


def figure(shown: Shown) -> Figure:
    """For each class, how well the best anchor fits its objects, under both recipes, with the line at IoU 0.5."""
    names = shared_figures.worst_classes(shown.diagnosis)
    boxes = shared_figures.sample(shown.data, names)
    recipes = [(shown.laid, charts.STOCK), (shown.used, charts.USED)]
    with charts.chart(4.4, 0.8 + 0.55 * len(names)) as (axes, drawn):
        for row, name in enumerate(reversed(names)):
            for laid, colour in recipes:
                _histogram(axes, row, anchors.best_iou(boxes[name], laid), colour)
        axes.axvline(MATCHED_IOU, color="black", lw=1, ls="--")
        axes.set_yticks(np.arange(len(names)) + 0.3, [f"{charts.short(n)} ({len(boxes[n])})" for n in reversed(names)])
        axes.set(xlim=(0, 1), ylim=(-0.05, len(names)), xlabel="IoU with the anchor that fits best")
        labels = [shared_figures.whose(shown.baseline), "planned"][: 1 if shown.used.stock else 2]
        handles = [
            Patch(color=colour, alpha=0.6, label=label) for label, (_, colour) in zip(labels, recipes, strict=False)
        ]
        axes.legend(
            handles=handles, fontsize=charts.TEXT, frameon=False, bbox_to_anchor=(0, 1), loc="lower left", ncols=2
        )
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
    partly=partly,
)
