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
        ({"batch_size": 16}, "The batch size changes from 8 to 16."),
        (
            {"grid": "stride8"},
            "The grid becomes finer: the first feature map has 38 x 38 cells (one per 8 pixels), instead of 19 x 19.",
        ),
        (
            {"anchors": STOCK.anchors.model_copy(update={"scales": (0.1, 0.5), "aspect_ratios": (1.0, 0.5)})},
            "The anchors measure 30 and 150 pixels, instead of 45, 93, 141, 189, 237 and 285; the anchor ratios (width / height) "
            "are 0.5 and 1, instead of 0.33, 0.5, 1, 2 and 3.",
        ),
        (
            {"learning_rate": STOCK.learning_rate.model_copy(update={"base": 2 * STOCK.learning_rate.base})},
            "The learning rate peaks at 0.0219, 2 times the previous 0.0109.",
        ),
        (
            {"stages": (recipe.Stage(name="a", trainable="head", steps=60),
                        recipe.Stage(name="b", trainable="all", steps=540))},
            "Training updates the head alone for 60 steps, then the whole network for 540 steps, instead of the whole network "
            "for 600 steps.",
        ),
        (
            {"stages": (recipe.Stage(name="all", trainable="all", steps=300),)},
            "Training takes 300 steps, instead of 600.",
        ),
        (
            {"augmentation": (STOCK.augmentation[0], recipe.Augmentation(name="random_pad_image", reason="r"))},
            "Training drops ssd_random_crop; it adds random_pad_image; it keeps random_horizontal_flip.",
        ),
        (
            {"augmentation": STOCK.augmentation[::-1]},
            "Training applies them in the order ssd_random_crop, then random_horizontal_flip.",
        ),
        (
            {"augmentation": (recipe.Augmentation(name="rotate", reason="r"), *STOCK.augmentation[::-1])},
            "Training adds rotate; it applies them in the order rotate, then ssd_random_crop, then random_horizontal_flip.",
        ),
        (
            {"augmentation": ()},
            "The step augment chooses the replacement of random_horizontal_flip and ssd_random_crop.",
        ),
        (
            {"loss": recipe.Loss(focal_alpha=0.5)},
            "The loss changes from focal_alpha 0.75, focal_gamma 2, classification_weight 1, localization_weight 1.5 to "
            "focal_alpha 0.5, focal_gamma 2, classification_weight 1, localization_weight 1.5.",
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


def test_a_change_that_no_field_holds_is_told():
    """The decay of a recipe always ends at its last step, so only the change says how the rate went before."""
    change = recipe.Change(
        field="schedule", before="always 0.1", after="half a cosine", findings=("decay_unfinished",), reason="r"
    )
    (found,) = recipe_diff.between(STOCK, STOCK.model_copy(update={"changes": (change,)}))
    assert found.text == "The learning rate's schedule changes from always 0.1 to half a cosine."
    assert (found.reasons, found.findings) == (("r",), ("decay_unfinished",))
    both = STOCK.learning_rate.model_copy(update={"base": 0.5})
    texts = [
        d.text
        for d in recipe_diff.between(STOCK, STOCK.model_copy(update={"changes": (change,), "learning_rate": both}))
    ]
    assert len(texts) == 2 and texts[1] == found.text
