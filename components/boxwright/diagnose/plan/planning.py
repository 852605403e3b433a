"""The plan: the baseline recipe with the changes that the findings ask for. Each change names its findings and its reason."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from boxwright.core import anchors, models, repeat_factors
from boxwright.core import recipe as recipes
from boxwright.core.recipe import Change, LearningRate, Recipe, Stage
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import Data
from boxwright.diagnose.measures.anchor_coverage import sizes_lost
from boxwright.diagnose.measures.evidence import NAMED
from boxwright.diagnose.plan import init_weights, prediction, rates
from boxwright.diagnose.plan.anchor_choice import Candidate
from boxwright.diagnose.plan.init_weights import InitWeights

# Passes over the training images in a fine-tuning. Run C needed 22 (580 steps).
EPOCHS = 25
# Keys of findings by field of the recipe.
Keys = Mapping[str, tuple[str, ...]]
_PATIENCE = 4


def auto_steps(images: int, batch_size: int) -> int:
    """The steps of EPOCHS, but at least 600 and at most 20,000."""
    return int(np.clip(-(-EPOCHS * images // batch_size), 600, 20_000))


def plan(
    data: Data,
    baseline: Recipe,
    init: InitWeights,
    asked: Keys,
    chosen: Candidate,
    steps: int,
    partly: Keys | None = None,
) -> Recipe:
    """The baseline (the zoo's recipe or a user's own) with the changes that the findings ask for.

    asked: for each field of the recipe the keys of the findings that ask for a change. partly: the same for findings that a
    change answers in part; it changes no further field. chosen: the grid and anchors to use.
    If the findings ask for `augmentation`, it is left empty, and the step `augment` fills it in.
    """
    changed = {"stock": False, "grid": chosen.grid, "anchors": chosen.anchors}
    new_head = init_weights.new_head(init, baseline.model_copy(update=changed))
    wanted = auto_steps(len(data.images_in("train")), baseline.batch_size)
    changed |= {
        "learning_rate": learning_rate(baseline, steps, wanted),
        "stages": stages(baseline, steps, bool(new_head)),
    }
    if "evaluate_every" in asked:
        changed |= {"evaluate_every": recipes.evaluate_every(steps), "patience": _PATIENCE}
    if "max_repeats" in asked and baseline.max_repeats == 1:
        changed["max_repeats"] = repeat_factors.MOST
    if "augmentation" in asked:
        changed["augmentation"] = ()
    planned = baseline.model_copy(update=changed)
    reasons = _reasons(data, baseline, planned, chosen, new_head)
    return planned.model_copy(update={"changes": tuple(_changes(baseline, planned, reasons, asked, partly or {}))})


def learning_rate(baseline: Recipe, steps: int, wanted: int) -> LearningRate:
    """The baseline's schedule, if its rate fits the batch and its warm-up is short.

    A rate fits if it is at least the measured rate and at most `rates.limit`. Otherwise the measured rate replaces it. A warm-up
    of a quarter of the steps or more is replaced by a warm-up of at most a tenth. wanted: the steps that suit the data. In a
    training of many more steps a lower rate fits, too, if all steps together go as far.
    """
    now, model, batch = baseline.learning_rate, baseline.model, baseline.batch_size
    measured = rates.measured(model, batch)
    far = steps >= rates.LONG_TRAINING * wanted and now.base * steps >= measured * wanted
    fits = (now.base >= measured or far) and now.base <= rates.limit(model, batch)
    if fits and now.warmup_steps < rates.LONG_WARMUP * steps:
        return now
    return LearningRate(
        base=now.base if fits else measured,
        warmup=rates.warmup(model, batch),
        warmup_steps=rates.warmup_steps(steps),
        momentum=now.momentum,
    )


def stages(baseline: Recipe, steps: int, new_head: bool) -> tuple[Stage, ...]:
    """A new head is trained alone for a tenth of the steps, so that it does not damage the trained backbone. A baseline with
    several stages and the same number of steps keeps its stages."""
    if steps == baseline.steps and len(baseline.stages) > 1:
        return baseline.stages
    alone = steps // 10 if new_head else 0
    rest = Stage(name="all", trainable="all", steps=steps - alone)
    return (Stage(name="head", trainable="head", steps=alone), rest) if alone else (rest,)


def _reasons(data: Data, baseline: Recipe, planned: Recipe, chosen: Candidate, new_head: str) -> dict[str, str]:
    """Why each field is changed, in the order in which changes are listed."""
    anchor_reason = _anchor_reason(data, baseline, chosen)
    stopping = "training is evaluated a dozen times and stops after four evaluations in a row without a better AP"
    batch = models.get(baseline.model).zoo.batch
    return {
        "grid": anchor_reason,
        "anchors": anchor_reason,
        "learning_rate": f"the zoo's rate is meant for its batch of {batch}; {_measured(baseline)}",
        "stages": _stage_reason(planned, new_head),
        "augmentation": "the crops or the padding of the recipe do not fit this data",
        "max_repeats": "images with a rare class are shown more often, by the square root of the ratio of image counts (LVIS), "
        "at most ten times",
        "evaluate_every": stopping,
        "patience": stopping,
    }


def _anchor_reason(data: Data, baseline: Recipe, chosen: Candidate) -> str:
    recipe = baseline.model_copy(update={"grid": chosen.grid, "anchors": chosen.anchors})
    train, val = (_listed(data, shares) for shares in (chosen.train, chosen.val))
    cost = models.get(baseline.model).grids[chosen.grid].step_cost
    worse = (
        f". More are out of reach than before among {sizes_lost(chosen.worse, data.classes)}" if chosen.worse else ""
    )
    return (
        f"the anchors are fitted to {chosen.fitted} training objects. Objects out of reach in train: {train} %; in val, which "
        f"the fit did not use: {val} %. There are {len(anchors.anchors(recipe))} anchors instead of "
        f"{len(anchors.anchors(baseline))}, at {cost}{worse}"
    )


def _listed(data: Data, shares: Mapping[int, float]) -> str:
    """Shares by class id as `cat 1.2, dog 0.0`, in percent: the worst classes, and how many more there are."""
    worst = sorted(shares, key=lambda i: -shares[i])
    return few([f"{data.classes[i - 1]} {100 * shares[i]:.1f}" for i in worst], NAMED) or "-"


def _stage_reason(planned: Recipe, new_head: str) -> str:
    if any(stage.trainable == "head" for stage in planned.stages):
        return f"{new_head}; so the head is trained alone first"
    return "the number of steps suits the number of images; the whole network is trained from the first step"


def _measured(recipe: Recipe) -> str:
    model, batch = prediction.MEASURED_MODEL, prediction.MEASURED_BATCH
    gain = f"{prediction.RATE_GAIN_AP:+.1f} AP at batch {batch} with {model}, compared with scaling the rate linearly"
    same = (recipe.model, recipe.batch_size) == (model, batch)
    return f"measured: {gain}" if same else f"the new rate was measured ({gain}), but not for this model and batch"


def _changes(baseline: Recipe, planned: Recipe, reasons: Mapping[str, str], asked: Keys, partly: Keys) -> list[Change]:
    """One Change for each leaf of the recipe that differs."""
    before, after = baseline.model_dump(mode="json"), planned.model_dump(mode="json")
    return [
        Change(
            field=path,
            before=old,
            after=new,
            findings=asked.get(field, ()),
            partly=partly.get(field, ()),
            reason=reason,
        )
        for field, reason in reasons.items()
        for path, old, new in _differences(field, before[field], after[field])
    ]


def _differences(path: str, before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    """(path, before, after) of the leaves that differ. A list counts as one leaf."""
    if isinstance(before, dict):
        return [found for key in before for found in _differences(f"{path}.{key}", before[key], after[key])]
    return [] if before == after else [(path, before, after)]
