"""Registry of the augmentations that the OD API lacks, by name. To add one, add a module here that defines `AUGMENTATION`.

TensorFlow is imported only when an augmentation is applied, because recipes are read in every environment.
"""

from collections.abc import Sequence

from boxwright.core import registry
from boxwright.core.augmentations.own_augmentation import OwnAugmentation


def _registered() -> dict[str, OwnAugmentation]:
    helpers = ("examples", "od_api_options", "own_augmentation")
    found: list[tuple[str, OwnAugmentation]]
    found = registry.members(__name__, "AUGMENTATION", "Add an augmentation", helpers)
    registry.check_unique("augmentation", ((file, one.name) for file, one in found))
    return {one.name: one for _, one in found}


AUGMENTATIONS = _registered()


def images_of_a_draw(names: Sequence[str]) -> int:
    """The largest number of images that one application of any of these options uses. names: of all options of a recipe."""
    return max((AUGMENTATIONS[name].images for name in names if name in AUGMENTATIONS), default=1)


def most_boxes(names: Sequence[str], in_one: int) -> int:
    """The largest number of boxes in an image after all these options, if no image has more than `in_one` boxes before.

    names: of all options of a recipe. The OD API's random_self_concat_image joins up to four copies of an image.
    """
    copies = 4 ** list(names).count("random_self_concat_image")
    return copies * in_one * (1 + sum(AUGMENTATIONS[name].images - 1 for name in names if name in AUGMENTATIONS))
