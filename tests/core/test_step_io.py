"""What a step tells KFP: executor_output.json and parameter files, as KFP's launcher asks for them."""

import json
from pathlib import Path

import pytest

from boxwright.core.step_io import Result, local_path, run_and_emit


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


def executor_input(folder: Path) -> str:
    artifact = {"name": "model", "uri": str(folder / "task" / "model"), "metadata": {"kept": "yes"}}
    outputs = {
        "artifacts": {"model": {"artifacts": [artifact]}},
        "parameters": {
            "ready": {"outputFile": str(folder / "out" / "ready")},
            "word": {"outputFile": str(folder / "w")},
        },
        "outputFile": str(folder / "deep" / "executor_output.json"),
    }
    return json.dumps({"inputs": {}, "outputs": outputs})


def step(folder: Path, **result):
    def run() -> Result:
        (folder / "task" / "model").mkdir(parents=True)
        return Result(**result)

    return run


def test_everything_is_written(tmp_path):
    run = step(tmp_path, artifacts={"model": {"digest": "abc"}}, parameters={"ready": True, "word": "so"})
    run_and_emit(run, executor_input(tmp_path))
    written = json.loads((tmp_path / "deep" / "executor_output.json").read_text())
    model = written["artifacts"]["model"]["artifacts"][0]
    assert model["uri"] == str(tmp_path / "task" / "model")
    assert model["metadata"].pop("seconds") >= 0
    assert model["metadata"] == {"kept": "yes", "digest": "abc"}
    assert written["parameterValues"] == {"ready": True, "word": "so"}
    assert ((tmp_path / "out" / "ready").read_text(), (tmp_path / "w").read_text()) == ("true", "so")


def test_without_kfp_nothing_is_written(tmp_path):
    run_and_emit(step(tmp_path, parameters={"ready": True}), None)
    assert [p.name for p in tmp_path.iterdir()] == ["task"]


def test_output_that_the_component_does_not_declare(tmp_path):
    with pytest.raises(KeyError, match="mdoel"):
        run_and_emit(step(tmp_path, artifacts={"mdoel": {}}), executor_input(tmp_path))


def test_artifact_without_a_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="output model: nothing was written"):
        run_and_emit(Result, executor_input(tmp_path))
