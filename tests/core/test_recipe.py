# environment: data
"""The recipe: the zoo's numbers scaled by hand, reading and writing, and errors that name wrong values."""

import pytest
import yaml

from boxwright.core import recipe
from boxwright.core.runtime.errors import UserError


def test_stock_recipe_of_ppn():
    """A rate of .7 at batch 512 is .0109375 at batch 8. 2,000 warm-up steps of 50,000 are 36 of 900."""
    stock = recipe.stock("ssd_mobilenet_v1_ppn", ["a", "b"], steps=900)
    assert stock.learning_rate.base == pytest.approx(0.0109375)
    assert stock.learning_rate.warmup_steps == 36
    assert stock.anchors.scales == (0.15, 0.31, 0.47, 0.63, 0.79, 0.95)
    assert [option.name for option in stock.augmentation] == ["random_horizontal_flip", "ssd_random_crop"]
    assert (stock.steps, stock.grid, stock.changes) == (900, "stride16", ())


@pytest.mark.parametrize(
    ("model", "rates", "scales", "reduced", "weight"),
    [
        ("ssd_mobilenet_v1_ppn", (0.7 / 64, 0.13333 / 64), (0.15, 0.95), False, 1.5),
        ("ssd_mobilenet_v1", (0.9 / 128, 0.3 / 128), (0.2, 0.95), True, 1.0),
        ("ssd_mobilenet_v2", (0.08 / 64, 0.013333 / 64), (0.2, 0.95), True, 1.0),
    ],
)
def test_stock_recipes_have_the_zoos_numbers(model, rates, scales, reduced, weight):
    """At batch 8 the rates are a 64th of those at batch 512, a 128th of those at 1,024. Evaluations are 50 steps apart."""
    stock = recipe.stock(model, ["a"], steps=1200)
    assert (stock.learning_rate.base, stock.learning_rate.warmup) == pytest.approx(rates)
    assert (stock.anchors.scales[0], stock.anchors.scales[-1]) == scales
    assert (stock.anchors.reduce_boxes_in_lowest_layer, stock.loss.localization_weight) == (reduced, weight)
    assert stock.evaluate_every == 100 and recipe.stock(model, ["a"], steps=300).evaluate_every == 50


def test_stock_for_keeps_classes_steps_batch_and_seed():
    stock = recipe.stock("ssd_mobilenet_v2", ["a", "b"], steps=70, batch_size=4, seed=3)
    assert recipe.stock_for(stock.model_copy(update={"patience": 9, "stock": False})) == stock


def test_knows_aliases_and_refuses_unknown_models():
    assert recipe.stock("ssd_mobilenet_v1_pnp", ["a"], steps=10).model == "ssd_mobilenet_v1_ppn"
    with pytest.raises(UserError, match="no model 'yolo'"):
        recipe.stock("yolo", ["a"], steps=10)


def test_reads_what_it_wrote(tmp_path):
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
        ("warmup_steps: 2", "warmup_steps: 50", "warmup_steps: 50 is not less than the 50 steps"),
        ("seed: 0", "sead: 0", "sead"),
        ("seed: 0", "seed: [", "not YAML"),
        ("seed: 0", f"seed: {'[' * 2000}", "not YAML: it is nested more than 100 levels deep"),
        (
            "changes: []",
            "changes: [{field: seed, before: &b [*b], after: 1, findings: [], reason: r}]",
            "recursive node",
        ),
    ],
)
def test_names_a_wrong_edit(tmp_path, before, after, told):
    file = tmp_path / "recipe.yaml"
    recipe.write(recipe.stock("ssd_mobilenet_v1", ["a"], steps=50), file)
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))
    with pytest.raises(UserError, match=told):
        recipe.read(file)


