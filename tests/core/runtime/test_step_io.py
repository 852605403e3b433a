# environment: authoring
"""The reports of a step to KFP: executor_output.json and parameter files, in the form that KFP's launcher expects."""

import json
from pathlib import Path

import pytest
from google.protobuf import json_format
from kfp.pipeline_spec.pipeline_spec_pb2 import ExecutorOutput  # pyright: ignore[reportAttributeAccessIssue]  (made at import)

from boxwright import __version__
from boxwright.core.runtime import digests, environments
from boxwright.core.runtime.step_io import Result, local_path, run_and_emit


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("gs://bucket/a/b", "/gcs/bucket/a/b"),
        ("s3://bucket/a", "/s3/bucket/a"),
        ("minio://bucket/a", "/minio/bucket/a"),
        ("/plain/path", "/plain/path"),
    ],
)
def test_local_path(uri, path):
    assert local_path(uri) == Path(path)


def executor_input(folder: Path, schema: str = "system.Model", **inputs) -> str:
    artifact = {"name": "model", "uri": str(folder / "task" / "model"), "metadata": {"kept": "yes"}}
    artifact["type"] = {"schemaTitle": schema, "schemaVersion": "0.0.1"}
    outputs = {
        "artifacts": {"model": {"artifacts": [artifact]}},
        "parameters": {
            "ready": {"outputFile": str(folder / "out" / "ready")},
            "word": {"outputFile": str(folder / "w")},
        },
        "outputFile": str(folder / "deep" / "executor_output.json"),
    }
    return json.dumps({"inputs": inputs, "outputs": outputs})


def step(folder: Path, **result):
    def run() -> Result:
        (folder / "task" / "model").mkdir(parents=True)
        return Result(**result)

    return run


def metadata_of(folder: Path, step_name: str = "train", result: dict | None = None, **inputs) -> dict:
    run_and_emit(step(folder, **(result or {})), executor_input(folder, **inputs), step_name)
    written = json.loads((folder / "deep" / "executor_output.json").read_text())
    return written["artifacts"]["model"]["artifacts"][0]["metadata"]


def artifact(uri: object = "/somewhere", **metadata) -> dict:
    return {"artifacts": [{"name": "1", "uri": str(uri), "metadata": metadata}]}


def test_writes_all_files_for_kfp(tmp_path):
    run = step(tmp_path, artifacts={"model": {"loss": 0.5}}, parameters={"ready": True, "word": "so"})
    run_and_emit(run, executor_input(tmp_path))
    written = json.loads((tmp_path / "deep" / "executor_output.json").read_text())
    model = written["artifacts"]["model"]["artifacts"][0]
    assert model["uri"] == str(tmp_path / "task" / "model")
    assert model["metadata"].pop("seconds") >= 0
    assert model["metadata"] == {
        "kept": "yes",
        "loss": 0.5,
        "digest": digests.of_path(tmp_path / "task" / "model"),
        "version": __version__,
        "inputs": "{}",
        "parameters": "{}",
    }
    assert written["parameterValues"] == {"ready": True, "word": "so"}
    assert json.loads((tmp_path / "deep" / "digests.json").read_text()) == {"model": {}}
    assert ((tmp_path / "out" / "ready").read_text(), (tmp_path / "w").read_text()) == ("true", "so")


def test_metadata_have_the_origin(tmp_path, monkeypatch):
    monkeypatch.setenv("BOXWRIGHT_IMAGE", f"registry:5000/boxwright/train:{__version__}-0123456789ab-gpu")
    made = metadata_of(
        tmp_path,
        parameterValues={"seed": 3, "init": "auto"},
        artifacts={"records": artifact(digest="aa", seed=1.0), "recipe": artifact(digest="bb")},
    )
    assert (made["step"], made["image"]) == ("train", f"registry:5000/boxwright/train:{__version__}-0123456789ab-gpu")
    assert (made["source"], made["seed"], made["recipe"]) == ("0123456789ab", 3, "bb")
    assert json.loads(made["inputs"]) == {"records": "aa", "recipe": "bb"}
    assert json.loads(made["parameters"]) == {"seed": 3, "init": "auto"}


def test_source_without_an_image_is_the_packages(tmp_path, monkeypatch):
    monkeypatch.delenv("BOXWRIGHT_IMAGE", raising=False)
    made = metadata_of(tmp_path)
    assert environments.image("train").endswith(f"-{made['source']}") and "image" not in made


