# environment: data
"""The registry of our own augmentations: settings, numbers of images and boxes, verdicts. It needs no TensorFlow."""

import subprocess
import sys

import pytest

from boxwright.core import augmentations, recipe
from boxwright.core.augmentations import AUGMENTATIONS
from boxwright.core.augmentations.own_augmentation import DataFacts

PLAIN = DataFacts(fewest_images=50, rarest=10, commonest=99, small=0.0, turnable=True)


def test_every_augmentation_is_registered():
    assert {"copy_paste", "crop", "cutmix", "mixup", "mosaic", "rotate", "shear", "zoom_out"} <= set(AUGMENTATIONS)
    assert all(name == augmentation.name for name, augmentation in AUGMENTATIONS.items())
    assert all((one.apply is None) == (one.window is not None) for one in AUGMENTATIONS.values())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "ZOOM = 1\n",
            r"augmentations/ships\.py defines no AUGMENTATION; see components/README\.md, Add an augmentation",
        ),
        (
            "from boxwright.core.augmentations.rotate import AUGMENTATION\n",
            r"augmentation 'rotate' is used twice, in augmentations/rotate\.py and augmentations/ships\.py",
        ),
    ],
)
def test_refuses_an_augmentation_that_it_cannot_use(add_module, text, says):
    add_module(augmentations, "ships", text)
    with pytest.raises(RuntimeError, match=says):
        augmentations._registered()


def test_names_need_no_tensorflow():
    """Recipes are read in every environment."""
    code = "import sys, boxwright.core.augmentations; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_missing_settings_get_their_defaults():
    assert AUGMENTATIONS["rotate"].complete({"degrees": 5}) == {"probability": 0.5, "visible": 0.4, "degrees": 5.0}


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_defaults_are_within_their_bounds(name):
    augmentation = AUGMENTATIONS[name]
    assert augmentation.complete(dict(augmentation.complete({}))) == augmentation.complete({})


def test_tells_our_augmentations_from_the_od_apis():
    assert recipe.Augmentation(name="rotate", reason="").ours
    assert not recipe.Augmentation(name="random_horizontal_flip", reason="").ours


@pytest.mark.parametrize(
    ("names", "images", "boxes"),
    [
        ([], 1, 10),
        (["rotate"], 1, 10),
        (["mosaic"], 4, 40),
        (["mixup", "mosaic"], 4, 50),
        (["random_self_concat_image"], 1, 40),
    ],
)
def test_counts_the_images_and_boxes_of_a_draw(names, images, boxes):
    assert (augmentations.images_of_a_draw(names), augmentations.most_boxes(names, 10)) == (images, boxes)


@pytest.mark.parametrize(
    ("name", "changed", "fits"),
    [
        ("rotate", {}, True),
        ("rotate", {"turnable": False}, False),
        ("shear", {"turnable": False}, False),
        ("crop", {"turnable": False}, True),
        ("zoom_out", {"small": 0.1}, True),
        ("zoom_out", {"small": 0.11}, False),
        ("mosaic", {"fewest_images": 99}, True),
        ("mosaic", {"fewest_images": 100}, False),
        ("mosaic", {"fewest_images": 0}, False),
        ("mixup", {"fewest_images": 799}, False),
        ("mixup", {"fewest_images": 800}, True),
        ("cutmix", {"fewest_images": 799}, False),
        ("copy_paste", {"commonest": 100}, True),
        ("copy_paste", {"commonest": 99}, False),
        ("copy_paste", {"rarest": 0}, False),
    ],
)
def test_judges_by_the_data(name, changed, fits):
    verdict = AUGMENTATIONS[name].verdict(DataFacts(**{**vars(PLAIN), **changed}))
    assert verdict.fits == fits and verdict.reason
