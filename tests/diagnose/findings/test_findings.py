# environment: data
"""The registry of findings: what is in it, and what each kind declares."""

import importlib

from boxwright.core import registry
from boxwright.core.recipe import Recipe
from boxwright.diagnose import findings

IDS = {
    "labels": {"contradicting_boxes", "duplicate_boxes", "shifted_boxes", "suspected_classes", "upside_down"},
    "split": {"contrast_shift", "lighting_shift", "sharpness_shift", "size_shift", "val_too_small"},
    "anchors": {"anchor_collisions", "anchors_unreachable", "input_size", "tiny_objects"},
    "augmentation": {"augmentation_random_crop", "augmentation_shrinks"},
    "training": {
        *("batch_norm_small_batch", "decay_unfinished", "learning_rate_batch", "learning_rate_high", "new_head"),
        *("no_early_stopping", "steps_few", "steps_many", "warmup_long"),
    },
    "data": {"few_images", "few_objects", "imbalance", "near_duplicates", "thin_diversity"},
}


def test_every_room_registers_its_findings():
    for room, ids in IDS.items():
        modules = registry.modules(importlib.import_module(f"boxwright.diagnose.findings.{room}"))
        assert {id for module in modules for id in module.KIND.ids} == ids


def test_ids_are_unique_and_complete():
    every = [id for kind in findings.KINDS for id in kind.ids]
    assert len(every) == len(set(every)) and set(every) == set.union(*IDS.values())


def test_kinds_change_fields_that_a_recipe_has():
    assert {field for kind in findings.KINDS for field in kind.changes} <= set(Recipe.model_fields)
