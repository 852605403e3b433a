# environment: train
"""Models built from recipes: pipeline.config, variables and anchors, detecting, saving and loading."""

import shutil
from typing import Any

import numpy as np
import pytest

from boxwright.core import models
from boxwright.core import recipe as recipes
from boxwright.core.od_api import detection_model, image_preprocessing, tf
from boxwright.core.od_api.pipeline_config import as_text, pipeline_config, preprocessing_step
from boxwright.core.recipe import Augmentation
from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError


def _stock(name, **changes):
    return recipes.stock(name, ["a", "b", "c"], steps=900).model_copy(update=changes)


@pytest.mark.parametrize(
    ("recipe", "variables", "anchors"),
    [
        # PPN has the 144 variables of its slim checkpoint. 3,000 and 1,917 anchors are the papers' numbers for 300 px.
        (_stock("ssd_mobilenet_v1_ppn"), 144, 3000),
        (_stock("ssd_mobilenet_v1"), 199, 1917),
        (_stock("ssd_mobilenet_v2"), 324, 1917),
        # stride 8: 38^2 + 19^2 + 10^2 + 5^2 = 1,930 cells of 4 anchors
        (
            _stock(
                "ssd_mobilenet_v1_ppn",
                grid="stride8",
                anchors=recipes.Anchors(scales=(0.07, 0.16, 0.3, 0.5), aspect_ratios=(1.0, 0.6, 1.6)),
            ),
            141,  # 144, less the batch norm of two maps (8), plus the lateral convolution and its batch norm (5)
            7720,
        ),
    ],
    ids=["ppn", "v1", "v2", "ppn-stride8"],
)
def test_model_has_the_expected_variables_and_anchors(recipe, variables, anchors):
    built: Any = detection_model.build(recipe, training=True)
    assert len(detection_model.variables(built)) == variables
    assert built.anchors.num_boxes_static() == anchors


def test_stock_config_is_the_zoos_except_classes_rate_steps():
    config = pipeline_config(_stock("ssd_mobilenet_v1_ppn"))
    rate = config.train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate
    assert rate.learning_rate_base == pytest.approx(0.7 * 8 / 512)
    assert rate.warmup_learning_rate == pytest.approx(0.13333 * 8 / 512)
    assert [o.WhichOneof("preprocessing_step") for o in config.train_config.data_augmentation_options] == [
        "random_horizontal_flip",
        "ssd_random_crop",
    ]
    focal = config.model.ssd.loss.classification_loss.weighted_sigmoid_focal
    assert (focal.alpha, focal.gamma) == (0.75, 2.0)
    assert config.model.ssd.loss.localization_weight == 1.5
    assert config.model.ssd.num_classes == 3


# By path in `model.ssd`. PREDICTOR stands for the model's kind of predictor.
ZOO = {
    "": {"encode_background_as_zeros": True, "freeze_batchnorm": False, "inplace_batchnorm_update": True}
    | {"normalize_loss_by_num_matches": True, "normalize_loc_loss_by_codesize": True},
    "box_coder.faster_rcnn_box_coder": {"y_scale": 10, "x_scale": 10, "height_scale": 5, "width_scale": 5},
    "matcher.argmax_matcher": {"matched_threshold": 0.5, "unmatched_threshold": 0.5, "ignore_thresholds": False}
    | {"negatives_lower_than_unmatched": True, "force_match_for_each_row": True},
    "feature_extractor.conv_hyperparams.batch_norm": {"decay": 0.97, "epsilon": 0.001, "scale": True, "center": True},
    "feature_extractor.conv_hyperparams.regularizer.l2_regularizer": {"weight": 4e-5},
    "box_predictor.PREDICTOR": {"class_prediction_bias_init": -4.6, "kernel_size": 1},
    "box_predictor.PREDICTOR.conv_hyperparams.batch_norm": {"decay": 0.97, "epsilon": 0.001},
    "box_predictor.PREDICTOR.conv_hyperparams.regularizer.l2_regularizer": {"weight": 4e-5},
    "loss": {"classification_weight": 1},
    "post_processing": {"score_converter": 1},  # SIGMOID
    "post_processing.batch_non_max_suppression": {"score_threshold": 1e-8, "iou_threshold": 0.6}
    | {"max_detections_per_class": 100, "max_total_detections": 100},
}


