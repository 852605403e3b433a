# environment: data
"""No two sentences of one diagnosis contradict each other, whatever the recipe and the data are."""

import itertools
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.findings import Finding
from boxwright.core.recipe import LearningRate
from boxwright.diagnose.findings.training import learning_rate_batch

# What one finding may say, and what no other finding of the same diagnosis may then say. Sentences of findings in small letters.
OPPOSITES = {
    "steps": (
        r"steps are far too few|train (for )?longer|too few steps",
        r"steps are far too many|overfits|fewer steps",
    ),
    "rate": (r"rate is too low|raise the (learning )?rate", r"rate is [\d.]+ times too high|lower the learning rate"),
    "stopping": (r"stop after \w+ evaluations|with early stopping", r"keep the last step|number of steps\."),
    "splits": (
        r"images show what|(copies|scenes) of training images|frames near",
        r"\bmix them|one folder without splits",
    ),
    "crops": (r"replace the random crop|drop the crops", r"add the random crop|crop more"),
    "input": (
        r"larger input|raise input_size|input is too small",
        r"smaller input|lower input_size|input is too large",
    ),
    "size": (r"so that the objects get larger|from closer", r"so that the objects get smaller|from further away"),
    "repeats": (r"show images with .{1,80} more often", r"repeating .{1,80} would raise its share only"),
    "sharing": (r"add images", r"remove images|fewer images"),
}
# Ids that cannot be true of one training on one data set, and why.
EXCLUSIVE = {
    ("steps_few", "steps_many"): "the steps cannot be too few and too many",
    ("learning_rate_batch", "learning_rate_high"): "the rate cannot be too low and too high",
    ("steps_few", "no_early_stopping"): "a training that is too short does not overfit",
    ("val_too_small", "no_early_stopping"): "chance decides when to stop on few images",
    ("lighting_shift", "split_shift"): "the light is one of the differences of the splits",
}
BATCH = 8


def sentences(finding: Finding) -> str:
    return " ".join((finding.title, finding.claim, finding.remedy, finding.expected_effect)).lower()


def contradictions(findings) -> list[str]:
    """Pairs of findings that say opposite things, and pairs of ids that exclude each other."""
    found = [f"{a}, {b}: {why}" for (a, b), why in EXCLUSIVE.items() if {a, b} <= {one.id for one in findings}]
    for topic, (one_way, other_way) in OPPOSITES.items():
        for a, b in itertools.product(findings, repeat=2):
            if re.search(one_way, sentences(a)) and re.search(other_way, sentences(b)):
                found.append(f"{topic}: {a.id} against {b.id}")
    return found


def training(folder, steps=600, base=0.0109, warmup=60, every=50, patience=4):
    """A recipe.yaml of the user."""
    stock = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=steps, batch_size=BATCH)
    rate = LearningRate(base=base, warmup=min(base, 0.002), warmup_steps=warmup, momentum=0.9)
    made = stock.model_copy(update={"learning_rate": rate, "evaluate_every": every, "patience": patience})
    recipes.write(made, folder / "recipe.yaml")
    return str(folder / "recipe.yaml")


def drawn(random, folder):
    """(what the maker of data is asked for, the user's recipe), both at random over what people have."""
    steps = int(10 ** random.uniform(1, 5.3))
    given = training(
        folder, steps, base=10 ** random.uniform(-4, 0), warmup=int(steps * random.choice([0.01, 0.1, 0.6])),
        every=max(1, int(steps * random.choice([0.08, 1.0]))), patience=int(random.choice([1, 4])),
    )  # fmt: skip
    counts = {"train": int(random.choice([12, 60, 200])), "val": int(random.choice([4, 40])), "test": 40}
    side = {"cat": float(random.choice([0.02, 0.06, 0.3])), "dog": 0.3}
    per_image = {"cat": (0.1, 1)[random.integers(2)], "dog": int(random.choice([1, 8]))}
    brightness = {"test": float(random.choice([0.2, 0.5]))}
    data = {"counts": counts, "side": side, "per_image": per_image, "brightness": brightness}
    return data | {"seed": int(random.integers(1000))}, given


def said(make_data, diagnosed, folder, seed):
    data, given = drawn(np.random.default_rng(seed), folder)
    return diagnosed(make_data(**data), given=given)


