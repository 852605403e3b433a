"""The training input: records in, augmented batches out, in the format of the OD API's `inputs.train_input`.

Augmentation options, targets and padding are the OD API's. What differs: random numbers are functions of the seed and of the
element's place in the stream, so that all processors work and a resumed training has only to pass over the bytes of what was
trained on; of a record that is parsed which convert writes, and of a JPEG that decoded which a crop shows; pixels are turned
to floats after the crop and normalised after the resize, a ninth of them where the image is three times the input.
"""

from boxwright.core.od_api import compat  # noqa: F401, I001

import functools
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from object_detection import inputs
from object_detection.builders import image_resizer_builder
from object_detection.core import standard_fields
from object_detection.utils import config_util

from boxwright.core import augmentation_options, repeat_factors
from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.od_api import augmentations as ops
from boxwright.core.od_api import augmenter, record_decoder, stateless_random, crop_views
from boxwright.core.od_api.pipeline_config import pipeline_config
from boxwright.core.recipe import Recipe

_FIELDS = standard_fields.InputDataFields
_SHUFFLED = 2048  # records in memory to draw the next from, as the OD API's shuffle_buffer_size
_BLOCK = 32  # records of one shard before those of the next, as its read_block_length
_FLAGS = (_FIELDS.groundtruth_is_crowd, _FIELDS.groundtruth_group_of, _FIELDS.groundtruth_difficult)


def batches(recipe: Recipe, records: Path, model, start: int = 0) -> tf.data.Dataset:
    """Endless augmented batches (features, labels) from batch `start` on: the same ones, whatever was read before."""
    counts = [_counts(shard, len(recipe.classes)) for shard in recordfiles.shards(records, "train")]
    images = np.concatenate(counts)
    factors = np.split(
        repeat_factors.repeat_factors(images, recipe.max_repeats), np.cumsum([len(c) for c in counts])[:-1]
    )
    names = [option.name for option in recipe.augmentation]
    element = element_function(
        recipe, model, augmentation_options.most_boxes(names, max(1, images.sum(1).max(initial=0)))
    )
    stream = _stream(records, factors, recipe.seed).skip(start * recipe.batch_size)
    taken = augmentation_options.images(names)
    windows = stream.batch(1, drop_remainder=True) if taken == 1 else _windows(stream, taken)
    # The OD API's functions say tf.cond themselves: reading their sources for `if` takes half a minute and changes nothing.
    element = tf.autograph.experimental.do_not_convert(element)
    places = tf.data.Dataset.range(start * recipe.batch_size, 2**62)
    dataset = tf.data.Dataset.zip(places, windows).map(element, num_parallel_calls=os.cpu_count() or 1)
    return dataset.batch(recipe.batch_size).prefetch(2).with_options(_one_thread_an_image())


def _windows(stream: tf.data.Dataset, taken: int) -> tf.data.Dataset:
    """Of each example and those after it; a dataset is made for each, which costs what a third of a JPEG does."""
    return stream.window(taken, shift=1).flat_map(lambda window: window.batch(taken, drop_remainder=True))


def _one_thread_an_image() -> tf.data.Options:
    """Images side by side, each by one thread: threads that share an image wait for each other."""
    options = tf.data.Options()
    options.threading.max_intra_op_parallelism = 1
    return options


def _counts(shard: Path, classes: int) -> np.ndarray:
    """(images, classes) objects of each class in the images of a shard."""
    ids = (recordfiles.parse(data).class_ids for data in recordfiles.serialized(shard))
    # Of whole numbers also where a shard has no image: those of a small split may all be damaged.
    return np.array([np.bincount(of_image, minlength=classes + 1)[1:] for of_image in ids], int).reshape(-1, classes)


