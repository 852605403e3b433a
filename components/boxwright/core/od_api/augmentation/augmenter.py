"""Augments one image by a recipe: first our own augmentations, then the OD API's options, then the resize.

Of our own, those that only crop come last, so that they change only the view.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf
from object_detection.builders import preprocessor_builder
from object_detection.core import preprocessor

from boxwright.core.augmentations import AUGMENTATIONS
from boxwright.core.augmentations.examples import Example
from boxwright.core.augmentations.own_augmentation import OwnAugmentation
from boxwright.core.od_api.augmentation import crop_views, padding, stateless_random
from boxwright.core.od_api.fields import Fields
from boxwright.core.od_api.pipeline_config import preprocessing_step
from boxwright.core.recipe import Augmentation, Recipe

# Options that change a pixel depending only on its colour (contrast: also on the mean colour). At the end of a recipe they can
# run after the resize, on fewer pixels.
_COLOURS = {
    "random_adjust_brightness",
    "random_adjust_contrast",
    "random_adjust_hue",
    "random_adjust_saturation",
    "random_distort_color",
    "random_rgb_to_gray",
}
_FASTER = {preprocessor.random_absolute_pad_image: padding.random_absolute_pad_image}
# Images are shrunk to at most this many input sides before our augmentations, because copy-paste needs a mask for each box.
_OWN_SIDES = 2

Other = Callable[[], Example]


def changes_pixels(recipe: Recipe) -> bool:
    """Whether `apply_ours` does anything: it needs the whole decoded image."""
    return any(option.ours and AUGMENTATIONS[option.name].apply for option in recipe.augmentation)


def apply_ours(one: Example, others: Sequence[Other], recipe: Recipe, seed: tf.Tensor) -> Example:
    """Applies our augmentations, each with its probability, in the recipe's order. Those that only crop are left to `preprocess`.

    others: functions that decode the next images of the stream. They are called only by augmentations that mix images. seed:
    (2,) int32.
    """
    one = _bounded(one, recipe.input_size) if changes_pixels(recipe) else one
    for augmentation, settings, own in _ours(recipe, seed):
        if (apply := augmentation.apply) is None:
            continue
        drawn = _drawn(settings, own)

        def applied(one: Example = one, augmentation=augmentation, apply=apply, settings=settings, own=own) -> Example:
            mixed_in = [_bounded(other(), recipe.input_size) for other in others[: augmentation.images - 1]]
            return apply([one, *mixed_in], recipe.input_size, own, **settings)

        one = _with_shapes(tf.cond(drawn, applied, lambda one=one: dict(one)))
    return one


def _ours(recipe: Recipe, seed: tf.Tensor) -> Iterator[tuple[OwnAugmentation, dict[str, float], tf.Tensor]]:
    """Our augmentations of a recipe, each with its settings and its own seed."""
    # The OD API's draws fold 0, 1, ... into the seed. With the same numbers here, the draws would be correlated: for example,
    # the images that are rotated left would be those that are flipped.
    seed = stateless_random.fold_in(seed, -1)
    for at, option in enumerate(option for option in recipe.augmentation if option.ours):
        augmentation = AUGMENTATIONS[option.name]
        yield augmentation, augmentation.complete(option.options), stateless_random.fold_in(seed, at)


def _drawn(settings: dict[str, float], own: tf.Tensor) -> tf.Tensor:
    """Whether an augmentation with this seed is applied. Takes its probability out of the settings."""
    return tf.random.stateless_uniform([], stateless_random.fold_in(own, 1)) < settings.pop("probability")


def _our_crops(recipe: Recipe, seed: tf.Tensor) -> Iterator[crop_views.Change]:
    for augmentation, settings, own in _ours(recipe, seed):
        if augmentation.window:
            drawn, visible = _drawn(settings, own), settings.pop("visible")
            window = functools.partial(augmentation.window, seed=own, **settings)
            yield functools.partial(crop_views.crop_to, window=window, drawn=drawn, visible=visible)


def _bounded(one: Example, side: int) -> Example:
    """Shrinks an image that is larger than our augmentations need, and keeps its aspect ratio. side: of the input, pixels."""
    size = tf.cast(tf.shape(one["image"])[:2], tf.float32)
    scale = tf.minimum(1.0, _OWN_SIDES * side / tf.reduce_max(size))
    return _with_shapes(one | {"image": tf.image.resize(one["image"], tf.cast(tf.round(size * scale), tf.int32))})


def _with_shapes(one: Example) -> Example:
    shapes = {"image": [None, None, 3], "boxes_yxyx": [None, 4], "class_ids": [None], "dropped": []}
    return {key: tf.ensure_shape(one[key], shape) for key, shape in shapes.items()}


def preprocess(
    tensors: dict[str, tf.Tensor],
    size: tf.Tensor,
    pixels: Callable[[crop_views.View], tf.Tensor],
    recipe: Recipe,
    seed: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """Applies our crops, the OD API's options and the resize.

    The resulting image is (input_size, input_size, 3) float32 in 0..255.

    tensors: by the OD API's names, without the image. size: (2,) int32, the image's height and width. pixels: a function that
    returns the visible part of the image. seed: (2,) int32.

    Flips and crops at the beginning of a recipe only change the view. Colour changes at its end run after the resize, on fewer
    pixels. The result then differs only where a colour is clipped or its change is not linear.
    """
    moves, rest, colours = split_options([option for option in recipe.augmentation if not option.ours])
    with stateless_random.stateless(seed) as numbers:
        view = crop_views.whole(size)
        for change in (*_our_crops(recipe, seed), *filter(None, map(_view_change, moves))):
            tensors, view = change(tensors, view, seed, numbers)
        tensors = _run(tensors | {Fields.image: tf.cast(pixels(view), tf.float32)}, rest)
        # The OD API's fixed_shape_resizer: bilinear, without half-pixel centres.
        images = tf.expand_dims(tensors[Fields.image], 0)
        resized = tf.compat.v1.image.resize_bilinear(images, [recipe.input_size] * 2)[0]
        return _run(tensors | {Fields.image: resized}, colours)


def split_options(
    options: Sequence[Augmentation],
) -> tuple[list[Augmentation], list[Augmentation], list[Augmentation]]:
    """Splits the options, in their order, into leading ones that only change the view, trailing ones that only change colours,
    and those between. Returns (leading, between, trailing)."""
    first = next((at for at, option in enumerate(options) if _view_change(option) is None), len(options))
    last = next((at for at in range(len(options), first, -1) if options[at - 1].name not in _COLOURS), first)
    return list(options[:first]), list(options[first:last]), list(options[last:])


def _view_change(option: Augmentation) -> crop_views.Change | None:
    return crop_views.change(*preprocessor_builder.build(preprocessing_step(option)))


def _run(tensors: dict[str, tf.Tensor], options: Sequence[Augmentation]) -> dict[str, tf.Tensor]:
    if not options:
        return tensors
    arguments: dict[Any, tuple] = preprocessor.get_default_func_arg_map(
        include_label_weights=True, include_label_confidences=Fields.groundtruth_confidences in tensors
    )
    built: list[tuple[Any, dict]] = [preprocessor_builder.build(preprocessing_step(option)) for option in options]
    built = [(_FASTER.get(function, function), settings) for function, settings in built]
    arguments |= {
        ours: arguments[theirs][:2] for theirs, ours in _FASTER.items()
    }  # image and boxes; there are no masks
    images = tf.expand_dims(tensors[Fields.image], 0)
    done = preprocessor.preprocess(tensors | {Fields.image: images}, built, arguments)
    return done | {Fields.image: done[Fields.image][0]}
