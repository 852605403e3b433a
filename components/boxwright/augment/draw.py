"""Applies a recipe's augmentation to single images, with the functions that training uses."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from boxwright.core import augmentations
from boxwright.core.augmentations.examples import Example
from boxwright.core.od_api import tf
from boxwright.core.od_api.augmentation import augmenter, crop_views, stateless_random
from boxwright.core.od_api.fields import Fields
from boxwright.core.recipe import Recipe

_EXAMPLE = {
    "image": tf.TensorSpec([None, None, 3], tf.uint8),
    "boxes_yxyx": tf.TensorSpec([None, 4], tf.float32),
    "class_ids": tf.TensorSpec([None], tf.int32),
}


@dataclass(frozen=True)
class Sample:
    """image: (h, w, 3) uint8; boxes_yxyx: (n, 4) in 0..1; class_ids: (n,) from 1."""

    image: np.ndarray
    boxes_yxyx: np.ndarray
    class_ids: np.ndarray


def drawer(recipe: Recipe) -> Callable[[Sequence[Sample], int], Sample]:
    """A function (samples, place in the stream) -> the augmented first sample, at the input size.

    The options mix in as many of the other samples as they need. A shorter sequence is repeated, so one sample is enough.
    """
    taken = augmentations.images_of_a_draw([option.name for option in recipe.augmentation])

    # Without AutoGraph: the functions call tf.cond themselves, and AutoGraph takes 20 seconds to search the OD API for `if`.
    @tf.function(input_signature=[[_EXAMPLE] * taken, tf.TensorSpec([2], tf.int32)], autograph=False)
    def draw(examples, seed):
        done = _augmented(examples, recipe, seed)
        return [done[name] for name in (Fields.image, Fields.groundtruth_boxes, Fields.groundtruth_classes)]

    def augment(samples: Sequence[Sample], place: int) -> Sample:
        examples = [_example(samples[at % len(samples)]) for at in range(taken)]
        image, boxes_yxyx, class_ids = (t.numpy() for t in draw(examples, stateless_random.seed_at(recipe.seed, place)))
        return Sample(np.clip(image, 0, 255).astype(np.uint8), boxes_yxyx, class_ids)

    return augment


def box_drawer(recipe: Recipe) -> Callable[[Sequence[Sample], int], tuple[np.ndarray, np.ndarray]]:
    """As `drawer`, but returns only the boxes_yxyx, (n, 4), and class ids, (n,), as if all images were black.

    TensorFlow then leaves out what only pixels depend on, such as the canvas of a padded image.
    """
    taken = augmentations.images_of_a_draw([option.name for option in recipe.augmentation])
    example = _EXAMPLE | {"image": tf.TensorSpec([2], tf.int32)}

    @tf.function(input_signature=[[example] * taken, tf.TensorSpec([2], tf.int32)], autograph=False)
    def draw(examples, seed):
        black = [one | {"image": tf.zeros([one["image"][0], one["image"][1], 3], tf.uint8)} for one in examples]
        done = _augmented(black, recipe, seed)
        return [done[name] for name in (Fields.groundtruth_boxes, Fields.groundtruth_classes)]

    def augment(samples: Sequence[Sample], place: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = [samples[at % len(samples)] for at in range(taken)]
        examples = [_example(one) | {"image": np.array(one.image.shape[:2], np.int32)} for one in chosen]
        boxes_yxyx, class_ids = draw(examples, stateless_random.seed_at(recipe.seed, place))
        return boxes_yxyx.numpy(), class_ids.numpy()

    return augment


def _augmented(examples: Sequence[Example], recipe: Recipe, seed: tf.Tensor) -> dict[str, tf.Tensor]:
    """The OD API's tensors of the augmented first example."""
    ours = augmenter.changes_pixels(recipe)
    one, *others = (
        example
        | {"image": tf.cast(example["image"], tf.float32) if ours else example["image"], "dropped": tf.constant(0)}
        for example in examples
    )
    one = augmenter.apply_ours(one, [lambda other=other: other for other in others], recipe, seed)
    return augmenter.preprocess(
        {
            Fields.groundtruth_boxes: one["boxes_yxyx"],
            Fields.groundtruth_classes: tf.cast(one["class_ids"], tf.int64),
            Fields.groundtruth_weights: tf.ones_like(one["class_ids"], tf.float32),
        },
        tf.shape(one["image"])[:2],
        functools.partial(crop_views.pixels_of, one["image"]),
        recipe,
        seed,
    )


def _example(sample: Sample) -> dict[str, np.ndarray]:
    return {
        "image": sample.image,
        "boxes_yxyx": sample.boxes_yxyx.astype(np.float32),
        "class_ids": sample.class_ids.astype(np.int32),
    }
