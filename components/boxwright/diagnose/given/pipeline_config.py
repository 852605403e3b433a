"""What a pipeline.config says, part by part. It is kept apart from the recipe that Boxwright makes of it (`nearest_recipe`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from boxwright.core import recipe as recipes
from boxwright.core.anchors import Layout
from boxwright.core.models.model import first_stride
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.printable import visible_line
from boxwright.diagnose.given import anchor_grid, augmentation, checkpoint, fields, network, optimizer, resizer
from boxwright.diagnose.given.augmentation import GivenAugmentation
from boxwright.diagnose.given.checkpoint import Checkpoint
from boxwright.diagnose.given.network import Network
from boxwright.diagnose.given.numbers import shortest
from boxwright.diagnose.given.optimizer import Optimizer
from boxwright.diagnose.given.resizer import Resizer

# The fields that a finding judges, or that are measured on the data.
JUDGED = (
    *("model.ssd.num_classes", "model.ssd.image_resizer.fixed_shape_resizer.height", "model.ssd.freeze_batchnorm"),
    *("model.ssd.image_resizer.fixed_shape_resizer.width", "model.ssd.loss.hard_example_miner"),
    *(f"model.ssd.image_resizer.keep_aspect_ratio_resizer.{name}" for name in ("min_dimension", "max_dimension")),
    "model.ssd.image_resizer.keep_aspect_ratio_resizer.pad_to_max_dimension",
    *(f"model.ssd.feature_extractor.{name}" for name in ("type", "override_base_feature_extractor_hyperparams")),
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.decay",
    *(f"model.ssd.anchor_generator.ssd_anchor_generator.{name}" for name in ("num_layers", "min_scale", "max_scale")),
    *(f"model.ssd.anchor_generator.ssd_anchor_generator.{name}" for name in ("scales", "aspect_ratios")),
    "model.ssd.anchor_generator.ssd_anchor_generator.interpolated_scale_aspect_ratio",
    "model.ssd.anchor_generator.ssd_anchor_generator.reduce_boxes_in_lowest_layer",
    *(f"model.ssd.anchor_generator.multiscale_anchor_generator.{name}" for name in ("min_level", "max_level")),
    *(f"model.ssd.anchor_generator.multiscale_anchor_generator.{name}" for name in ("anchor_scale", "aspect_ratios")),
    "model.ssd.anchor_generator.multiscale_anchor_generator.scales_per_octave",
    "model.ssd.loss.classification_loss",
    *(f"model.ssd.post_processing.batch_non_max_suppression.{name}" for name in ("score_threshold", "iou_threshold")),
    "model.ssd.post_processing.batch_non_max_suppression.max_detections_per_class",
    "model.ssd.post_processing.batch_non_max_suppression.max_total_detections",
    "model.ssd.post_processing.batch_non_max_suppression.use_class_agnostic_nms",
    "model.ssd.post_processing.score_converter",
    *(f"train_config.{name}" for name in ("batch_size", "num_steps", "freeze_variables", "update_trainable_variables")),
    *(f"train_config.{name}" for name in ("fine_tune_checkpoint", "fine_tune_checkpoint_type", "max_number_of_boxes")),
    *(f"train_config.{name}" for name in ("fine_tune_checkpoint_version", "from_detection_checkpoint")),
    "train_config.load_all_detection_checkpoint_vars",
    *(f"train_config.optimizer.{kind}" for kind in optimizer.NAMES),
    *("graph_rewriter.quantization.delay",),
)
_CROP = (
    "min_object_covered",
    "overlap_thresh",
    "random_coef",
    "min_area",
    "max_area",
    "min_aspect_ratio",
    "max_aspect_ratio",
)
# Settings of the augmentation whose effect on the data is measured. The values of all settings are checked.
MEASURED_OPTIONS = (
    *("ssd_random_crop", "random_crop_image", "random_absolute_pad_image.max_height_padding"),
    *(
        "random_absolute_pad_image.max_width_padding",
        "random_pad_image.max_image_height",
        "random_pad_image.max_image_width",
    ),
    *(f"random_crop_pad_image.{name}" for name in _CROP),
    *(f"ssd_random_crop_pad.operations.{name}" for name in _CROP),
)


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Of the training split. count: images. height, width: of the median image, pixels."""

    count: int = 0
    height: float = 300.0
    width: float = 300.0


