"""The OD API's `pipeline.config`, generated from a recipe."""

from typing import Any

from google.protobuf import json_format, text_format
from object_detection.protos import pipeline_pb2, preprocessor_pb2

from boxwright.core import models
from boxwright.core.augmentations import AUGMENTATIONS, od_api_options
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.core.runtime.errors import UserError

# Message classes. protobuf builds them at import time, so a type checker cannot see them.
_PIPELINE: Any = vars(pipeline_pb2)["TrainEvalPipelineConfig"]
_STEP: Any = vars(preprocessor_pb2)["PreprocessingStep"]

# The zoo's three configs (named in core/models) have these in common: matcher, box coder, batch norm, regularisation, NMS.
_BATCH_NORM = "batch_norm { scale: true center: true decay: 0.97 epsilon: 0.001 }"
_L2 = "regularizer { l2_regularizer { weight: 0.00004 } }"
_PREDICTOR_CONV = f"""conv_hyperparams {{ activation: RELU_6 {_L2}
  initializer {{ random_normal_initializer {{ stddev: 0.01 mean: 0.0 }} }} {_BATCH_NORM} }}"""
_SHARED_PREDICTOR = """weight_shared_convolutional_box_predictor {{ depth: 512 num_layers_before_predictor: 1
  kernel_size: 1 class_prediction_bias_init: -4.6 share_prediction_tower: true {conv} }}"""
_PREDICTOR = """convolutional_box_predictor {{ min_depth: 0 max_depth: 0 num_layers_before_predictor: 0 use_dropout: false
  kernel_size: 1 box_code_size: 4 apply_sigmoid_to_scores: false class_prediction_bias_init: -4.6 {conv} }}"""
_MODEL = """ssd {{
  num_classes: {classes} inplace_batchnorm_update: true freeze_batchnorm: false encode_background_as_zeros: true
  box_coder {{ faster_rcnn_box_coder {{ y_scale: 10.0 x_scale: 10.0 height_scale: 5.0 width_scale: 5.0 }} }}
  matcher {{ argmax_matcher {{ matched_threshold: 0.5 unmatched_threshold: 0.5 ignore_thresholds: false
    negatives_lower_than_unmatched: true force_match_for_each_row: true use_matmul_gather: true }} }}
  similarity_calculator {{ iou_similarity {{ }} }}
  image_resizer {{ fixed_shape_resizer {{ height: {size} width: {size} }} }}
  box_predictor {{ {predictor} }}
  feature_extractor {{ type: '{extractor}' num_layers: {layers} min_depth: {min_depth} depth_multiplier: {depth_multiplier}
    override_base_feature_extractor_hyperparams: true
    conv_hyperparams {{ activation: RELU_6 {l2}
      initializer {{ truncated_normal_initializer {{ stddev: 0.03 mean: 0.0 }} }} {batch_norm} }} }}
  normalize_loss_by_num_matches: true normalize_loc_loss_by_codesize: true
  post_processing {{ batch_non_max_suppression {{ score_threshold: 1e-8 iou_threshold: 0.6
    max_detections_per_class: 100 max_total_detections: 100 }} score_converter: SIGMOID }} }}"""


def pipeline_config(recipe: Recipe) -> Any:
    """The recipe as a TrainEvalPipelineConfig message. Paths of records and label map are relative to the records folder.

    Raises UserError if an augmentation option or one of its settings is unknown or out of range.
    """
    config = _PIPELINE()
    text_format.Parse(_model_text(recipe), config.model)
    _set_anchors(recipe, config.model.ssd.anchor_generator.ssd_anchor_generator)
    _set_loss(recipe, config.model.ssd.loss)
    _set_training(recipe, config.train_config)
    for reader, split in ((config.train_input_reader, "train"), (config.eval_input_reader.add(), "val")):
        reader.label_map_path = "label_map.pbtxt"
        reader.tf_record_input_reader.input_path.append(f"{split}-?????-of-?????.tfrecord")
    config.eval_config.metrics_set.append("coco_detection_metrics")
    return config


