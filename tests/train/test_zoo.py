"""What the key of a run's cache and training take for the model zoo's checkpoint is the same file."""

import pytest

pytest.importorskip("tensorflow", reason="runs in the train environment")

from boxwright.core import recipe, zoo
from boxwright.train import weights


@pytest.mark.parametrize("model", recipe.MODELS)
def test_the_same_file(model):
    assert zoo.uri(model) == weights._ZOO + weights._ZOO_FILES[model]