@dataclass(frozen=True, kw_only=True)
class PipelineConfig:
    """A training as its config says it. message: the whole config. not_judged: paths of its fields that nothing judges."""

    message: Any
    network: Network
    resizer: Resizer
    layout: Layout
    optimizer: Optimizer
    augmentation: GivenAugmentation
    checkpoint: Checkpoint
    not_judged: tuple[str, ...]

    @property
    def ssd(self) -> Any:
        return self.message.model.ssd

    @property
    def train(self) -> Any:
        return self.message.train_config


def read(message: Any, pictures: Pictures) -> PipelineConfig:
    """message: a TrainEvalPipelineConfig. Raises UserError for what the OD API refuses, and for what is not understood."""
    kind = message.model.WhichOneof("model")
    if kind != "ssd":
        raise UserError(f"model: {kind or 'none'}; Boxwright understands {network.UNDERSTOOD}")
    ssd, train = message.model.ssd, message.train_config
    found = network.read(ssd.feature_extractor)
    _require(message)
    resized = resizer.read(ssd.image_resizer, (pictures.height, pictures.width))
    return PipelineConfig(
        message=message,
        network=found,
        resizer=resized,
        layout=anchor_grid.read(ssd.anchor_generator, resized, first_stride(found.grid)),
        optimizer=optimizer.read(train.optimizer),
        augmentation=augmentation.read(train.data_augmentation_options),
        checkpoint=checkpoint.read(train),
        not_judged=_not_judged(message),
    )


def _not_judged(message: Any) -> tuple[str, ...]:
    judged = {*JUDGED, *(f"{augmentation.PATH}.{name}" for name in MEASURED_OPTIONS)}
    return fields.not_judged(message, judged)


def _require(message: Any) -> None:
    """Raises UserError that names every value that the OD API refuses, with its field."""
    train = message.train_config
    if train.optimizer.WhichOneof("optimizer"):
        optimizer.read(train.optimizer)  # raises for an optimizer without a schedule
    problems = list(_refused(message))
    if problems:
        more = f"; and {len(problems) - 10} more" if len(problems) > 10 else ""
        raise UserError(f"{'; '.join(problems[:10])}{more}; the Object Detection API refuses that or fails with it")


def _refused(message: Any) -> Iterator[str]:
    ssd, train = message.model.ssd, message.train_config
    if ssd.num_classes < 1:
        yield f"model.ssd.num_classes: {ssd.num_classes}; expected 1 or more"
    yield from _bounds("train_config.num_steps", train.num_steps, 0, recipes.MOST_STEPS)
    yield from _bounds("train_config.batch_size", train.batch_size, 1, recipes.LARGEST_BATCH)
    if train.optimizer.WhichOneof("optimizer"):
        yield from optimizer.refused(train.optimizer)
    yield from augmentation.refused(train.data_augmentation_options)
    yield from _refused_detections(ssd.post_processing.batch_non_max_suppression)
    yield from _refused_types(train)


def _bounds(field: str, value: int, least: int, most: int) -> Iterator[str]:
    if not least <= value <= most:
        yield f"{field}: {value}; expected {least} to {most:,}"


def _refused_detections(nms: Any) -> Iterator[str]:
    """Source: object_detection.builders.post_processing_builder."""
    field = "model.ssd.post_processing.batch_non_max_suppression"
    if not 0 <= nms.iou_threshold <= 1:
        yield f"{field}.iou_threshold: {shortest(nms.iou_threshold):g} is not between 0 and 1"
    for name in ("max_detections_per_class", "max_total_detections"):
        if getattr(nms, name) < 1:
            yield f"{field}.{name}: {getattr(nms, name)}; expected 1 or more"
    if nms.max_detections_per_class > nms.max_total_detections:
        yield (
            f"{field}.max_detections_per_class: {nms.max_detections_per_class} is more than max_total_detections "
            f"({nms.max_total_detections})"
        )


def _refused_types(train: Any) -> Iterator[str]:
    known: Sequence[str] = ("", "classification", "detection", "full", "fine_tune")
    if train.fine_tune_checkpoint_type not in known:
        yield (
            f"train_config.fine_tune_checkpoint_type: {visible_line(train.fine_tune_checkpoint_type)[:40]!r}; expected one of "
            f"{', '.join(known[1:])}"
        )
