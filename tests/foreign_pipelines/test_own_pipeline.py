# environment: authoring
"""The pipeline in pipelines/README.md: somebody's own labelling before convert, and their own deployment after evaluate."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import readme_code
import yaml
from kfp.compiler import Compiler
from rich.console import Console

from boxwright.cluster import compiled
from boxwright.core.runtime import environments
from boxwright.local import kfp_local

README = "pipelines/README.md"


@pytest.fixture
def registry(monkeypatch) -> str:
    monkeypatch.setenv("BOXWRIGHT_REGISTRY", "registry.example/team")
    # The images are named when boxwright.kfp is imported.
    for name in [name for name in sys.modules if name.startswith("boxwright.kfp")]:
        monkeypatch.delitem(sys.modules, name)
    return "registry.example/team"


def test_it_compiles_with_images_of_the_registry(tmp_path, registry):
    file = tmp_path / "own.yaml"
    Compiler().compile(readme_code.function(README, "our_detector", tmp_path), str(file))
    assert compiled.images(file) == [
        environments.image("data"),
        environments.image("train"),
        f"{registry}/python-kfp:3.11",
    ]


def test_our_graph_is_a_part_of_a_larger_one(tmp_path):
    file = tmp_path / "nightly.yaml"
    Compiler().compile(readme_code.function(README, "nightly", tmp_path), str(file))
    spec = compiled.spec(file)
    assert list(spec["root"]["dag"]["tasks"]) == ["boxwright-finetune"]
    given = spec["root"]["dag"]["tasks"]["boxwright-finetune"]["inputs"]["parameters"]
    assert given == {"data": {"componentInputParameter": "data"}, "steps": {"runtimeValue": {"constant": 2000.0}}}
    platform = list(yaml.safe_load_all(file.read_text()))[1]["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    assert platform["exec-train"]["secretAsVolume"][0]["secretName"] == "boxwright-bucket"


def test_a_failed_step_of_theirs_ends_the_run(tmp_path):
    """No step after it starts."""
    pipeline = readme_code.function(README, "our_detector", tmp_path)
    with pytest.raises(kfp_local.StepCrashed, match="label failed; its output is above"):
        run(pipeline, tmp_path / "run", images=str(tmp_path / "nothing"), shelf="")
    assert not list((tmp_path / "run" / "logs").glob("convert*"))


@pytest.mark.parametrize(("at_least", "said"), [(0.6, "deployed"), (0.9, "not deployed: AP50 is 0.70")])
def test_the_gate_of_the_deployment(tmp_path, at_least, said):
    """By the metadata that evaluate writes."""
    source = tmp_path / "made"
    source.mkdir()
    (source / "int8.tflite").write_bytes(b"TFL3")
    deploy = readme_code.function(README, "our_detector", tmp_path).pipeline_func.__globals__["deploy"].python_func
    tflite, measured = SimpleNamespace(path=str(source)), SimpleNamespace(metadata={"AP50": 0.7})
    assert deploy(tflite, measured, at_least, str(tmp_path / "shelf")) == said
    assert (tmp_path / "shelf" / "int8.tflite").exists() == (said == "deployed")


@pytest.mark.slow
def test_it_runs_with_every_real_step(tmp_path, images):
    pipeline = readme_code.function(README, "our_detector", tmp_path)
    given = {"images": str(images), "steps": 20, "init": "none", "at_least": 0.0, "shelf": str(tmp_path / "shelf")}
    tasks = run(pipeline, tmp_path / "run", **given)
    assert [task.name for task in tasks] == [
        "label", "convert", "validate", "diagnose", "augment", "train", "export", "evaluate", "deploy",
    ]  # fmt: skip
    assert (tmp_path / "shelf" / "int8.tflite").read_bytes()[4:8] == b"TFL3"


def run(pipeline: Any, out: Path, **arguments: Any) -> Any:
    return kfp_local.run(pipeline, arguments, out.resolve(), Console())
