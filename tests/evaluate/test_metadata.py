# environment: train
"""The metadata of evaluate's artifacts stay small, even with many classes and long names."""

import json
from pathlib import Path

import numpy as np
import pytest

from boxwright.core import coco_eval
from boxwright.core.artifacts.metrics import Metrics
from boxwright.core.runtime import step_io
from boxwright.core.runtime.step_io import Result
from boxwright.evaluate import step

KIB = 1024
OUTPUTS = {"evaluation": "Artifact", "metrics": "Metrics", "confusion": "ClassificationMetrics", "page": "HTML"}


def result(classes: int, name: str = "class {:04} of many") -> Result:
    """The result for a detector that takes every class for every other one."""
    per_class = {name.format(number): {"AP": 0.5, "AP50": 0.75, "objects": 3} for number in range(classes)}
    about = {"variant": "int8", "split": "test", "images": 9, "objects": 3, "detections": 5, "per_class": per_class}
    numbers = Metrics.model_validate(dict.fromkeys(coco_eval.NUMBERS, 0.5) | about)
    return step.result(numbers, np.full((classes + 1, classes + 1), 1000), 1.0)


def emitted(folder: Path, made: Result) -> tuple[dict[str, dict], int]:
    """The metadata that KFP stores for each output, and the bytes of executor_output.json."""
    declared = {}
    for name, kind in OUTPUTS.items():
        (folder / name).write_text("content")
        of_kind = {"schemaTitle": f"system.{kind}"}
        declared[name] = {"artifacts": [{"name": name, "uri": str(folder / name), "type": of_kind, "metadata": {}}]}
    outputs = {"artifacts": declared, "outputFile": str(folder / "executor_output.json")}
    step_io.run_and_emit(lambda: made, json.dumps({"outputs": outputs}), "evaluate")
    text = (folder / "executor_output.json").read_bytes()
    artifacts = json.loads(text)["artifacts"]
    return {name: artifacts[name]["artifacts"][0]["metadata"] for name in OUTPUTS}, len(text)


@pytest.mark.parametrize(("classes", "named"), [(2, 2), (20, 20), (21, 0)])
def test_metadata_have_ap50_per_class_of_few_classes(classes, named):
    found = result(classes).artifacts
    assert [sum(key.startswith("AP50 ") for key in found[name]) for name in ("evaluation", "metrics")] == [named, named]


def test_metrics_are_numbers_and_lineage_is_on_evaluation(tmp_path):
    stored, _ = emitted(tmp_path, result(3))
    assert set(map(type, stored["metrics"].values())) == {float}
    assert list(stored["confusion"]) == ["confusionMatrix"]
    assert {"digest", "step", "version", "inputs", "split", "confused"} <= set(stored["evaluation"])


@pytest.mark.parametrize("classes", [20, 1500])
@pytest.mark.parametrize("name", ["class {:04} of many", "Klasse {:04} " + 100 * "äöü "], ids=["short", "long"])
def test_sizes_stay_within_the_limits_of_kfp(tmp_path, classes, name):
    """Limits: one argument of a command 128 KiB, a node's status in Argo 1 MB, a message of gRPC 4 MiB.

    A pod's specification is in the status up to three times, and a run has two evaluations.
    """
    stored, output = emitted(tmp_path, result(classes, name))
    sizes = {name: len(json.dumps(metadata)) for name, metadata in stored.items()}
    assert sizes["evaluation"] < 8 * KIB and sizes["metrics"] < 8 * KIB and sizes["confusion"] < 16 * KIB
    assert output < 32 * KIB
