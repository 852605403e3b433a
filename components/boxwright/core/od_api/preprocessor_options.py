"""The OD API's augmentation options of a recipe, tried before they are used: some need what no records have, or settings without
which they fail deep in the input, and some leave what cannot be trained on."""

from boxwright.core.od_api import compat  # noqa: F401, I001

import functools

import tensorflow as tf
from object_detection.core import standard_fields

from boxwright.core.runtime.errors import UserError
from boxwright.core.od_api import augmenter, stateless_random, crop_views
from boxwright.core.recipe import Augmentation, Recipe

_FIELDS = standard_fields.InputDataFields
_SIDE = 256
_DRAWS = 4  # in some of which an option may do nothing


def require_runnable(recipe: Recipe) -> None:
    """Raises UserError that names the option that cannot be run, alone, on a grey image with one box."""
    for option in (option for option in recipe.augmentation if not option.ours):
        run = _alone(option, recipe)
        try:
            found = [_odd(run(tf.constant(place))) for place in range(_DRAWS)]
        except UserError:
            raise
        except Exception as error:  # 39 options: nearly all that there are
            raise UserError(
                f"augmentation {option.name}: it cannot be run with the settings {option.options} ({_why(error)}); change them, "
                "or leave it out of the recipe"
            ) from error
        if why := max(found):
            raise UserError(f"augmentation {option.name}: {why}; leave it out of the recipe")


def _odd(tensors: dict[str, tf.Tensor]) -> str:
    """What of a result no detector can be trained on; empty where it is as it should be. A crop may leave boxes that reach beyond
    the image, but none so far."""
    if (channels := tensors[_FIELDS.image].shape[-1]) != 3:
        return f"it leaves images of {channels} channel, the network takes 3"
    if tf.reduce_any(tensors[_FIELDS.groundtruth_boxes] > _SIDE / 8):
        return "it leaves boxes in pixels, which records have in shares of the image"
    return ""


def _why(error: Exception) -> str:
    """The line that says it: of an error in a graph the last one before the name of the node."""
    lines = [line.strip() for line in str(error).partition("[[{{")[0].splitlines() if line.strip()] or [repr(error)]
    return lines[-1 if isinstance(error, tf.errors.OpError) else 0][:200]


def _alone(option: Augmentation, recipe: Recipe):
    """A function (place in the stream) -> the tensors of the image, with this option only."""
    alone = recipe.model_copy(update={"augmentation": (option,)})
    image = tf.fill([_SIDE, _SIDE, 3], tf.constant(128, tf.uint8))
    tensors = {
        _FIELDS.groundtruth_boxes: tf.constant([[0.25, 0.25, 0.75, 0.75]]),
        _FIELDS.groundtruth_classes: tf.constant([1], tf.int64),
        _FIELDS.groundtruth_weights: tf.constant([1.0]),
    }

    @tf.function(autograph=False)
    def run(place: tf.Tensor) -> dict[str, tf.Tensor]:
        pixels = functools.partial(crop_views.pixels_of, image)
        return augmenter.preprocessed(
            tensors, tf.shape(image)[:2], pixels, alone, stateless_random.seed_at(recipe.seed, place)
        )

    return run