def _stream(records: Path, factors: Sequence[np.ndarray], seed: int) -> tf.data.Dataset:
    """The serialized training examples, endless, shuffled as the OD API does: shards, then a buffer over the ends of epochs.

    factors: of each shard (images,), how often an epoch shows each: 2.3 is twice, and by three chances in ten once more.
    """
    shards = [str(shard) for shard in recordfiles.shards(records, "train")]
    files = tf.data.Dataset.range(len(shards)).shuffle(len(shards), seed=seed).repeat()
    often = tf.ragged.constant([of_shard.tolist() for of_shard in factors], tf.float32)

    def rows(shard: tf.Tensor) -> tf.data.Dataset:
        examples = tf.data.TFRecordDataset(tf.gather(shards, shard))
        return tf.data.Dataset.zip(examples, tf.data.Dataset.from_tensor_slices(often[shard]))

    def repeated(place: tf.Tensor, row: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        example, factor = row
        drawn = tf.random.stateless_uniform([], stateless_random.seed_at(seed, place))
        return tf.repeat(example, tf.cast(factor + drawn, tf.int32))

    shown = files.interleave(rows, cycle_length=len(shards), block_length=_BLOCK).enumerate().map(repeated).unbatch()
    return shown.shuffle(min(_SHUFFLED, sum(map(len, factors))), seed=seed)


def element_function(recipe: Recipe, model, most_boxes: int):
    """A function (place in the stream, serialized examples: its own and those to mix with) -> features, labels of an image."""
    config = pipeline_config(recipe).model
    resizer = image_resizer_builder.build(config_util.get_image_resizer_config(config))
    size = config_util.get_spatial_image_size(config_util.get_image_resizer_config(config))
    classes = len(recipe.classes)

    def element(place: tf.Tensor, examples: tf.Tensor):
        seed = stateless_random.seed_at(recipe.seed, place)
        tensors, encoded = record_decoder.decode(examples[0])
        stored = tensors[_FIELDS.original_image_spatial_shape]
        pixels = functools.partial(crop_views.pixels, encoded, stored)
        if any(option.ours for option in recipe.augmentation):
            others = [
                lambda at=at: _example(*record_decoder.decode(examples[at])) for at in range(1, examples.shape[0])
            ]
            mixed = augmenter.mixed(_example(tensors, encoded), others, recipe, seed)
            tensors |= _tensors(mixed)
            stored = tf.shape(mixed["image"])[:2]
            pixels = functools.partial(crop_views.pixels_of, mixed["image"])
        tensors = inputs.transform_input_data(
            tensors,
            model.preprocess,
            resizer,
            classes,
            data_augmentation_fn=lambda held: augmenter.preprocessed(held, stored, pixels, recipe, seed),
        )
        padded = inputs.pad_input_data_to_static_shapes(tensors, most_boxes, classes, size)
        return inputs._get_features_dict(padded), inputs._get_labels_dict(padded)

    return element


def _example(tensors: dict[str, tf.Tensor], encoded: tf.Tensor) -> ops.Example:
    image = tf.ensure_shape(tf.io.decode_image(encoded, 3, expand_animations=False), [None, None, 3])
    return ops.example(image, tensors[_FIELDS.groundtruth_boxes], tensors[_FIELDS.groundtruth_classes])


def _tensors(one: ops.Example) -> dict[str, tf.Tensor]:
    """What the OD API keeps beside each box, made anew for boxes that were changed or came from other images."""
    boxes, size = one["boxes_yxyx"], tf.cast(tf.shape(one["image"])[:2], tf.float32)
    sides = (boxes[:, 2:] - boxes[:, :2]) * size
    return {
        _FIELDS.groundtruth_boxes: boxes,
        _FIELDS.groundtruth_classes: tf.cast(one["class_ids"], tf.int64),
        _FIELDS.groundtruth_weights: tf.ones_like(boxes[:, 0]),
        _FIELDS.groundtruth_area: sides[:, 0] * sides[:, 1],
    } | {flag: tf.zeros_like(one["class_ids"], tf.bool) for flag in _FLAGS}