@pytest.mark.parametrize(
    ("part", "values", "told"),
    [
        ("anchors", {"scales": []}, "anchors.scales: .*at least 1 item"),
        ("anchors", {"scales": [0.0, 0.4]}, "anchors.scales.0: .*greater than 0"),
        ("anchors", {"scales": [-0.1, 0.4]}, "anchors.scales.0: .*greater than 0"),
        ("anchors", {"scales": [0.4, 1.5]}, "anchors.scales.1: .*less than or equal to 1"),
        ("anchors", {"scales": [0.7, 0.4]}, "scales: .* are not in order; the smallest must come first"),
        ("anchors", {"aspect_ratios": []}, "anchors.aspect_ratios: .*at least 1 item"),
        ("anchors", {"aspect_ratios": [0]}, "anchors.aspect_ratios.0: .*greater than 0"),
        ("anchors", {"aspect_ratios": [-1]}, "anchors.aspect_ratios.0: .*greater than 0"),
        ("anchors", {"interpolated_aspect_ratio": -1}, "interpolated_aspect_ratio: .*greater than or equal to 0"),
        ("loss", {"classification_weight": -1}, "loss.classification_weight: .*greater than 0"),
        ("loss", {"localization_weight": float("nan")}, "loss.localization_weight: .*finite number"),
        ("learning_rate", {"base": float("inf")}, "learning_rate.base: .*finite number"),
        ("learning_rate", {"base": 0.001}, r"learning_rate.warmup: 0\.0020\d* is more than base \(0\.001\)"),
    ],
)
def test_names_values_that_cannot_train(tmp_path, part, values, told):
    file = tmp_path / "recipe.yaml"
    written = recipe.stock("ssd_mobilenet_v1_ppn", ["a"], steps=50).model_dump(mode="json")
    file.write_text(yaml.safe_dump(written | {part: written[part] | values}))
    with pytest.raises(UserError, match=told):
        recipe.read(file)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"seed": -5}, "seed: .*greater than or equal to 0"),
        ({"stages": []}, "stages: .*at least 1 item"),
        ({"seed": 2**40}, "seed: .*less than"),
        ({"depth_multiplier": 0.01}, "depth_multiplier: .*greater than"),
        ({"model": "ssd_mobilenet_v1", "depth_multiplier": 0.5}, "only ssd_mobilenet_v1_ppn can be narrower"),
        (
            {"grid": "stride8", "anchors": {"scales": [0.5], "aspect_ratios": [1]}},
            "got 1, .* has at least 2 feature maps",
        ),
        (
            {"model": "ssd_mobilenet_v2", "anchors": {"scales": [0.5] * 7, "aspect_ratios": [1]}},
            "got 7, one for each feature map; ssd_mobilenet_v2 on stride16 has at most 6 feature maps",
        ),
    ],
)
def test_names_networks_that_cannot_be_built(tmp_path, values, told):
    file = tmp_path / "recipe.yaml"
    written = recipe.stock("ssd_mobilenet_v1_ppn", ["a"], steps=50).model_dump(mode="json")
    file.write_text(yaml.safe_dump(written | values))
    with pytest.raises(UserError, match=told):
        recipe.read(file)


def test_names_a_wrong_number_of_a_stock_recipe():
    with pytest.raises(
        UserError, match=r"recipe of ssd_mobilenet_v1 would be invalid: seed: .*greater than or equal to 0"
    ):
        recipe.stock("ssd_mobilenet_v1", ["a"], steps=50, seed=-5)


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file"), (b"\xff\xfe", "it is not UTF-8 text"), (b"", "is not a recipe: expected the fields")],
)
def test_refuses_files_that_are_not_recipes(tmp_path, content, why):
    file = tmp_path / "recipe.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError, match=why):
        recipe.read(file)


def test_refuses_duplicate_keys(tmp_path):
    """Of two blocks `augmentation`, YAML would drop one without a warning."""
    file = tmp_path / "recipe.yaml"
    recipe.write(recipe.stock("ssd_mobilenet_v1", ["a"], steps=50), file)
    file.write_text(file.read_text() + "augmentation: []\n")
    with pytest.raises(UserError, match="is not YAML: the key augmentation occurs twice"):
        recipe.read(file)


def test_cannot_write_below_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        recipe.write(recipe.stock("ssd_mobilenet_v1", ["a"], steps=50), tmp_path / "file" / "recipe.yaml")


def _augmentation(name, **options):
    return {"name": name, "options": options, "reason": "r"}


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (_augmentation("rotate", degrees=50), r"augmentation.0: .*options.degrees: 50 is not between 0 and 45"),
        (
            _augmentation("rotate", angle=5),
            r"options.angle: rotate has no such setting; it has probability, visible, deg",
        ),
        (_augmentation("mixup", probability=1.5), r"options.probability: 1.5 is not between 0 and 1"),
        (_augmentation("zoom_out", largest=True), r"options.largest: True is not"),
    ],
)
def test_names_a_wrong_setting_of_our_augmentations(tmp_path, option, told):
    file = tmp_path / "recipe.yaml"
    written = recipe.stock("ssd_mobilenet_v1", ["a"], steps=50).model_dump(mode="json")
    file.write_text(yaml.safe_dump(written | {"augmentation": [option]}))
    with pytest.raises(UserError, match=told):
        recipe.read(file)


@pytest.mark.parametrize("text", ["", "a note", "- a list", "12"])
def test_a_file_without_fields_is_no_recipe(tmp_path, text):
    (tmp_path / "recipe.yaml").write_text(text)
    with pytest.raises(UserError, match=r"recipe\.yaml is not a recipe: expected the fields that"):
        recipe.read(tmp_path / "recipe.yaml")
