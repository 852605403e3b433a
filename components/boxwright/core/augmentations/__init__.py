"""Augmentations that the OD API lacks, by name. A module here that holds an `AUGMENTATION` is one: to add one, add a file.

TensorFlow is imported only when one is applied: recipes name their settings in every environment.
"""

from collections.abc import Sequence

from boxwright.core import registry
from boxwright.core.augmentations.own_augmentation import OwnAugmentation


def _registered() -> dict[str, OwnAugmentation]:
    found = [module.AUGMENTATION for module in registry.modules(__name__) if hasattr(module, "AUGMENTATION")]
    return {augmentation.name: augmentation for augmentation in found}


AUGMENTATIONS = _registered()


def images_of_a_draw(names: Sequence[str]) -> int:
    """The most images that one draw of any of these options takes. names: of all options of a recipe."""
    return max((AUGMENTATIONS[name].images for name in names if name in AUGMENTATIONS), default=1)


def most_boxes(names: Sequence[str], in_one: int) -> int:
    """The most boxes that an image can have after all these options, if none has more than `in_one` before.

    names: of all options. The OD API's random_self_concat_image puts an image beside and above itself.
    """
    copies = 4 ** list(names).count("random_self_concat_image")
    return copies * in_one * (1 + sum(AUGMENTATIONS[name].images - 1 for name in names if name in AUGMENTATIONS))