def _model_text(recipe: Recipe) -> str:
    model = models.get(recipe.model)
    predictor = _SHARED_PREDICTOR if model.shared_predictor else _PREDICTOR
    return _MODEL.format(
        classes=len(recipe.classes),
        size=recipe.input_size,
        predictor=predictor.format(conv=_PREDICTOR_CONV),
        extractor=model.grids[recipe.grid].extractor,
        layers=len(recipe.anchors.scales),
        depth_multiplier=recipe.depth_multiplier,
        # 16 in the zoo's configs. The first layer has 32 * depth_multiplier channels, which can be fewer than 16.
        min_depth=min(16, round(32 * recipe.depth_multiplier)),
        l2=_L2,
        batch_norm=_BATCH_NORM,
    )


def _set_anchors(recipe: Recipe, generator: Any) -> None:
    anchors = recipe.anchors
    generator.num_layers = len(anchors.scales)
    generator.scales.extend(anchors.scales)
    generator.aspect_ratios.extend(anchors.aspect_ratios)
    generator.interpolated_scale_aspect_ratio = anchors.interpolated_aspect_ratio
    generator.reduce_boxes_in_lowest_layer = anchors.reduce_boxes_in_lowest_layer


def _set_loss(recipe: Recipe, loss: Any) -> None:
    focal = loss.classification_loss.weighted_sigmoid_focal
    focal.alpha, focal.gamma = recipe.loss.focal_alpha, recipe.loss.focal_gamma
    loss.localization_loss.weighted_smooth_l1.SetInParent()
    loss.classification_weight = recipe.loss.classification_weight
    loss.localization_weight = recipe.loss.localization_weight


def _set_training(recipe: Recipe, config: Any) -> None:
    config.batch_size, config.num_steps = recipe.batch_size, recipe.steps
    config.unpad_groundtruth_tensors = False
    theirs = [option for option in recipe.augmentation if not option.ours]
    config.data_augmentation_options.extend(map(preprocessing_step, theirs))
    momentum = config.optimizer.momentum_optimizer
    momentum.momentum_optimizer_value = recipe.learning_rate.momentum
    config.optimizer.use_moving_average = False
    cosine = momentum.learning_rate.cosine_decay_learning_rate
    cosine.learning_rate_base, cosine.total_steps = recipe.learning_rate.base, recipe.steps
    cosine.warmup_learning_rate = recipe.learning_rate.warmup
    cosine.warmup_steps = recipe.learning_rate.warmup_steps


def preprocessing_step(option: Augmentation) -> Any:
    """One of the OD API's augmentation options as a PreprocessingStep.

    Raises UserError if the OD API has no such option or setting, or if the value is out of range.
    """
    known = _STEP.DESCRIPTOR.fields_by_name
    if option.name not in known:
        names = ", ".join([*AUGMENTATIONS, *sorted(known)])
        raise UserError(f"augmentation.name: there is no {option.name!r}; expected one of {names}")
    try:
        step = json_format.ParseDict({option.name: option.options}, _STEP())
    except json_format.ParseError as error:
        settings = ", ".join(known[option.name].message_type.fields_by_name) or "none"
        raise UserError(f"augmentation {option.name}: {error}; expected settings: {settings}") from None
    if problems := od_api_options.refused(getattr(step, option.name)):
        raise UserError(f"augmentation {option.name}: {'; '.join(problems)}")
    return step


def as_text(recipe: Recipe) -> str:
    """The text of a recipe's `pipeline.config`. Our own augmentations, which the OD API lacks, are listed in a comment."""
    text = text_format.MessageToString(pipeline_config(recipe))
    left_out = ", ".join(option.name for option in recipe.augmentation if option.ours)
    note = "# Left out, because the Object Detection API has no such options (they are in recipe.yaml): "
    return f"{note}{left_out}\n{text}" if left_out else text
