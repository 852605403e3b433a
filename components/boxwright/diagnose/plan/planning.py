"""The plan: the recipe that answers the findings, every changed field with the findings that it answers."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from boxwright.core import anchors, models, repeat_factors
from boxwright.core import recipe as recipes
from boxwright.core.recipe import Anchors, Change, LearningRate, Recipe, Stage
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.anchor_coverage import enough, puts_right
from boxwright.diagnose.plan import init_weights, prediction, rates
from boxwright.diagnose.plan.fit_anchors import fit, sample
from boxwright.diagnose.plan.init_weights import Initial
from boxwright.diagnose.plan.repeats import repeats

# Against the stock anchors no class may lose more than this share of its objects.
_TRADE = 0.01
_PATIENCE = 4


@dataclass(frozen=True, eq=False)
class Candidate:
    """A grid and anchors, with the share of objects per class id out of reach: in train, and in val, which chose nothing.

    best_iou: (n,) of each training object with the anchor that fits it best. fitted: objects that the search looked at.
    """

    grid: str
    anchors: Anchors
    best_iou: np.ndarray
    train: dict[int, float]
    val: dict[int, float]
    fitted: int = 0


def auto_steps(images: int, batch_size: int) -> int:
    """25 epochs, within what a fine-tuning has been seen to need (run C: 22 epochs, 580 steps)."""
    return int(np.clip(-(-25 * images // batch_size), 600, 20_000))


def plan(
    data: Data,
    baseline: Recipe,
    start: Initial,
    findings: set[str],
    before: Candidate,
    chosen: Candidate,
    steps: int,
) -> Recipe:
    """The baseline (stock, or a user's own) with the fields changed that a finding asks for. findings: the ids
    found; before: its anchors.

    Augmentation is left empty for the step `augment` where `augmentation_random_crop` was found.
    """
    changed = {"stock": False, "grid": chosen.grid, "anchors": chosen.anchors}
    new_head = init_weights.new_head(start, baseline.model_copy(update=changed))
    changed |= {"learning_rate": learning_rate(baseline, steps), "stages": stages(baseline, steps, bool(new_head))}
    if "no_early_stopping" in findings:
        changed |= {"evaluate_every": recipes.evaluate_every(steps), "patience": _PATIENCE}
    if "imbalance" in findings and baseline.max_repeats == 1 and repeats(data).worth_it:
        changed["max_repeats"] = repeat_factors.MOST
    if "augmentation_random_crop" in findings:
        changed["augmentation"] = ()
    planned = baseline.model_copy(update=changed)
    reached = _reached(data, before, chosen)
    reasons = _anchor_reason(data, baseline, chosen), _stage_reason(planned, new_head)
    changes = tuple(_changes(baseline, planned, *reasons, reached, findings))
    return planned.model_copy(update={"changes": changes})


def choose(data: Data, stock: Recipe, seed: int) -> tuple[Candidate, Candidate]:
    """The stock anchors, and the cheapest candidate that reaches all classes and takes from none; if there is none, the best
    that takes from none."""
    best = tried = candidate(data, stock, stock.grid, stock.anchors)
    boxes_yxyx, ids = data.boxes_in("train")
    counts = {i: int((ids == i).sum()) for i in tried.train}
    starved = [i for i in counts if not _fed(tried, i, counts)]
    for grid, maps in models.get(stock.model).grids.items():
        if reaches_all(best, counts):
            break
        layers = maps.planned_maps or len(stock.anchors.scales)
        fitted = fit(boxes_yxyx, ids, grid=grid, layers=layers, input_size=stock.input_size, seed=seed)
        new = replace(candidate(data, stock, grid, fitted), fitted=len(sample(ids, seed)))
        takes = any(new.train[i] > tried.train[i] + _TRADE for i in new.train)
        if not takes and max(new.train[i] for i in starved) < max(best.train[i] for i in starved):
            best = new
    return tried, best


def candidate(data: Data, stock: Recipe, grid: str, layout: Anchors) -> Candidate:
    recipe = stock.model_copy(update={"grid": grid, "anchors": layout})
    (boxes_yxyx, ids), (unseen_yxyx, unseen_ids) = data.boxes_in("train"), data.boxes_in("val")
    best_iou, unseen = anchors.best_iou(boxes_yxyx, recipe), anchors.best_iou(unseen_yxyx, recipe)
    return Candidate(grid, layout, best_iou, _missed(best_iou, ids), _missed(unseen, unseen_ids))


def reaches_all(candidate: Candidate, counts: dict[int, int]) -> bool:
    return all(_fed(candidate, i, counts) for i in candidate.train)


def _fed(candidate: Candidate, class_id: int, counts: dict[int, int]) -> bool:
    return enough(round(candidate.train[class_id] * counts[class_id]), counts[class_id])


def _missed(best_iou: np.ndarray, ids: np.ndarray) -> dict[int, float]:
    missed = best_iou < anchors.MATCHED_IOU
    return {int(i): float(missed[ids == i].mean()) for i in np.unique(ids)}


def learning_rate(baseline: Recipe, steps: int) -> LearningRate:
    """The measured rate, where the baseline's is lower or beyond every rule of scaling; a warm-up of at most a tenth where
    its own takes a quarter or more of the steps; else the baseline's schedule."""
    now, model, batch = baseline.learning_rate, baseline.model, baseline.batch_size
    fits = rates.measured(model, batch) <= now.base <= rates.limit(model, batch)
    if fits and now.warmup_steps < rates.LONG_WARMUP * steps:
        return now
    return LearningRate(
        base=now.base if fits else rates.measured(model, batch),
        warmup=rates.warmup(model, batch),
        warmup_steps=rates.warmup_steps(steps),
        momentum=now.momentum,
    )


def stages(baseline: Recipe, steps: int, new_head: bool) -> tuple[Stage, ...]:
    """A new head on initial weights learns alone for a tenth of the steps, so that it cannot spoil the backbone; a baseline
    that has stages of its own keeps them."""
    if steps == baseline.steps and len(baseline.stages) > 1:
        return baseline.stages
    alone = steps // 10 if new_head else 0
    rest = Stage(name="all", trainable="all", steps=steps - alone)
    return (Stage(name="head", trainable="head", steps=alone), rest) if alone else (rest,)


def _reached(data: Data, before: Candidate, chosen: Candidate) -> set[str]:
    """Ids of the findings that the chosen anchors answer."""
    put_right = (i for i in before.train if puts_right(before.train[i], chosen.train[i]))
    return {f"anchors_unreachable.{data.classes[i - 1]}" for i in put_right}


def _anchor_reason(data: Data, stock: Recipe, chosen: Candidate) -> str:
    recipe = stock.model_copy(update={"grid": chosen.grid, "anchors": chosen.anchors})
    shares = ", ".join(f"{data.classes[i - 1]} {100 * share:.1f}" for i, share in chosen.train.items())
    cost = models.get(stock.model).grids[chosen.grid].step_cost
    unseen = ", ".join(f"{data.classes[i - 1]} {100 * share:.1f}" for i, share in chosen.val.items())
    return (
        f"fitted to {chosen.fitted} of the training objects. Out of reach of all in train: {shares} %; in val, which was not "
        f"fitted: {unseen or '-'} %. "
        f"{len(anchors.anchors(recipe))} anchors instead of {len(anchors.anchors(stock))}, {cost}"
    )


def _stage_reason(planned: Recipe, new_head: str) -> str:
    if any(stage.trainable == "head" for stage in planned.stages):
        return f"{new_head}; the head learns alone first"
    return "as many steps as these images need, everything at once"


def _changes(
    baseline: Recipe, planned: Recipe, anchor_reason: str, stage_reason: str, reached: set[str], findings: set[str]
) -> list[Change]:
    """One Change for each field that differs; `reached`: ids of the findings that grid and anchors answer."""
    batch = models.get(baseline.model).zoo.batch
    rate = f"the zoo's rate belongs to its batch of {batch}; {_measured(baseline)}"
    if planned.steps == baseline.steps:
        findings = findings - {"steps_few", "steps_many"}  # told, but not acted on: the user chose them
    stopping = ({"no_early_stopping"}, "a dozen evaluations, and an end four after the best")
    why: dict[str, tuple[set[str], str]] = {
        "grid": (reached, anchor_reason),
        "anchors": (reached, anchor_reason),
        "learning_rate": (
            {"learning_rate_batch", "learning_rate_high", "warmup_long", "steps_few", "steps_many"},
            rate,
        ),
        "stages": ({"new_head", "steps_few", "steps_many"}, stage_reason),
        "augmentation": (
            {"augmentation_random_crop"},
            "ssd_random_crop does not fit; the step `augment` fills this in",
        ),
        "max_repeats": (
            {"imbalance"},
            "the square root of how much rarer a class is, by images (LVIS), ten times at most: its share of an epoch rises",
        ),
        "evaluate_every": stopping,
        "patience": stopping,
    }
    before, after = baseline.model_dump(mode="json"), planned.model_dump(mode="json")
    return [
        Change(field=path, before=old, after=new, findings=tuple(sorted(answered & findings)), reason=reason)
        for field, (answered, reason) in why.items()
        for path, old, new in _differences(field, before[field], after[field])
    ]


def _measured(recipe: Recipe) -> str:
    model, batch = prediction.MEASURED_MODEL, prediction.MEASURED_BATCH
    gain = f"{prediction.RATE_GAIN_AP:+.1f} AP at batch {batch} with {model} against scaling it linearly"
    same = (recipe.model, recipe.batch_size) == (model, batch)
    return f"measured: {gain}" if same else f"measured only as {gain}, not for this model and batch"


def _differences(path: str, before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    """(path, before, after) of the leaves that differ; lists count as leaves."""
    if isinstance(before, dict):
        return [found for key in before for found in _differences(f"{path}.{key}", before[key], after[key])]
    return [] if before == after else [(path, before, after)]
