"""Augmentation: what is chosen, and that it is the OD API that does it."""

import html

import numpy as np
import pytest

from boxwright.augment import contact_sheet, measure, policy, step
from boxwright.core import findings
from boxwright.core import recipe as recipes
from boxwright.core.findings import Evidence, Finding

PLAIN = measure.Facts(
    images=50, height=480, width=640, aspect=(4 / 3, 4 / 3), upright={"cell": 0.1}, small=0.0, grey=False
)


def _names(facts=PLAIN, classes=("cell",), found=()):
    return [option.name for option in policy.choose(facts, classes, found)]


def _with(**changes):
    return measure.Facts(**{**PLAIN.__dict__, **changes})


@pytest.mark.parametrize(
    ("facts", "classes", "option", "chosen"),
    [
        (PLAIN, ("cell",), "random_horizontal_flip", True),
        (PLAIN, ("turn left", "turn right"), "random_horizontal_flip", False),
        (PLAIN, ("leftover",), "random_horizontal_flip", True),
        (PLAIN, ("cell",), "random_vertical_flip", True),
        (_with(upright={"cell": 0.1, "car": -0.9}), ("cell", "car"), "random_vertical_flip", False),
        (PLAIN, ("cell",), "random_absolute_pad_image", True),
        (_with(small=0.3), ("cell",), "random_absolute_pad_image", False),
        (_with(grey=True), ("cell",), "random_adjust_saturation", False),
        (PLAIN, ("cell",), "ssd_random_crop", False),
    ],
)
def test_options_follow_the_data(facts, classes, option, chosen):
    assert (option in _names(facts, classes)) == chosen


def _finding(name):
    evidence = (Evidence(metric="KS", value=0.5, n=10, where="tables"),)
    return Finding(
        id=name,
        cause="data",
        severity="medium",
        claim="",
        evidence=evidence,
        remedy="",
        expected_effect="",
        confidence="high",
    )


@pytest.mark.parametrize(("found", "delta"), [((), 0.08), (("few_images",), 0.08), (("lighting_shift",), 0.2)])
def test_a_lighting_shift_widens_brightness(found, delta):
    options = policy.choose(PLAIN, ["cell"], list(map(_finding, found)))
    assert next(o for o in options if o.name == "random_adjust_brightness").options["max_delta"] == delta


@pytest.mark.parametrize(
    ("found", "answered"),
    [
        (("augmentation_random_crop", "few_images"), ("augmentation_random_crop",)),
        (("augmentation_random_crop", "lighting_shift"), ("augmentation_random_crop", "lighting_shift")),
        ((), ()),
    ],
)
def test_the_change_names_the_findings_that_it_answers(tiny_recipe, found, answered):
    recipe = policy.apply(tiny_recipe, PLAIN, list(map(_finding, found)))
    assert recipe.changes[-1].findings == answered


def test_effect_size():
    assert measure.effect_size(np.array([1.0, 3.0] * 4)) == pytest.approx(2 / np.std([1, 3] * 4, ddof=1))
    assert measure.effect_size(np.ones(3)) == 0.0


def test_facts_of_upright_objects(tiny_records):
    facts = measure.facts(tiny_records, 128)
    assert (facts.images, facts.height, facts.width, facts.grey) == (8, 120, 160, False)
    assert facts.aspect == (pytest.approx(4 / 3), pytest.approx(4 / 3))
    assert facts.small == 0.0 and set(facts.upright) == {"box", "pole"}


def test_flipped_boxes_stay_on_their_object(tiny_records, tiny_recipe):
    """The red square's pixels are inside its box in every draw."""
    sample = contact_sheet._sample(next(contact_sheet.recordfiles.read(tiny_records, "train")))
    augment = contact_sheet.augmenter(tiny_recipe)
    for _ in range(4):
        drawn = augment(sample)
        top, left, bottom, right = (drawn.boxes_yxyx[0] * [120, 160, 120, 160]).round().astype(int)
        inside = drawn.image[top + 2 : bottom - 2, left + 2 : right - 2]
        assert (inside[..., 0] > inside[..., 2] + 100).mean() > 0.5 or (drawn.class_ids[0] != 1)


def test_step_fills_a_planned_recipe_and_leaves_the_stock_one(tiny_records, tiny_recipe, tmp_path):
    findings.write(findings.Diagnosis(findings=(), unreachable={"stock": {}, "used": {}}), tmp_path / "findings.json")
    stock = recipes.stock("ssd_mobilenet_v1_ppn", ["box", "pole"], steps=100)
    for name, recipe in (("planned", tiny_recipe.model_copy(update={"augmentation": ()})), ("stock", stock)):
        recipes.write(recipe, tmp_path / name)
        config = step.Config(
            records=tiny_records,
            recipe=tmp_path / name,
            findings=tmp_path / "findings.json",
            final_recipe=tmp_path / f"{name}-final",
            page=tmp_path / f"{name}.html",
        )
        result = step.run(config)
        final = recipes.read(config.final_recipe)
        assert result.artifacts["final_recipe"]["digest"] == final.digest()
        page = html.unescape(config.page.read_text())
        assert page.count("<img") == 6 * 4 and all(option.reason in page for option in final.augmentation)
        if name == "stock":
            assert final == stock
        else:
            assert all(option.reason for option in final.augmentation)
            assert [c.field for c in final.changes] == ["augmentation"]
