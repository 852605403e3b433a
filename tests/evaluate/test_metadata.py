# environment: train
"""The metadata of evaluate's artifacts stay small, even with many classes."""

import json
from collections.abc import Mapping

import numpy as np
import pytest

from boxwright.core import coco_eval
from boxwright.core.artifacts.metrics import Metrics
from boxwright.evaluate import confusion_matrix, step


def metrics(classes: int) -> Metrics:
    per_class = {f"class {number:04} of many": {"AP": 0.5, "AP50": 0.75, "objects": 3} for number in range(classes)}
    about = {"variant": "int8", "split": "test", "images": 9, "objects": 3, "detections": 5, "per_class": per_class}
    return Metrics.model_validate(dict.fromkeys(coco_eval.NUMBERS, 0.5) | about)


def artifacts(classes: int) -> dict[str, Mapping]:
    found = metrics(classes)
    counts = np.full((classes + 1, classes + 1), 1000)
    shown = confusion_matrix.for_kfp(*confusion_matrix.with_others(list(found.per_class), counts))
    return dict(step.result(found, shown, 1.0).artifacts)


@pytest.mark.parametrize(("classes", "named"), [(2, 2), (50, 50), (51, 0)])
def test_metadata_have_ap50_per_class_of_few_classes(classes, named):
    found = artifacts(classes)
    assert [sum(key.startswith("AP50 ") for key in found[name]) for name in ("evaluation", "metrics")] == [named, named]


def test_metadata_stay_small_for_2000_classes():
    """An executor input holds the metadata of all inputs. It must fit into one argument of 128 KiB; KFP's limit is 4 MiB."""
    sizes = {name: len(json.dumps(value)) for name, value in artifacts(2000).items()}
    assert sizes["evaluation"] < 1000 and sizes["metrics"] < 1000 and sizes["confusion"] < 50_000
