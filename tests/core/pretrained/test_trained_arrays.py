# environment: train
"""The arrays of a trained model are read without building it, and are those that training would restore."""

import pytest

from boxwright.core.od_api import detection_model
from boxwright.core.pretrained import trained_arrays
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.embedding import backbone
from boxwright.train.weights import initial_weights


@pytest.fixture
def folder(tiny_recipe, tmp_path):
    detection_model.save(tmp_path / "model", detection_model.build(tiny_recipe, training=False), tiny_recipe)
    return tmp_path / "model"


def test_arrays_are_those_that_training_restores(folder):
    found = trained_arrays.read(folder)
    expected = initial_weights.read_trained_model("model", folder).arrays
    assert {name for name in expected if name not in found} == set()
    assert all((found[name] == array).all() for name, array in expected.items())
    assert backbone.layers(found)[-1].name == "Conv2d_11_pointwise"


def test_only_a_folder_of_train_is_a_model(folder, tmp_path):
    assert trained_arrays.is_model(folder)
    assert not trained_arrays.is_model(tmp_path)


def test_a_damaged_checkpoint_is_refused(folder):
    index = next(folder.glob("checkpoint/*.index"))
    index.write_bytes(index.read_bytes()[:-10])
    with pytest.raises(UserError, match="checkpoint is damaged"):
        trained_arrays.read(folder)
