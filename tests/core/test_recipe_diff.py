# environment: data
"""Two recipes compared in words."""

import pytest

from boxwright.core import recipe, recipe_diff
from boxwright.core.augmentations import AUGMENTATIONS

STOCK = recipe.stock("ssd_mobilenet_v1_ppn", ["cat"], steps=600)


def changed(**fields) -> list[str]:
    return [d.text for d in recipe_diff.between(STOCK, STOCK.model_copy(update=fields))]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"batch_size": 16}, "The batch size becomes 16, instead of 8."),
        (
            {"grid": "stride8"},
            "The grid is finer: the first feature map has 38 x 38 cells, one per 8 pixels, instead of 19 x 19.",
        ),
        (
            {"anchors": STOCK.anchors.model_copy(update={"scales": (0.1, 0.5), "aspect_ratios": (1.0, 0.5)})},
            "The anchors are 30 and 150 pixels large, instead of 45, 93, 141, 189, 237 and 285; their width is 0.5 and 1 times "
            "their height, instead of 0.33, 0.5, 1, 2 and 3.",
        ),
        (
            {"learning_rate": STOCK.learning_rate.model_copy(update={"base": 2 * STOCK.learning_rate.base})},
            "The learning rate peaks at 0.0219, 2 times the previous 0.0109.",
        ),
        (
            {"stages": (recipe.Stage(name="a", trainable="head", steps=60),
                        recipe.Stage(name="b", trainable="all", steps=540))},
            "The stages are 60 steps that train only the head, then 540 steps that train all variables, instead of 600 steps "
            "that train all variables.",
        ),
        (
            {"augmentation": (STOCK.augmentation[0], recipe.Augmentation(name="random_pad_image", reason="r"))},
            "Training no longer applies ssd_random_crop; it newly applies random_pad_image; it keeps random_horizontal_flip.",
        ),
        (
            {"augmentation": STOCK.augmentation[::-1]},
            "The order becomes ssd_random_crop, then random_horizontal_flip.",
        ),
        (
            {"augmentation": (recipe.Augmentation(name="rotate", reason="r"), *STOCK.augmentation[::-1])},
            "Training newly applies rotate; the order becomes rotate, then ssd_random_crop, then random_horizontal_flip.",
        ),
        (
            {"augmentation": ()},
            "The step augment chooses what replaces random_horizontal_flip and ssd_random_crop.",
        ),
        (
            {"loss": recipe.Loss(focal_alpha=0.5)},
            "Loss becomes focal_alpha 0.5, focal_gamma 2, classification_weight 1, localization_weight 1.5, instead of "
            "focal_alpha 0.75, focal_gamma 2, classification_weight 1, localization_weight 1.5.",
        ),
    ],
)  # fmt: skip
def test_says_each_field_in_words(fields, text):
    assert changed(**fields) == [text]


def test_equal_recipes_have_no_difference():
    assert changed() == [] == changed(stock=False)


def test_ignores_differences_without_an_effect():
    """Reasons, names of stages, explicit defaults, and the position of our augmentations among the OD API's have no effect."""
    rotate, flip = recipe.Augmentation(name="rotate", reason="r"), STOCK.augmentation[0]
    first = STOCK.model_copy(update={"augmentation": (rotate, flip)})
    written = recipe.Augmentation(name="rotate", options=dict(AUGMENTATIONS["rotate"].complete({})), reason="another")
    second = first.model_copy(update={"augmentation": (flip.model_copy(update={"reason": "mirrored cats"}), written)})
    assert recipe_diff.between(first, second) == ()
    assert changed(stages=tuple(stage.model_copy(update={"name": "renamed"}) for stage in STOCK.stages)) == []


def test_gives_reasons_and_findings_of_the_second_recipe():
    change = recipe.Change(
        field="loss.focal_alpha", before=0.75, after=0.5, findings=("imbalance",), reason="rare cats"
    )
    second = STOCK.model_copy(update={"loss": recipe.Loss(focal_alpha=0.5), "changes": (change,)})
    (found,) = recipe_diff.between(STOCK, second)
    assert (found.field, found.reasons, found.findings) == ("loss", ("rare cats",), ("imbalance",))
    third = second.model_copy(update={"loss": recipe.Loss(focal_alpha=0.4)})
    assert recipe_diff.between(second, third)[0].reasons == (), "the reason belongs to the first recipe"
