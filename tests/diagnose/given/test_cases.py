# environment: data
"""The pipeline.configs of case 80: what is said about each, and that every recipe is one that augment and train accept."""

import re
from functools import cache
from types import SimpleNamespace

import pytest

from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose import diagnosis
from boxwright.diagnose.config import Config
from boxwright.diagnose.given import augmentation

BASE = {"decay_unfinished", "steps_many", "checkpoint_head", "base_hyperparams_unused"}
# By file: findings that are there, and findings that are not.
FOUND = {
    "a-v1-90classes": (BASE | {"num_classes_many"}, {"learning_rate_batch", "optimizer_rate_high"}),
    "b-fpnlite": ({"checkpoint_version", "rate_zero_early"}, {"num_classes_many", "base_hyperparams_unused"}),
    "c-v2-tf2-320": ({"checkpoint_kind", "rate_zero_early", "learning_rate_high"}, {"num_classes_many"}),
    "d-quantised": (BASE | {"quantization_delay"}, {"learning_rate_batch"}),
    "e-keep-aspect": (BASE, {"input_distorts"}),
    "g-frozen": ({"variables_frozen", "checkpoint_kind"}, {"batch_norm_small_batch"}),
    "h-momentum-manual": ({"learning_rate_high"}, {"decay_unfinished"}),
    "n-ppn-zoo": ({"num_classes_many"}, {"decay_unfinished", "learning_rate_high", "checkpoint_kind"}),
    "o-nc-too-small": ({"num_classes_few"}, {"num_classes_many"}),
    "p-adam-const": ({"optimizer_rate_high", "batch_norm_small_batch", "decay_unfinished"}, {"learning_rate_high"}),
    "q-steps-0": ({"steps_unset"}, {"steps_many", "steps_few"}),
    "u-crlf-bom": (BASE, set()),
    "u2-crlf": (BASE, set()),
    "u3-utf16": (BASE, set()),
    "u4-cp1252": (BASE, set()),
    "v1-valid-ssd-crop-pad": ({"augmentation_random_crop"}, {"num_classes_many"}),
    "v2-pad-image-colour": (BASE, {"augmentation_random_crop"}),
    "v3-valid-ssd-crop-ops": ({"augmentation_random_crop"}, set()),
    "v6-scale-crop-square": (BASE, set()),
    "w1-adam-0.001": ({"decay_unfinished"}, {"optimizer_rate_high", "optimizer_rate_low", "learning_rate_batch"}),
    "w2-momentum-0.01": ({"variables_frozen", "steps_many"}, {"learning_rate_batch", "batch_norm_decay"}),
}
REFUSED = {
    "f-bad-crop": "options[0].random_crop_image.min_object_covered: 1.5 is not between 0 and 1",
    "i-missing-brace": "line 27: `tf_record_input_reader {` of line 27 is not closed; type } before label_map_path",
    "j-html": "line 1: it is a web page",
    "k-curly": 'line 10: \u201c (left double quotation mark) is not part of the format; type " instead',
    "l-random-crop-pad-bad-field": "line 23: ssd_random_crop_pad has no field min_padded_size_ratio, but its operations",
    "m-unknown-field": "line 25: train_config has no field learning_rate_schedule; delete it; line 26: train_config has",
    "r-inception": "feature_extractor.type: 'ssd_inception_v2'; Boxwright understands SSD MobileNet v1, v2",
    "s-two-options-one-block": "type } data_augmentation_options { before random_adjust_brightness",
    "t-cyclic": "line 19: learning_rate has no field cyclic_learning_rate; type one of constant_learning_rate,",
    "v4-bad-aspect": "options[0].random_crop_image.min_aspect_ratio: 3 is more than max_aspect_ratio (0.5)",
    "v5-brightness-2": "options[1].random_adjust_contrast.min_delta: 1.25 is more than max_delta (0.8)",
}
NOTICES = {
    "u-crlf-bom": "line 1: the file begins with a byte order mark",
    "u3-utf16": "the file is UTF-16 text",
    "u4-cp1252": "line 1: 'ü' is saved in Windows-1252",
}


