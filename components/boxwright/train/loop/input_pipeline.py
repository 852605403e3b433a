"""The training input: records in, augmented batches out, in the format of the OD API's `inputs.train_input`.

Augmentation options, targets and padding are the OD API's. The differences:
- Random numbers are functions of the seed and of the element's place in the stream. Therefore elements are computed on all
  cores, and a resumed training skips earlier elements without decoding or augmenting them.
- It parses only the features that convert writes, and decodes only the part of a JPEG that a crop shows.
- Pixels are converted to float after the crop and normalised after the resize. For an image with three times the input's
  side, the resized image has a ninth of the pixels.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from boxwright.core import augmentations, repeat_factors
from boxwright.core.od_api import tf
from boxwright.core.od_api.augmentation import stateless_random
from boxwright.core.od_api.detection_model import DetectionModel
from boxwright.core.od_api.train_element import element_function
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords

_SHUFFLED = 2048  # size of the shuffle buffer in records, as the OD API's shuffle_buffer_size
_BLOCK = 32  # consecutive records from one shard, as the OD API's read_block_length


def batches(recipe: Recipe, records: Path, model: DetectionModel, start: int = 0) -> tf.data.Dataset:
    """Endless augmented batches (features, labels) from batch `start` on, as the OD API's `train_input` returns them.

    A batch depends only on the arguments and its number. Raises UserError if an augmentation option is unknown.
    """
    counts = [class_counts(shard, len(recipe.classes)) for shard in tfrecords.shards(records, "train")]
    images = np.concatenate(counts)
    factors = np.split(
        repeat_factors.repeat_factors(images, recipe.max_repeats), np.cumsum([len(c) for c in counts])[:-1]
    )
    names = [option.name for option in recipe.augmentation]
    most_boxes = augmentations.most_boxes(names, max(1, images.sum(1).max(initial=0)))
    stream = image_stream(records, factors, recipe.seed).skip(start * recipe.batch_size)
    taken = augmentations.images_of_a_draw(names)
    windows = stream.batch(1, drop_remainder=True) if taken == 1 else _windows(stream, taken)
    # AutoGraph is off. The OD API's functions use tf.cond, so converting their sources would take half a minute for nothing.
    element = tf.autograph.experimental.do_not_convert(element_function(recipe, model, most_boxes))
    places = tf.data.Dataset.range(start * recipe.batch_size, 2**62)
    dataset = tf.data.Dataset.zip(places, windows).map(element, num_parallel_calls=os.cpu_count() or 1)
    return dataset.batch(recipe.batch_size).prefetch(2).with_options(_one_thread_per_image())


def _windows(stream: tf.data.Dataset, taken: int) -> tf.data.Dataset:
    """(taken,) strings: each example and those that follow it. A dataset per window costs a third of decoding a JPEG."""
    return stream.window(taken, shift=1).flat_map(lambda window: window.batch(taken, drop_remainder=True))


def _one_thread_per_image() -> tf.data.Options:
    """One thread per op, because the images are already processed in parallel. More threads would wait for each other."""
    options = tf.data.Options()
    options.threading.max_intra_op_parallelism = 1
    return options


def class_counts(shard: Path, classes: int) -> np.ndarray:
    """(images, classes) int: the number of objects of each class in each image of a shard. Raises UserError as `read_shard`."""
    ids = (record.class_ids for record in tfrecords.read_shard(shard, classes))
    # int and reshape give the right type and shape for a shard without images, too. convert may quarantine all its images.
    return np.array([np.bincount(of_image, minlength=classes + 1)[1:] for of_image in ids], int).reshape(-1, classes)


def image_stream(records: Path, factors: Sequence[np.ndarray], seed: int) -> tf.data.Dataset:
    """An endless stream of serialized training examples, shuffled like the OD API's: first the shards, then a shuffle buffer
    that spans epochs.

    factors: for each shard an (images,) array of how often an epoch shows each image. 2.3 means twice, and a third time with
    probability 0.3.
    """
    shards = [str(shard) for shard in tfrecords.shards(records, "train")]
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
