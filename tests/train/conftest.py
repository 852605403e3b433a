"""Models that the tests of training share."""

import pytest


@pytest.fixture(scope="session")
def tiny_model(tiny_recipe):
    """A model of `tiny_recipe` for training, with random weights. A test that changes its weights builds its own."""
    from boxwright.core.od_api import detection_model

    return detection_model.build(tiny_recipe, training=True)
