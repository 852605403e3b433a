"""Fixtures of the training tests."""

import pytest


@pytest.fixture(scope="session")
def tiny_model(tiny_recipe):
    """A model of `tiny_recipe` for training, with random weights. Tests that change weights must build their own model."""
    from boxwright.core.od_api import detection_model

    return detection_model.build(tiny_recipe, training=True)
