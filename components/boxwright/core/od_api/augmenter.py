"""A recipe's augmentation of one image, as graph ops: ours first, then the OD API's options, then the resize."""

from boxwright.core.od_api import compat  # noqa: F401, I001

from collections.abc import Callable, Sequence

import tensorflow as tf
from object_detection.builders import preprocessor_builder
from object_detection.core import preprocessor, standard_fields

from boxwright.core import augmentation_options
from boxwright.core.od_api import augmentations as ops
from boxwright.core.od_api import stateless_random, padding, crop_views
from boxwright.core.od_api.augmentations import Example
from boxwright.core.od_api.pipeline_config import preprocessing_step
from boxwright.core.recipe import Augmentation, Recipe

_FIELDS = standard_fields.InputDataFields
# They change a pixel by its own colour, contrast also by the mean: at the end of a recipe, as well after the resize as before.
_COLOURS = {
    "random_adjust_brightness",
    "random_adjust_contrast",
    "random_adjust_hue",
    "random_adjust_saturation",
    "random_distort_color",
    "random_rgb_to_gray",
}
_FASTER = {preprocessor.random_absolute_pad_image: padding.random_absolute_pad_image}
_OWN_SIDES = 2  # ours need not see more pixels than this many input sides: copy-paste holds a mask for each box


def mixed(one: Example, others: Sequence[Callable[[], Example]], recipe: Recipe, seed: tf.Tensor) -> Example:
    """Ours, each by its probability, in the recipe's order. others: decode the next images of the stream, where wanted."""
    ours = [option for option in recipe.augmentation if option.ours]
    # The OD API's draws fold 0, 1, ... into the seed: with the same numbers, what is turned left would be what is flipped.
    seed = tf.random.experimental.stateless_fold_in(seed, -1)
    one = _bounded(one, recipe.input_size) if ours else one
    for at, option in enumerate(ours):
        own = tf.random.experimental.stateless_fold_in(seed, at)
        settings = augmentation_options.complete(option.name, option.options)
        chance = settings.pop("probability")
        applied = _applied(option.name, settings, one, others, recipe.input_size, own)
        drawn = tf.random.stateless_uniform([], tf.random.experimental.stateless_fold_in(own, 1)) < chance
        one = _shaped(tf.cond(drawn, applied, lambda one=one: dict(one)))
    return one


def _applied(name: str, settings: dict, one: Example, others, side: int, seed: tf.Tensor) -> Callable[[], Example]:
    def other(at: int) -> Example:
        return _bounded(others[at](), side)

    return {
        "rotate": lambda: ops.rotate(one, seed=seed, **settings),
        "shear": lambda: ops.shear(one, seed=seed, **settings),
        "zoom_out": lambda: ops.zoom_out(one, seed=seed, **settings),
        "mosaic": lambda: ops.mosaic([one, other(0), other(1), other(2)], side, seed, **settings),
        "mixup": lambda: ops.mixup(one, other(0)),
        "cutmix": lambda: ops.cutmix(one, other(0), seed, **settings),
        "copy_paste": lambda: ops.copy_paste(one, other(0), seed=seed, **settings),
    }[name]


def _bounded(one: Example, side: int) -> Example:
    """Shrunk, in its own shape, where it is larger than ours need."""
    size = tf.cast(tf.shape(one["image"])[:2], tf.float32)
    scale = tf.minimum(1.0, _OWN_SIDES * side / tf.reduce_max(size))
    return _shaped(one | {"image": tf.image.resize(one["image"], tf.cast(tf.round(size * scale), tf.int32))})


def _shaped(one: Example) -> Example:
    shapes = {"image": [None, None, 3], "boxes_yxyx": [None, 4], "class_ids": [None], "dropped": []}
    return {key: tf.ensure_shape(one[key], shape) for key, shape in shapes.items()}


def preprocessed(
    tensors: dict[str, tf.Tensor], size: tf.Tensor, pixels, recipe: Recipe, seed: tf.Tensor
) -> dict[str, tf.Tensor]:
    """The OD API's options, and its resize to the input size; the image leaves as float32 in 0..255.

    tensors: by the OD API's names, without the image; size: (2,) int32, its height and width; pixels: what is seen of it. The
    flips and crops that begin a recipe only say what that is. The options that end it and change colours only run after the
    resize, on fewer pixels: that differs only where a colour is clipped or its change not linear.
    """
    moves, rest, colours = in_turn([option for option in recipe.augmentation if not option.ours])
    with stateless_random.stateless(seed) as numbers:
        view = crop_views.whole(size)
        for option in moves:
            tensors, view = _change(option)(tensors, view, seed, numbers)
        tensors = _run(tensors | {_FIELDS.image: tf.cast(pixels(view), tf.float32)}, rest)
        # Of the OD API's fixed_shape_resizer: bilinear, without half-pixel centres.
        resized = tf.compat.v1.image.resize_bilinear(tensors[_FIELDS.image][None], [recipe.input_size] * 2)[0]
        return _run(tensors | {_FIELDS.image: resized}, colours)


def in_turn(options: Sequence[Augmentation]) -> tuple[list[Augmentation], list[Augmentation], list[Augmentation]]:
    """The options in their order as three runs: those that change the view, others, those that end it and change colours only."""
    first = next((at for at, option in enumerate(options) if _change(option) is None), len(options))
    last = next((at for at in range(len(options), first, -1) if options[at - 1].name not in _COLOURS), first)
    return list(options[:first]), list(options[first:last]), list(options[last:])


def _change(option: Augmentation) -> crop_views.Change | None:
    return crop_views.change(*preprocessor_builder.build(preprocessing_step(option)))


def _run(tensors: dict[str, tf.Tensor], options: Sequence[Augmentation]) -> dict[str, tf.Tensor]:
    if not options:
        return tensors
    arguments = preprocessor.get_default_func_arg_map(
        include_label_weights=True, include_label_confidences=_FIELDS.groundtruth_confidences in tensors
    )
    built = [preprocessor_builder.build(preprocessing_step(option)) for option in options]
    built = [(_FASTER.get(function, function), settings) for function, settings in built]
    arguments |= {ours: arguments[theirs][:2] for theirs, ours in _FASTER.items()}  # image, boxes; there are no masks
    done = preprocessor.preprocess(tensors | {_FIELDS.image: tensors[_FIELDS.image][None]}, built, arguments)
    return done | {_FIELDS.image: done[_FIELDS.image][0]}
