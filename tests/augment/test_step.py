# environment: train
"""The step: which recipes it refuses, fills in and keeps."""

import html

import pytest

from boxwright.augment import step
from boxwright.core import recipe as recipes
from boxwright.core.artifacts import diagnosis
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.runtime.errors import UserError


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"classes": ("box", "post")}, "the recipe has the classes box, post, but the records in .* have box, pole"),
        (
            {"augmentation": (recipes.Augmentation(name="random_resize_method", reason=""),)},
            "augmentation random_resize_method: target_height: 0 is not more than 0",
        ),
    ],
)
def test_refuses_a_recipe_that_cannot_be_trained(changed, told, tiny_records, tiny_recipe, tmp_path):
    recipes.write(tiny_recipe.model_copy(update=changed), tmp_path / "recipe.yaml")
    given = {"recipe": tmp_path / "recipe.yaml", "findings": tmp_path / "findings.json"}
    outputs = {"final_recipe": tmp_path / "final.yaml", "page": tmp_path / "page.html"}
    with pytest.raises(UserError, match=told):
        step.run(step.Config(records=tiny_records, **given, **outputs))
    assert not (tmp_path / "page.html").exists()


def test_fills_a_planned_recipe_and_keeps_a_stock_one(tiny_records, tiny_recipe, tmp_path):
    diagnosis.write(tmp_path / "findings.json", Diagnosis(findings=(), unreachable={"stock": {}, "used": {}}))
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
