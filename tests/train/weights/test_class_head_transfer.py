# environment: train
"""Class predictors restored by class name, checked by hand and on the output of the OD API's models."""

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.od_api import detection_model as models
from boxwright.core.od_api import tf
from boxwright.core.pretrained import slim_names
from boxwright.train.weights import class_head_transfer, initial_weights, weight_restoring

# Two anchors with (background, cup, pin): the tens digit is the anchor, the ones digit the class.
CUP_PIN = np.array([10, 11, 12, 20, 21, 22], np.float32)


@pytest.mark.parametrize(
    ("wanted", "fresh", "expected", "why"),
    [
        (("cup", "pin"), [0] * 6, [10, 11, 12, 20, 21, 22], ""),
        (("pin", "cup"), [0] * 6, [10, 12, 11, 20, 22, 21], ""),
        (("pin",), [0] * 4, [10, 12, 20, 22], ""),
        (("mug", "pin"), [-1] * 6, [10, -1, 12, 20, -1, 22], "by class name: background, pin; new: mug"),
        (("pin", "mug", "cup"), [-1] * 8, [10, 12, -1, 11, 20, 22, -1, 21], "by class name: background, pin, cup; new: mug"),
        (("jar", "mug"), [-1] * 6, [10, -1, -1, 20, -1, -1], "by class name: background; new: jar, mug"),
    ],
)  # fmt: skip
def test_channels_follow_class_names(wanted, fresh, expected, why):
    fresh = np.array(fresh, np.float32)
    fitted, said = class_head_transfer.transfer(CUP_PIN, ("cup", "pin"), fresh, wanted)
    assert fitted is not None and (fitted.tolist(), said) == (expected, why)
    kernel = np.stack([CUP_PIN, CUP_PIN + 100])[None, None]
    fitted, _ = class_head_transfer.transfer(kernel, ("cup", "pin"), np.stack([fresh, fresh])[None, None], wanted)
    assert fitted is not None and fitted.shape == (1, 1, 2, len(fresh)) and fitted[0, 0, 0].tolist() == expected


def test_a_head_for_other_anchors_is_skipped():
    """Equal numbers of channels are not enough: 2 anchors with background and five classes give 12, as do 4 with two."""
    fitted, why = class_head_transfer.transfer(np.zeros(12), ("a", "b", "c", "d", "e"), np.zeros(12), ("a", "b"))
    assert fitted is None and why == "for 2 anchors per location, the model has 4"


def test_a_head_of_another_depth_is_skipped():
    fitted, why = class_head_transfer.transfer(np.zeros((1, 1, 8, 6)), ("a", "b"), np.zeros((1, 1, 4, 6)), ("a", "b"))
    assert fitted is None and why == "shape (1, 1, 8, 6), the model needs (1, 1, 4, 6)"


def v1_recipe() -> recipes.Recipe:
    """Each map has its own predictor, with 3 anchors per location on the first map and 6 on the others."""
    stock = recipes.stock("ssd_mobilenet_v1", ("box", "pole"), steps=10)
    return stock.model_copy(update={"input_size": 96})


@pytest.mark.parametrize("predictor", ["shared by all maps", "one for each map"])
def test_a_restored_head_gives_the_same_logits_per_class(predictor, tiny_recipe):
    """Compares the outputs of two OD API models for one image: (1, anchors, background and classes)."""
    known = tiny_recipe if predictor == "shared by all maps" else v1_recipe()
    wanted = known.model_copy(update={"classes": ("pole", "mug", "box")})
    donor, model = (models.build(recipe, training=False) for recipe in (known, wanted))
    for variable in models.variables(donor):
        if variable.name.endswith("ClassPredictor/bias:0"):
            variable.assign(tf.random.stateless_normal(tuple(variable.numpy().shape), (0, 1)))
    arrays = {slim_names.slim_name(v.name, known.grid): v.numpy() for v in models.variables(donor)}
    table = weight_restoring.restore(model, initial_weights.Source("donor", arrays, recipe=known), wanted)
    assert {one.why for one in table.partly} == {"by class name: background, pole, box; new: mug"}
    assert all("/ClassPredictor/" in one.name for one in table.partly)
    assert not table.skipped and len(table.restored) + len(table.partly) == len(models.variables(model))
    theirs, ours = logits(donor, known.input_size), logits(model, known.input_size)
    np.testing.assert_allclose(ours[..., [0, 3, 1]], theirs, atol=1e-5)
    assert np.abs(theirs[..., 1] - theirs[..., 2]).max() > 0.1


def logits(model, size: int) -> np.ndarray:
    image = tf.random.stateless_uniform((1, size, size, 3), (0, 2), -1.0, 1.0)
    return model.predict(image, tf.constant([[size, size, 3]]))["class_predictions_with_background"].numpy()


def test_other_weights_are_restored_by_shape(tiny_recipe):
    """Without a recipe the classes of the weights are unknown, so an array of the right shape is assigned as it is."""
    donor = models.build(tiny_recipe, training=False)
    arrays = {slim_names.slim_name(v.name, tiny_recipe.grid): v.numpy() for v in models.variables(donor)}
    turned = tiny_recipe.model_copy(update={"classes": ("pole", "box")})
    model = models.build(turned, training=False)
    table = weight_restoring.restore(model, initial_weights.Source("arrays", arrays), turned)
    assert not table.partly and set(table.restored) == {v.name for v in models.variables(model)}
    for one, other in zip(models.variables(donor), models.variables(model), strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