@pytest.mark.parametrize("seed", range(4))
def test_drawn_recipes_and_data_raise_no_opposite_advice(make_data, diagnosed, tmp_path, seed):
    assert contradictions(said(make_data, diagnosed, tmp_path, seed)[0].findings) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_no_opposite_advice_in_40_draws(make_data, diagnosed, tmp_path, seed):
    assert contradictions(said(make_data, diagnosed, tmp_path, seed)[0].findings) == []


@pytest.mark.parametrize("seed", range(2))
def test_remedies_name_the_numbers_of_the_plan(make_data, diagnosed, tmp_path, seed):
    """A number in a remedy that the recipe carries out is the number in the recipe."""
    found, used, _ = said(make_data, diagnosed, tmp_path, seed)
    answered = {key for change in used.changes for key in change.findings}
    for finding in (one for one in found.findings if one.key in answered):
        for steps in re.findall(r"Train for (\d+) steps", finding.remedy):
            assert int(steps) == used.steps
        for rate in re.findall(r"rate up to ([\d.e-]+),", finding.remedy):
            assert float(rate) == pytest.approx(used.learning_rate.base, rel=1e-3)
        for warmup in re.findall(r"tenth of the training: (\d+) of", finding.remedy):
            assert int(warmup) == used.learning_rate.warmup_steps


@pytest.mark.parametrize("side", [0.03, 0.06])
def test_what_the_plan_does_is_not_left_to_the_user(make_data, diagnosed, side):
    """Crowded small cats. A remedy that is the plan's own, and that leaves nothing, is a change of the recipe."""
    data = make_data(counts={"train": 40, "val": 40}, per_image={"cat": 40, "dog": 1}, side={"cat": side})
    found, used, _ = diagnosed(data)
    answered = {key for change in used.changes for key in change.findings}
    whole = r"(Use|Train on) the (planned|stride)(?!.*(To reach the rest|tiles))"
    plans = {one.key for one in found.findings if re.match(whole, one.remedy)}
    assert plans <= answered
    assert not [one.key for one in found.findings if one.key in answered and "No grid" in one.remedy]


def ids(made):
    return {finding.id for finding in made[0].findings}


def test_a_low_rate_is_not_called_too_low_for_many_steps(make_data, diagnosed):
    """200,000 steps of the user's own choice: the model memorises the images at any rate."""
    found, used, _ = diagnosed(make_data(), steps=200_000)
    assert "steps_many" in {one.id for one in found.findings}
    assert "learning_rate_batch" not in {one.id for one in found.findings}
    assert used.steps == 200_000 and not [change for change in used.changes if change.field.startswith("learning_rate")]


def test_a_short_training_is_not_said_to_overfit(make_data, diagnosed, tmp_path):
    """150 steps over 12 images are 100 epochs without an early stop, and too few for a new head."""
    given = training(tmp_path, steps=150, every=150)
    found = diagnosed(make_data(counts={"train": 12, "val": 40}), given=given)[0].findings
    (few,) = (one for one in found if one.id == "steps_few")
    assert few.title == "150 steps are far too few to train a new head"
    assert "no_early_stopping" not in {one.id for one in found}


def test_early_stopping_is_not_asked_of_a_tiny_validation_split(make_data, diagnosed, tmp_path):
    def with_val(images):
        given = training(tmp_path, steps=700, every=700)
        return ids(diagnosed(make_data(counts={"train": 160, "val": images}), given=given))

    assert "val_too_small" in with_val(5) and "no_early_stopping" not in with_val(5)
    assert "no_early_stopping" in with_val(40) and "val_too_small" not in with_val(40)


def test_the_rate_of_another_optimizer_is_not_judged():
    """Adam has rates of 0.001. The zoo's rates are for SGD with momentum."""
    adam: Any = SimpleNamespace(training=SimpleNamespace(momentum=False))
    assert list(learning_rate_batch.find(adam)) == []


def test_the_test_sees_opposite_advice():
    def finding(id, title):
        return Finding(id=id, cause="recipe", severity="low", title=title, claim="c")

    few, many = (
        finding("a", "60 steps are far too few for a head"),
        finding("b", "60 steps are far too many for 3 images"),
    )
    assert contradictions([few, many]) == ["steps: a against b"]
    assert contradictions([finding("steps_few", "t"), finding("steps_many", "t")]) != []
