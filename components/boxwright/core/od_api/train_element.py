"""One element of the training input: an augmented image with its labels, as in the OD API's `inputs.train_input`."""

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from object_detection import inputs
from object_detection.builders import image_resizer_builder
from object_detection.utils import config_util

from boxwright.core.augmentations import examples
from boxwright.core.od_api import record_decoder
from boxwright.core.od_api.augmentation import augmenter, crop_views, stateless_random
from boxwright.core.od_api.detection_model import DetectionModel
from boxwright.core.od_api.fields import Fields
from boxwright.core.od_api.pipeline_config import pipeline_config
from boxwright.core.recipe import Recipe

Tensors = dict[str, tf.Tensor]
ElementFunction = Callable[[tf.Tensor, tf.Tensor], tuple[Tensors, Tensors]]

_FLAGS = (Fields.groundtruth_is_crowd, Fields.groundtruth_group_of, Fields.groundtruth_difficult)


def element_function(recipe: Recipe, model: DetectionModel, most_boxes: int) -> ElementFunction:
    """A function (place in the stream, serialized examples) -> (features, labels) of one augmented image.

    The first example is the image itself; the others are images to mix it with. Labels are padded to `most_boxes` boxes. Raises
    UserError if an augmentation option is unknown or out of range.
    """
    resizer_config: Any = config_util.get_image_resizer_config(pipeline_config(recipe).model)
    resizer = image_resizer_builder.build(resizer_config)
    size = config_util.get_spatial_image_size(resizer_config)
    classes = len(recipe.classes)

    def element(place: tf.Tensor, examples: tf.Tensor) -> tuple[Tensors, Tensors]:
        seed = stateless_random.seed_at(recipe.seed, place)
        tensors, encoded = record_decoder.decode(examples[0])
        stored = tensors[Fields.original_image_spatial_shape]
        pixels = functools.partial(crop_views.pixels, encoded, stored)
        if augmenter.changes_pixels(recipe):
            mixed = augmenter.apply_ours(_example(tensors, encoded), _others(examples), recipe, seed)
            tensors |= per_box_tensors(mixed)
            stored = tf.shape(mixed["image"])[:2]
            pixels = functools.partial(crop_views.pixels_of, mixed["image"])
        tensors = inputs.transform_input_data(
            tensors,
            model.preprocess,
            resizer,
            classes,
            data_augmentation_fn=lambda held: augmenter.preprocess(held, stored, pixels, recipe, seed),
        )
        padded = inputs.pad_input_data_to_static_shapes(tensors, most_boxes, classes, size)
        return inputs._get_features_dict(padded), inputs._get_labels_dict(padded)

    return element


def _others(window: tf.Tensor) -> list[augmenter.Other]:
    """Functions that decode the examples after the first. window: (images,) serialized examples."""
    count = window.shape[0] or 1  # static
    return [lambda at=at: _example(*record_decoder.decode(window[at])) for at in range(1, count)]


def _example(tensors: Tensors, encoded: tf.Tensor) -> examples.Example:
    image = tf.ensure_shape(tf.io.decode_image(encoded, 3, expand_animations=False), [None, None, 3])
    return examples.example(image, tensors[Fields.groundtruth_boxes], tensors[Fields.groundtruth_classes])


def per_box_tensors(one: examples.Example) -> Tensors:
    """The OD API's tensors per box, computed again after our augmentations changed boxes or added those of other images.

    Areas are in pixels of the augmented image. All flags (crowd, group, difficult) are false.
    """
    boxes, size = one["boxes_yxyx"], tf.cast(tf.shape(one["image"])[:2], tf.float32)
    sides = (boxes[:, 2:] - boxes[:, :2]) * size
    return {
        Fields.groundtruth_boxes: boxes,
        Fields.groundtruth_classes: tf.cast(one["class_ids"], tf.int64),
        Fields.groundtruth_weights: tf.ones_like(boxes[:, 0]),
        Fields.groundtruth_area: sides[:, 0] * sides[:, 1],
    } | {flag: tf.zeros_like(one["class_ids"], tf.bool) for flag in _FLAGS}
