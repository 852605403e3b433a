"""The recipe: the zoo's numbers, scaled by hand; a file that a person may edit, and be told what is wrong in it."""

import pytest

pytest.importorskip("pydantic")

from boxwright.core import recipe
from boxwright.core.errors import UserError


def test_stock_ppn():
    """.7 at batch 512 is .0109375 at 8; 2,000 of 50,000 steps of warm-up are 36 of 900."""
    stock = recipe.stock("ssd_mobilenet_v1_ppn", ["a", "b"], steps=900)
    assert stock.learning_rate.base == pytest.approx(0.0109375)
    assert stock.learning_rate.warmup_steps == 36
    assert stock.anchors.scales == (0.15, 0.31, 0.47, 0.63, 0.79, 0.95)
    assert [option.name for option in stock.augmentation] == ["random_horizontal_flip", "ssd_random_crop"]
    assert (stock.steps, stock.grid, stock.changes) == (900, "stride16", ())


def test_alias_and_unknown_model():
    assert recipe.stock("ssd_mobilenet_v1_pnp", ["a"], steps=10).model == "ssd_mobilenet_v1_ppn"
    with pytest.raises(UserError, match="no model 'yolo'"):
        recipe.stock("yolo", ["a"], steps=10)


def test_round_trip_and_digest(tmp_path):
    change = recipe.Change(field="seed", before=0, after=None, findings=("few_objects.Größe", "x"), reason="r")
    written = recipe.stock("ssd_mobilenet_v2", ["Größe", "b"], steps=50).model_copy(update={"changes": (change,)})
    recipe.write(written, tmp_path / "new" / "recipe.yaml")
    read = recipe.read(tmp_path / "new" / "recipe.yaml")
    assert read == written
    assert read.digest() == written.digest()
    assert read.model_copy(update={"seed": 1}).digest() != written.digest()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("batch_size: 8", "batch_size: 0", "batch_size"),
        ("grid: stride16", "grid: stride8", "stride8 exists for ssd_mobilenet_v1_ppn only"),
        ("warmup_steps: 2", "warmup_steps: 50", "warmup_steps: 50 of 50"),
        ("seed: 0", "sead: 0", "sead"),
        ("seed: 0", "seed: [", "not YAML"),
    ],
)
def test_a_wrong_edit_is_named(tmp_path, before, after, told):
    file = tmp_path / "recipe.yaml"
    recipe.write(recipe.stock("ssd_mobilenet_v1", ["a"], steps=50), file)
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))
    with pytest.raises(UserError, match=told):
        recipe.read(file)
