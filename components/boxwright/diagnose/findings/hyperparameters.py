"""Findings on the settings of a training: rate against batch, warm-up and steps, batch norm, early stopping.

The bounds marked `set` are set by hand, not calibrated; those of a measured run or a paper name it.
"""

import math

from boxwright.core import models
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.recipe import Recipe
from boxwright.diagnose.plan import rates
from boxwright.diagnose.plan.existing_training import Given

_WARMUP_SHARE: dict[Severity, float] = {"high": 0.5, "medium": rates.LONG_WARMUP}  # set
_EPOCHS = 25  # of a fine-tuning; run C had 22
_STEPS_FACTOR: dict[Severity, float] = {"high": 10.0, "medium": 3.0}  # set: times fewer or more steps than planned
# ImageNet error of ResNet-50 by images a worker, batch norm against group norm (Wu & He 2018, Group Normalization, table 2).
_NORM_ERROR = {2: (34.7, 24.1), 4: (27.3, 24.2), 8: (24.8, 24.0), 16: (23.7, 24.2), 32: (23.6, 24.1)}
_UNMEASURED = "not measured here"


def findings(given: Given, images: int, planned_steps: int) -> list[Finding]:
    """All of them. images: of the training split; planned_steps: what this data would be trained for."""
    recipe = given.recipe
    found = [rate_too_high(recipe) if given.momentum else None, long_warmup(recipe), unfinished_decay(given)]
    found += [steps(recipe, images, planned_steps), no_early_stopping(recipe, images)]
    found.append(None if given.frozen_batch_norm else small_batch_norm(recipe))
    return [f for f in found if f]


def _severity(value: float, limits: dict[Severity, float]) -> Severity | None:
    return next((severity for severity, limit in limits.items() if value >= limit), None)


def _number(metric: str, value: float, n: int, where: str) -> Evidence:
    return Evidence(metric=metric, value=round(value, 6), n=n, where=f"recipe: {where}")


def rate_too_high(recipe: Recipe) -> Finding | None:
    """A rate above every rule that scales the zoo's to this batch (rules and sources: `rates.limit`)."""
    rate, limit = recipe.learning_rate.base, rates.limit(recipe.model, recipe.batch_size)
    if rate <= limit:
        return None
    model = models.get(recipe.model)
    zoo, batch = model.zoo.rate, model.zoo.batch
    linear = zoo * recipe.batch_size / batch
    wanted = rates.measured(recipe.model, recipe.batch_size)
    return Finding(
        id="learning_rate_high",
        cause="recipe",
        severity="high" if rate > 2 * limit else "medium",
        claim=f"Rate {rate:.4g} at batch {recipe.batch_size} is {rate / linear:.0f} times the zoo's {zoo:g} at batch {batch} "
        f"scaled linearly ({linear:.4g}), and {rate / limit:.1f} times the most that any rule of scaling allows ({limit:.4g}): "
        "the steps are as long as ever and their direction is the noise of a few images.",
        evidence=(
            _number("rate over the highest scaled rate", rate / limit, recipe.batch_size, "learning_rate.base, batch_size"),
            _number("rate over the linearly scaled one", rate / linear, recipe.batch_size, "learning_rate.base, batch_size"),
        ),
        remedy=f"Set learning_rate.base to {wanted:.4g} at batch {recipe.batch_size} (the recipe written here does).",
        expected_effect=f"{_UNMEASURED}; a training at such a rate diverges or forgets its initial weights in the first steps",
        confidence="high" if rate > 2 * limit else "medium",
    )  # fmt: skip


def long_warmup(recipe: Recipe) -> Finding | None:
    """A warm-up that takes much of the training, or does not end before it."""
    warmup, total, rate = recipe.learning_rate.warmup_steps, recipe.steps, recipe.learning_rate
    severity = _severity(warmup / total, _WARMUP_SHARE)
    if not severity:
        return None
    reached = rate.warmup + (rate.base - rate.warmup) * min(1.0, total / warmup)
    left = max(total - warmup, 0)
    return Finding(
        id="warmup_long",
        cause="recipe",
        severity=severity,
        claim=f"The warm-up takes {warmup} of {total} steps: the highest rate is {reached:.4g} (set: {rate.base:.4g}), and "
        f"{left} steps are left to learn at it and to come down from it.",
        evidence=(
            _number("warm-up steps per step of training", warmup / total, total, "learning_rate.warmup_steps, stages"),
        ),
        remedy=f"Warm up for {rates.warmup_steps(total)} steps, a tenth of the training at most.",
        expected_effect=_UNMEASURED,
        confidence="high" if warmup >= total else "medium",
    )


