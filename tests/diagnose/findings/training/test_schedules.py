# environment: data
"""Findings on the schedule of a training, by hand. The zoo's scaled recipe and the plan have none."""

import math

import pytest
from present import present

from boxwright.core import models
from boxwright.core import recipe as recipes
from boxwright.core.recipe import LearningRate
from boxwright.diagnose.findings.training import (
    batch_norm_small_batch,
    decay_unfinished,
    learning_rate_high,
    no_early_stopping,
    step_count,
    warmup_long,
)
from boxwright.diagnose.given.schedule import of_recipe
from boxwright.diagnose.plan import planning, rates
from boxwright.diagnose.plan.existing_training import ExistingTraining

PPN = "ssd_mobilenet_v1_ppn"


def recipe(steps=600, batch_size=8, model=PPN, **rate):
    made = recipes.stock(model, ["a"], steps=steps, batch_size=batch_size)
    return made.model_copy(update={"learning_rate": LearningRate(**made.learning_rate.model_dump() | rate)})


def until(made, length):
    """A training with this recipe, whose rate is zero only after `length` steps."""
    return ExistingTraining(recipe=made, schedule=of_recipe(made.learning_rate, length))


def found(made, images=192, planned=600, **settings):
    """Severity by id. 600 steps of 8 over 192 images are 25 epochs."""
    training = ExistingTraining(recipe=made, schedule=of_recipe(made.learning_rate, made.steps), **settings)
    findings = (
        learning_rate_high.judge(training),
        warmup_long.judge(made, made.steps),
        decay_unfinished.judge(training),
        step_count.judge(made, images, planned),
        no_early_stopping.judge(made, images),
        batch_norm_small_batch.judge(training),
    )
    return {finding.id: finding.severity for finding in findings if finding}


@pytest.mark.parametrize("model", models.NAMES)
@pytest.mark.parametrize("batch", [8, 64, 512, 1024])
def test_finds_nothing_in_the_zoos_recipe_and_the_plan(model, batch):
    stock = recipe(model=model, batch_size=batch)
    planned = stock.model_copy(update={"learning_rate": planning.learning_rate(stock, 600, 600)})
    assert found(stock, images=24 * batch) == {}
    assert found(planned, images=24 * batch) == {}


@pytest.mark.parametrize(
    ("model", "batch", "limit"),
    [
        (PPN, 512, 0.7),
        (PPN, 8, 0.7 / 8),  # by the square root of 1/64; linearly .011, measured .025
        (PPN, 1024, 1.4),  # linearly; by the square root .99
        ("ssd_mobilenet_v2", 8, 0.025),  # as measured; by the square root .01
    ],
)
def test_the_highest_allowed_rate(model, batch, limit):
    assert rates.limit(model, batch) == pytest.approx(limit)


@pytest.mark.parametrize(("steps", "warmup"), [(300, 30), (600, 60), (2000, 60)])
def test_plans_a_warm_up_of_a_tenth_but_60_steps_at_most(steps, warmup):
    assert rates.warmup_steps(steps) == warmup


@pytest.mark.parametrize(
    ("batch", "rate", "severity"),
    [(8, 0.7, "high"), (8, 0.1, "medium"), (8, 0.0875, None), (8, 0.025, None), (512, 0.7, None), (64, 0.7, "high")],
)
def test_judges_the_rate_by_the_batch(batch, rate, severity):
    assert found(recipe(batch_size=batch, base=rate), images=24 * batch).get("learning_rate_high") == severity


def test_says_how_much_too_high_a_rate_is():
    """.7 at batch 8 is 64 times .7 * 8/512 and 8 times .7 * (8/512)^.5."""
    finding = present(learning_rate_high.judge(until(recipe(base=0.7), 600)))
    assert [round(e.value, 3) for e in finding.evidence] == [8.0, 64.0]
    assert "0.025" in finding.remedy


def test_does_not_judge_the_rate_of_another_optimizer():
    """Adam's steps do not grow with the gradient, so the zoo's rates say nothing about it."""
    assert "learning_rate_high" not in found(recipe(base=0.7), momentum=False)


@pytest.mark.parametrize(
    ("warmup", "severity"), [(24, None), (149, None), (150, "medium"), (300, "high"), (599, "high"), (2_000, "high")]
)
def test_judges_the_warm_up_by_the_steps(warmup, severity):
    assert found(recipe(warmup_steps=warmup)).get("warmup_long") == severity


def test_a_warm_up_that_never_reaches_the_rate():
    """From .1 to .5 over 2,000 steps: after 600 steps the rate is .1 + .3 * .4 = .22."""
    finding = present(warmup_long.judge(recipe(warmup_steps=2_000, warmup=0.1, base=0.5), 600))
    assert finding.evidence[0].value == pytest.approx(10 / 3)
    assert "rate reaches 0.22 " in finding.claim and "0 steps remain" in finding.claim


@pytest.mark.parametrize(
    ("length", "left"),
    [(600, None), (900, 0.25), (1_200, 0.5), (50_000, (1 + math.cos(math.pi * 600 / 50_000)) / 2)],
)
def test_a_decay_that_does_not_end(length, left):
    """Without a warm-up, half a cosine is at a half after 600 of 1,200 steps, and at a quarter after 600 of 900."""
    finding = decay_unfinished.judge(until(recipe(warmup_steps=0), length))
    assert (finding and finding.evidence[0].value) == (left and pytest.approx(left, abs=1e-6))


@pytest.mark.parametrize(
    ("steps", "ids"),
    [
        (60, {"steps_few": "high"}),
        (200, {"steps_few": "medium"}),
        (201, {}),
        (1_799, {}),
        (1_800, {"steps_many": "medium"}),
    ],
)
def test_judges_the_steps_by_the_data(steps, ids):
    assert found(recipe(steps=steps)) == ids


def test_says_how_many_epochs_few_steps_are():
    """60 steps of 8 over 192 images are 2.5 epochs, a tenth of the 600 planned steps."""
    finding = present(step_count.judge(recipe(steps=60), 192, 600))
    assert [e.value for e in finding.evidence] == [2.5, 0.1]


@pytest.mark.parametrize(("batch", "severity"), [(1, "medium"), (2, "medium"), (4, "low"), (5, None), (8, None)])
def test_judges_batch_norm_by_the_batch(batch, severity):
    made = recipe(batch_size=batch)
    assert found(made, images=24 * batch).get("batch_norm_small_batch") == severity
    assert "batch_norm_small_batch" not in found(made, images=24 * batch, frozen_batch_norm=True)


@pytest.mark.parametrize(
    ("every", "patience", "images", "severity"),
    [
        (50, 4, 192, None),  # may end at 250
        (100, 5, 192, "medium"),  # may end at 600, which is the end
        (600, 1, 192, "medium"),
        (600, 1, 193, None),  # under 25 epochs: there is no time to overfit
    ],
)
def test_judges_early_stopping(every, patience, images, severity):
    made = recipe().model_copy(update={"evaluate_every": every, "patience": patience})
    assert found(made, images=images).get("no_early_stopping") == severity


def test_a_long_training_may_have_a_lower_rate():
    """A rate of .0109 over 2,000 steps goes as far as .025 over 600 does, a rate of .001 does not. 1,799 steps are not long."""

    def planned(steps, base):
        return planning.learning_rate(recipe(steps=steps, base=base), steps, 600).base

    assert planned(2_000, 0.0109) == 0.0109
    assert planned(2_000, 0.001) == planned(1_799, 0.0109) == 0.025