@pytest.fixture(scope="module")
def told(shared, make_data):
    """told(name) -> the training and the diagnosis of a config of the case, with data of two classes."""
    folder = shared / "cases" / "80-pipeline-configs" / "configs"
    if not folder.is_dir():
        pytest.skip("the shared folder holds no case 80")
    data = make_data(counts={"train": 60, "val": 40})

    @cache
    def told(name: str) -> SimpleNamespace:
        config = Config(records=folder, tables=folder, init="none", given=str(folder / f"{name}.config"))
        training = diagnosis.diagnosed_training(data, config)
        return SimpleNamespace(training=training, made=diagnosis.diagnose(data, training, config))

    return told


def test_every_config_of_the_case_is_here(shared):
    files = (shared / "cases" / "80-pipeline-configs" / "configs").glob("*.config")
    assert {file.name.removesuffix(".config") for file in files} in ({*FOUND, *REFUSED}, set())


@pytest.mark.parametrize("name", FOUND)
def test_says_what_is_wrong_and_nothing_else(told, name):
    there, absent = FOUND[name]
    found = {finding.id for finding in told(name).made.diagnosis.findings}
    assert there <= found
    assert found & absent == set()


@pytest.mark.parametrize("name", REFUSED)
def test_names_the_line_or_field_and_what_to_type(told, name):
    with pytest.raises(UserError, match=re.escape(REFUSED[name])):
        told(name)


@pytest.mark.parametrize("name", NOTICES)
def test_says_what_the_od_api_cannot_read(told, name):
    assert told(name).training.notices[0].startswith(NOTICES[name])


@pytest.mark.parametrize("name", FOUND)
def test_recipes_are_ones_that_augment_accepts(told, name):
    """tests/diagnose/given/test_recipes.py runs the options of all these recipes."""
    recipe = told(name).made.recipe
    assert Recipe.model_validate(recipe.model_dump()) == recipe
    assert augmentation.of_recipe(recipe).held == recipe.augmentation


def test_what_nothing_judges_is_listed(told):
    lines = diagnosis.headline(told("a-v1-90classes").made).splitlines()
    (line,) = [line for line in lines if line.startswith("not judged in your pipeline.config: ")]
    assert "model.ssd: box_coder, matcher, similarity_calculator, box_predictor, normalize_loss_by_num_matches" in line
    assert "num_classes" not in line


def test_the_optimizer_stays_what_it_is(told):
    changed = {change.field: change for change in told("a-v1-90classes").made.recipe.changes}
    assert changed["optimizer"].before == "RMSprop, up to 0.004"
    assert changed["num_classes"].findings == ("num_classes_many",)


def test_pyramids_are_measured_with_their_own_anchors(told):
    layout = told("b-fpnlite").training.layout
    assert [one.cells for one in layout.maps] == [(40, 40), (20, 20), (10, 10), (5, 5), (3, 3)]
    assert len(layout.maps[0].shapes) == 6
    assert told("b-fpnlite").made.recipe.model == "ssd_mobilenet_v1_ppn"


def test_padding_that_no_recipe_holds_is_measured(shared, make_data, diagnosed):
    """random_pad_image has a list of colours here. A recipe cannot hold it, so the plan leaves it out."""
    file = shared / "cases" / "80-pipeline-configs" / "configs" / "v2-pad-image-colour.config"
    if not file.is_file():
        pytest.skip("the shared folder holds no case 80")
    found, recipe, _ = diagnosed(make_data(counts={"train": 60, "val": 40}, side={"cat": 0.12}), given=str(file))
    assert "augmentation_shrinks" in {finding.id for finding in found.findings}
    (left_out,) = [one for one in recipe.changes if one.field == "data_augmentation_options.random_pad_image"]
    assert left_out.findings == ("augmentation_shrinks",)