@pytest.mark.parametrize("name", models.NAMES)
def test_stock_config_equals_the_zoos_configs(name):
    """The expected values are copied from the three zoo configs named in core/models, which have them in common."""
    config = pipeline_config(_stock(name))
    assert config.train_config.optimizer.momentum_optimizer.momentum_optimizer_value == pytest.approx(0.9)
    predictor = config.model.ssd.box_predictor.WhichOneof("box_predictor_oneof")
    for place, values in ZOO.items():
        part = config.model.ssd
        for field in place.replace("PREDICTOR", predictor).split("."):
            part = getattr(part, field) if field else part
        assert {value: getattr(part, value) for value in values} == pytest.approx(values), place


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (Augmentation(name="random_flip", reason=""), "random_flip"),
        (Augmentation(name="random_crop_image", options={"min_size": 0.5}, reason=""), "min_size"),
    ],
)
def test_unknown_augmentation_is_named(option, said):
    with pytest.raises(UserError, match=said):
        preprocessing_step(option)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("random_crop_image", {"min_area": 5}, "min_area: 5 is not between 0 and 1"),
        ("random_crop_image", {"min_area": 0.9, "max_area": 0.5}, r"min_area: 0.9 is more than max_area \(0\.5\)"),
        ("random_image_scale", {"min_scale_ratio": -3}, "min_scale_ratio: -3 is less than 0"),
        ("random_adjust_contrast", {"min_delta": 2}, r"min_delta: 2 is more than max_delta \(1\.25\)"),
        ("random_horizontal_flip", {"probability": 50}, "probability: 50 is not between 0 and 1"),
        ("random_square_crop_by_scale", {"scale_min": 2}, "scale_min: 2 is more than scale_max"),
    ],
)
def test_a_setting_out_of_range_is_named(name, options, said):
    with pytest.raises(UserError, match=f"augmentation {name}: {said}"):
        preprocessing_step(Augmentation(name=name, options=options, reason=""))


def test_a_maximum_of_0_is_no_bound():
    options: dict[str, float | int | bool] = {"min_image_height": 500, "min_image_width": 500}
    preprocessing_step(Augmentation(name="random_pad_image", options=options, reason=""))


def test_every_option_of_the_od_api_can_be_built():
    from object_detection.builders import preprocessor_builder
    from object_detection.protos import preprocessor_pb2

    step: Any = vars(preprocessor_pb2)["PreprocessingStep"]
    options = step.DESCRIPTOR.oneofs_by_name["preprocessing_step"].fields
    # Two options have no default size.
    needed: dict[str, dict[str, float | int | bool]] = {
        "random_resize_method": {"target_height": 300, "target_width": 300},
        "resize_image": {"new_height": 300, "new_width": 300},
    }
    for name in (option.name for option in options):
        option = Augmentation(name=name, options=needed.get(name, {}), reason="")
        function, _ = preprocessor_builder.build(preprocessing_step(option))
        assert callable(function), name
    assert len(options) == 39