def unfinished_decay(given: Given) -> Finding | None:
    """A cosine made for more steps than there will be (OD API: learning_schedules.cosine_decay_with_warmup)."""
    total, warmup, length = given.recipe.steps, given.recipe.learning_rate.warmup_steps, given.decay_steps
    if length <= total or warmup >= total:
        return None
    left = (1 + math.cos(math.pi * (total - warmup) / (length - warmup))) / 2
    if left < 0.25:
        return None
    return Finding(
        id="decay_unfinished",
        cause="recipe",
        severity="medium",
        claim=f"The rate is made to fall over {length} steps, but training ends after {total}: it still stands at {left:.0%} of "
        "its peak, so the weights never settle.",
        evidence=(_number("last rate over the highest", left, total, "total_steps of the schedule, num_steps"),),
        remedy=f"Let the rate fall to zero over the {total} steps there are (a recipe.yaml always does).",
        expected_effect=_UNMEASURED,
        confidence="medium",
    )


def steps(recipe: Recipe, images: int, planned: int) -> Finding | None:
    """Far fewer or far more steps than 25 epochs within 600 to 20,000 steps."""
    few = recipe.steps < planned
    factor = planned / recipe.steps if few else recipe.steps / planned
    severity = _severity(factor, _STEPS_FACTOR)
    if not severity:
        return None
    epochs = recipe.steps * recipe.batch_size / images
    harm = "the head, which starts from random numbers, is not done learning" if few else "it learns them by heart"
    return Finding(
        id="steps_few" if few else "steps_many",
        cause="recipe",
        severity=severity if few else "medium",
        claim=f"{recipe.steps} steps of {recipe.batch_size} show each of the {images} training images {epochs:.3g} times: "
        f"{harm}. Planned for this data are {planned} steps.",
        evidence=(
            _number("epochs", epochs, images, "stages, batch_size"),
            _number("steps over planned steps", recipe.steps / planned, recipe.steps, "stages"),
        ),
        remedy=f"Train for {planned} steps (`--steps 0` chooses them)" + ("." if few else ", with early stopping."),
        expected_effect=_UNMEASURED,
        confidence="medium",
    )


def small_batch_norm(recipe: Recipe) -> Finding | None:
    """Batch norm that takes its statistics from four images or fewer."""
    batch = recipe.batch_size
    if batch > 4:
        return None
    theirs, group = _NORM_ERROR[4 if batch > 2 else 2]
    return Finding(
        id="batch_norm_small_batch",
        cause="recipe",
        severity="low" if batch > 2 else "medium",
        claim=f"Batch norm learns from {batch} image{'s' * (batch > 1)} a step: its means and variances are those of whatever "
        "was drawn, and inference uses their average, which no step of training has seen.",
        evidence=(_number("images a step", batch, batch, "batch_size"),),
        remedy="Train with batch_size 8 or more, where batch norm was measured to be sane; in a pipeline.config of your own "
        "freeze_batchnorm: true keeps the statistics of the initial weights.",
        expected_effect=f"not measured here; on ImageNet ResNet-50's error was {theirs} % at {4 if batch > 2 else 2} images a "
        f"worker, {group} % with a norm that does not depend on the batch (Wu & He 2018)",
        confidence="medium",
    )


def no_early_stopping(recipe: Recipe, images: int) -> Finding | None:
    """A training of many epochs that nothing can end: the first evaluation may be the best, `patience` more must follow."""
    earliest = recipe.evaluate_every * (1 + recipe.patience)
    epochs = recipe.steps * recipe.batch_size / images
    if earliest < recipe.steps or epochs < _EPOCHS:
        return None
    return Finding(
        id="no_early_stopping",
        cause="recipe",
        severity="medium",
        claim=f"Training runs for {recipe.steps} steps, {epochs:.0f} times over the {images} images, and cannot end before step "
        f"{earliest}: when validation AP falls, it goes on learning the training images by heart.",
        evidence=(
            _number("earliest stop over steps", earliest / recipe.steps, recipe.steps, "evaluate_every, patience"),
        ),
        remedy="Evaluate a dozen times and stop after four without a better AP (evaluate_every, patience), and keep the best "
        "checkpoint: the step `train` does both.",
        expected_effect=_UNMEASURED,
        confidence="medium",
    )
