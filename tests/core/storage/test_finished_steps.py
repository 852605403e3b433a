# environment: data
"""What counts as the same command: the flags, the content at their paths and URIs, and the code."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import pytest

from boxwright.convert.config import Config as Convert
from boxwright.core.runtime.flags import Fetched, Input, Kept, Output, StepConfig
from boxwright.core.runtime.step_io import Result
from boxwright.core.storage import finished_steps


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    records: Annotated[Path, Input("Dataset")]
    init: Annotated[str, Fetched()] = "auto"
    steps: int = 3
    kept: Annotated[str, Kept()] = ""
    model: Annotated[Path, Output("Model")] = Path("model")


@pytest.fixture
def config(bucket, tmp_path) -> Config:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "a").write_text("a")
    return Config(records=tmp_path / "records")


def test_same_command_is_one_request(config):
    assert finished_steps.request(config) == finished_steps.request(replace(config)) != ""


def test_what_a_step_keeps_for_itself_does_not_count(config, tmp_path):
    """The content there changes with every attempt, and may not exist yet."""
    kept = replace(config, kept=str(tmp_path / "kept"))
    before = finished_steps.request(kept)
    (tmp_path / "kept").write_text("checkpoint")
    assert finished_steps.request(kept) == before != ""
    assert finished_steps.request(replace(config, kept="gs://archive/nothing"))


@pytest.mark.parametrize("changes", [{"steps": 4}, {"init": "none"}, {"model": Path("other")}])
def test_other_flags_are_another_request(config, changes):
    assert finished_steps.request(config) != finished_steps.request(replace(config, **changes))


@pytest.mark.parametrize("harm", ["size", "time", "added"])
def test_changed_local_files_are_another_request(config, harm):
    before = finished_steps.request(config)
    if harm == "size":
        (config.records / "a").write_text("ab")
    elif harm == "time":
        os.utime(config.records / "a", (1, 1))
    else:
        (config.records / "b").touch()
    assert finished_steps.request(config) != before


def test_changed_objects_are_another_request(bucket, config):
    bucket.put("w/a.npz", b"a")
    one = replace(config, init=f"{bucket.uri}/w/a.npz")
    before = finished_steps.request(one)
    bucket.put("w/a.npz", b"b")
    assert finished_steps.request(one) != before != ""


def test_unreachable_place_gives_no_request(bucket, config):
    assert finished_steps.request(replace(config, init="http://127.0.0.1:1/a.npz")) == ""
    assert finished_steps.request(replace(config, init=f"{bucket.uri}/absent.npz")) == ""


def test_data_sets_of_convert_count(bucket, config):
    """--data has one path or URI, or several separated by commas."""
    bucket.put("set/a.jpg", b"a")
    one = Convert(data=f"{config.records},{bucket.uri}/set")
    requests = [finished_steps.request(one)]
    bucket.put("set/b.jpg", b"b")
    requests.append(finished_steps.request(one))
    (config.records / "b").touch()
    requests.append(finished_steps.request(one))
    assert len(set(requests)) == 3 and "" not in requests


def test_result_comes_back_for_the_same_request(tmp_path):
    outputs = [tmp_path / "1" / "model", tmp_path / "2" / "page"]
    for path in outputs:
        path.parent.mkdir()
        path.touch()
    result = Result(artifacts={"model": {"digest": "ab"}}, parameters={"ready": True}, headline="done")
    finished_steps.remember("r", result, outputs)
    assert finished_steps.recall("r", outputs) == result
    assert finished_steps.recall("other", outputs) is finished_steps.recall("", outputs) is None
    (tmp_path / "2" / "finished.json").write_text("{")
    assert finished_steps.recall("r", outputs) is None