def test_a_loaded_model_has_the_saved_weights(tiny_recipe, tmp_path):
    built = detection_model.build(tiny_recipe, training=True)
    detection_model.save(tmp_path / "model", built, tiny_recipe)
    loaded, recipe = detection_model.load(tmp_path / "model")
    assert recipe == tiny_recipe
    for one, other in zip(*map(detection_model.variables, (built, loaded)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_model_that_was_trained_here_is_saved_alike(tiny_recipe, tmp_path):
    """A training that ended before the model was written is resumed without a step, and gives the same files."""
    model = detection_model.build(tiny_recipe, training=True)
    detection_model.save(tmp_path / "before", model, tiny_recipe)
    model.provide_groundtruth(
        groundtruth_boxes_list=[tf.zeros([1, 4])], groundtruth_classes_list=[tf.constant([[1.0, 0.0]])]
    )
    detection_model.save(tmp_path / "after", model, tiny_recipe)
    assert digests.of_path(tmp_path / "before") == digests.of_path(tmp_path / "after")


def test_detects_on_more_images_than_a_batch(tiny_detector):
    """Nine images in batches of eight: the last image is alone in its batch. The weights are those of tiny_export."""
    image = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    found = tiny_detector([image] * 9)
    assert len(found) == 9
    for (boxes, scores, classes), (boxes2, scores2, classes2) in zip(found, found[::-1], strict=True):
        np.testing.assert_allclose(boxes, boxes2, atol=1e-6)
        np.testing.assert_allclose(scores, scores2, atol=1e-6)
        assert boxes.shape == (100, 4) and set(classes) <= {1, 2} and (classes == classes2).all()


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(UserError, match="no trained model"):
        detection_model.load(tmp_path)


@pytest.fixture(scope="module")
def saved(tiny_recipe, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "model"
    detection_model.save(folder, detection_model.build(tiny_recipe, training=True), tiny_recipe)
    return folder


@pytest.mark.parametrize(
    ("part", "size", "said"),
    [
        ("ckpt-1.data-00000-of-00001", 10_000, "the checkpoint is damaged"),
        ("ckpt-1.data-00000-of-00001", None, "the checkpoint is damaged"),
        ("ckpt-1.index", 100, "the checkpoint is damaged"),
        ("ckpt-1.index", None, "there is no trained model here"),
        ("checkpoint", 10, "there is no trained model here"),
    ],
)
def test_a_damaged_model_is_refused(part, size, said, saved, tmp_path):
    """Each file is truncated to this size in bytes, or missing (None)."""
    file = shutil.copytree(saved, tmp_path / "model") / "checkpoint" / part
    file.unlink() if size is None else file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(UserError, match=said):
        detection_model.load(tmp_path / "model")


@pytest.mark.parametrize(
    "change",
    [{"classes": ("a", "b", "c")}, {"model": "ssd_mobilenet_v2", "grid": "stride16", "depth_multiplier": 1.0}],
)
def test_a_recipe_of_another_model_is_refused(change, saved, tiny_recipe, tmp_path):
    """One recipe has other shapes, one has other layers."""
    folder = shutil.copytree(saved, tmp_path / "model")
    recipes.write(tiny_recipe.model_copy(update=change), folder / "recipe.yaml")
    with pytest.raises(UserError, match=r"does not fit the network in recipe\.yaml"):
        detection_model.load(folder)


def test_model_input_equals_the_od_apis_preprocessing(tiny_recipe):
    """The pixels equal those of the model's own preprocess: fixed-shape resize, then 2/255 x - 1."""
    image = np.random.default_rng(1).integers(0, 255, (90, 70, 3), np.uint8)
    built = detection_model.build(tiny_recipe, training=False)
    expected, _ = built.preprocess(tf.constant(image[None], tf.float32))
    np.testing.assert_allclose(image_preprocessing.model_input(image, 128), expected[0], atol=1e-6)


def test_our_augmentations_are_a_comment_in_the_config():
    stock = _stock("ssd_mobilenet_v1_ppn")
    ours = Augmentation(name="mosaic", reason="test")
    text = as_text(stock.model_copy(update={"augmentation": (*stock.augmentation, ours)}))
    assert "Left out" in text.splitlines()[0] and text.splitlines()[0].endswith(": mosaic")
    assert text.split("\n", 1)[1] == as_text(stock)
