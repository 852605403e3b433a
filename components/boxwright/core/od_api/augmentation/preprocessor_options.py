"""Checks before training that the OD API's augmentation options of a recipe can run.

Some options need tensors that records do not have. Some fail inside the input pipeline if certain settings are missing. Some
return images or boxes on which no detector can be trained.
"""

import functools
from collections.abc import Callable

import tensorflow as tf

from boxwright.core.od_api.augmentation import augmenter, crop_views, stateless_random
from boxwright.core.od_api.fields import Fields
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.core.runtime.errors import UserError

_SIDE = 256
_DRAWS = 4  # several, because an option may do nothing in one draw


def require_runnable(recipe: Recipe) -> None:
    """Runs each option alone on a grey image with one box. Raises UserError that names the first option that fails."""
    for option in (option for option in recipe.augmentation if not option.ours):
        run = _only(option, recipe)
        try:
            problems = [_untrainable(run(tf.constant(place))) for place in range(_DRAWS)]
        except UserError:
            raise
        except Exception as error:  # the 39 options raise nearly every kind of exception
            raise UserError(
                f"augmentation {option.name}: it fails with the settings {option.options} ({_reason(error)}); change the "
                "settings, or remove the option from the recipe"
            ) from error
        if problem := max(problems):
            raise UserError(f"augmentation {option.name}: {problem}; remove it from the recipe")


def _untrainable(tensors: dict[str, tf.Tensor]) -> str:
    """Why no detector can be trained on these tensors; empty if one can. Boxes slightly outside the image are accepted."""
    if (channels := tensors[Fields.image].shape[-1]) != 3:
        return f"it returns images with {channels} channel, but the network needs 3"
    if tf.reduce_any(tensors[Fields.groundtruth_boxes] > _SIDE / 8):
        return "it returns boxes in pixels, but training needs fractions of the image's sides"
    return ""


def _reason(error: Exception) -> str:
    """The line of an error that explains it. In an error from a graph, it is the last line before the name of the node."""
    lines = [line.strip() for line in str(error).partition("[[{{")[0].splitlines() if line.strip()] or [repr(error)]
    return lines[-1 if isinstance(error, tf.errors.OpError) else 0][:200]


def _only(option: Augmentation, recipe: Recipe) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    """A function (place in the stream) -> tensors after this option alone, for a grey image with one box."""
    alone = recipe.model_copy(update={"augmentation": (option,)})
    image = tf.fill([_SIDE, _SIDE, 3], tf.constant(128, tf.uint8))
    tensors = {
        Fields.groundtruth_boxes: tf.constant([[0.25, 0.25, 0.75, 0.75]]),
        Fields.groundtruth_classes: tf.constant([1], tf.int64),
        Fields.groundtruth_weights: tf.constant([1.0]),
    }

    @tf.function(autograph=False)
    def run(place: tf.Tensor) -> dict[str, tf.Tensor]:
        pixels = functools.partial(crop_views.pixels_of, image)
        seed = stateless_random.seed_at(recipe.seed, place)
        return augmenter.preprocess(tensors, tf.shape(image)[:2], pixels, alone, seed)

    return run
