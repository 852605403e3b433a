# environment: train
"""Compares computations of diagnose with the OD API's own (train environment)."""

from typing import Any

import numpy as np
import pytest

from boxwright.core import models
from boxwright.core import recipe as recipes
from boxwright.diagnose.plan import existing_training

CLASSES = ["cat", "dog"]


@pytest.mark.parametrize("model", models.NAMES)
def test_reads_the_config_that_training_writes(model, tmp_path):
    """Training makes a config from a recipe. Reading it back gives the same recipe, to the precision of its floats."""
    from boxwright.core.od_api.pipeline_config import pipeline_config

    recipe = recipes.stock(model, CLASSES, steps=600)
    file = tmp_path / "pipeline.config"
    file.write_text(str(pipeline_config(recipe)))
    now = existing_training.read(file, CLASSES).recipe
    assert now.learning_rate.model_dump() == pytest.approx(recipe.learning_rate.model_dump(), rel=1e-6)
    assert now.anchors.scales == pytest.approx(recipe.anchors.scales, rel=1e-6)
    assert now.anchors.aspect_ratios == pytest.approx(recipe.anchors.aspect_ratios, rel=1e-6)
    same = ("model", "grid", "input_size", "batch_size", "steps")
    assert [getattr(now, name) for name in same] == [getattr(recipe, name) for name in same]


@pytest.mark.parametrize("seed", range(5))
def test_assigns_anchors_as_the_od_api_does(seed):
    """Twelve boxes on the stock anchors. Some boxes are almost equal, so they have the same best anchor."""
    from object_detection.matchers import argmax_matcher

    from boxwright.core import anchors, boxes
    from boxwright.core.od_api import tf
    from boxwright.diagnose.measures import anchor_assignment

    random = np.random.default_rng(seed)
    low, side = random.uniform(0, 0.7, (12, 2)), random.uniform(0.03, 0.3, (12, 2))
    crowd = np.concatenate([low, low + side], axis=1)
    crowd = np.concatenate([crowd, crowd[:6] + 0.002])
    laid = anchors.anchors(recipes.stock("ssd_mobilenet_v1_ppn", CLASSES, steps=600))
    matcher = argmax_matcher.ArgMaxMatcher(0.5, 0.5, force_match_for_each_row=True)
    match: Any = matcher.match(tf.constant(boxes.iou(crowd, laid), tf.float32)).match_results
    assert anchor_assignment.assign(crowd, laid).tolist() == match.numpy().tolist()
    assert (anchor_assignment.positives(crowd, laid) == 0).any() or seed