@pytest.mark.parametrize(
    ("inputs", "seed", "recipe"),
    [
        ({"model": artifact(digest="a", seed=0.0, recipe="r"), "records": artifact(digest="b", seed=0.0)}, 0, "r"),
        ({"model": artifact(digest="a", seed=0.0), "records": artifact(digest="b", seed=1.0)}, None, None),
        ({}, None, None),
    ],
)
def test_inherits_seed_and_recipe_from_inputs(tmp_path, inputs, seed, recipe):
    made = metadata_of(tmp_path, artifacts=inputs)
    assert (made.get("seed"), made.get("recipe")) == (seed, recipe)


def test_digests_of_imported_and_collected_inputs(tmp_path):
    (tmp_path / "there").write_text("x")
    many = {"artifacts": [*artifact(digest="a")["artifacts"], *artifact(digest="b")["artifacts"]]}
    inputs = {"imported": artifact(tmp_path / "there"), "lost": artifact(tmp_path / "no"), "all": many}
    made = metadata_of(tmp_path, artifacts=inputs)
    there = digests.of_path(tmp_path / "there")
    assert json.loads(made["inputs"]) == {"imported": there, "lost": "unknown", "all[0]": "a", "all[1]": "b"}


def test_keeps_the_steps_own_digest(tmp_path):
    made = metadata_of(tmp_path, result={"artifacts": {"model": {"digest": "own"}}})
    assert (made["content_digest"], made["digest"]) == ("own", digests.of_path(tmp_path / "task" / "model"))


def test_metadata_may_be_structures(tmp_path):
    matrix = {"rows": [{"row": [1, 2]}]}
    made = metadata_of(tmp_path, result={"artifacts": {"model": {"confusionMatrix": matrix}}})
    assert made["confusionMatrix"] == matrix
    output = json_format.Parse((tmp_path / "deep" / "executor_output.json").read_text(), ExecutorOutput())
    assert json_format.MessageToDict(output.artifacts["model"].artifacts[0].metadata) == made


def test_long_texts_are_cut(tmp_path):
    """A user's text is in the metadata of all outputs of a step, and each of them in the argument of a later step."""
    long = "frame ü " * 4000
    made = metadata_of(
        tmp_path,
        result={"artifacts": {"model": {"data": long, "steps": 3}}},
        parameterValues={"accept": long, "selector": {long: "yes"}, "seed": 7},
    )
    parameters = json.loads(made["parameters"])
    assert made["data"] == parameters["accept"] == f"{long[:500]}... (32000 characters)"
    assert (made["steps"], parameters["seed"], made["seed"]) == (3, 7, 7)
    assert len(json.dumps(made)) < 4000


def test_metrics_hold_only_what_was_measured(tmp_path):
    """The UI shows every other value as a measurement, and a KFP without MLMD fails the step for a text."""
    shown = {"confusionMatrix": {"rows": [{"row": [1, 2]}]}}
    for name, given in (("Metrics", {"AP": 0.5, "objects": 3}), ("ClassificationMetrics", shown)):
        folder = tmp_path / name
        made = metadata_of(folder, result={"artifacts": {"model": given}}, schema=f"system.{name}")
        assert made == given | {"kept": "yes"}
        files = json.loads((folder / "deep" / "digests.json").read_text())
        assert list(files) == ["model"]


@pytest.mark.parametrize("value", ["test", True, None, [1]])
def test_refuses_metrics_that_are_no_numbers(tmp_path, value):
    with pytest.raises(TypeError, match=r"model, a Metrics artifact, are no numbers: \['split'\]"):
        metadata_of(tmp_path, result={"artifacts": {"model": {"AP": 0.5, "split": value}}}, schema="system.Metrics")


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("gs://bucket/a folder/b", "gs://bucket/a folder/b"),
        ("https://me:word@host/a.tar.gz", "https://host/a.tar.gz"),
        ("https://host/a.npz?X-Goog-Signature=secret#part", "https://host/a.npz"),
        ("/a/path?what", "/a/path?what"),
        (0.5, 0.5),
    ],
)
def test_removes_secrets_from_parameters(tmp_path, given, stored):
    assert json.loads(metadata_of(tmp_path, parameterValues={"init": given})["parameters"]) == {"init": stored}


def test_writes_nothing_without_kfp(tmp_path):
    run_and_emit(step(tmp_path, parameters={"ready": True}), None)
    assert [p.name for p in tmp_path.iterdir()] == ["task"]


def test_refuses_an_undeclared_output(tmp_path):
    with pytest.raises(KeyError, match="mdoel"):
        run_and_emit(step(tmp_path, artifacts={"mdoel": {}}), executor_input(tmp_path))


def test_refuses_an_artifact_without_a_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="output model: nothing was written"):
        run_and_emit(Result, executor_input(tmp_path))
