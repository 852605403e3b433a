# environment: data
"""Steps that read from buckets and write to them."""

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Fetched, Input, Output, StepConfig
from boxwright.core.runtime.step_io import Result
from boxwright.core.storage import fetch, step_paths


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    records: Annotated[Path, Input("Dataset")]
    page: Annotated[Path, Output("HTML")] = Path("page.html")
    tables: Annotated[Path, Output("Dataset")] = Path("tables")
    times: int = 2


def step(config: Config) -> Result:
    config.tables.mkdir(parents=True)
    (config.tables / "a.parquet").write_bytes((config.records / "in.txt").read_bytes() * config.times)
    config.page.write_text("page")
    return Result(headline=f"wrote {config.page} and {config.tables}")


def test_local_paths_pass_through(tmp_path):
    config = Config(records=tmp_path, page=tmp_path / "p", tables=tmp_path / "t")
    assert step_paths.run(lambda given: Result(headline=str(given is config)), config).headline == "True"


def test_copies_inputs_and_publishes_outputs(bucket, tmp_path):
    bucket.put("in/in.txt", b"ab")
    config = Config(
        records=Path(f"{bucket.uri}/in"), page=Path(f"{bucket.uri}/page"), tables=Path(f"{bucket.uri}/out/tables")
    )
    assert step_paths.run(step, config).headline == f"wrote {bucket.uri}/page and {bucket.uri}/out/tables"
    assert (fetch.file(f"{bucket.uri}/out/tables") / "a.parquet").read_bytes() == b"abab"
    assert fetch.file(f"{bucket.uri}/page").read_text() == "page"


def test_earlier_copy_does_not_replace_an_input(bucket, tmp_path, impatient):
    bucket.put("in/in.txt", b"ab")
    config = Config(records=Path(f"{bucket.uri}/in"), page=tmp_path / "p", tables=tmp_path / "t")
    step_paths.run(step, config)
    bucket.faults["see", "in"] = [503] * 99
    with pytest.raises(UserError, match=f"{bucket.uri}/in cannot be fetched"):
        step_paths.run(must_not_run, config)


def test_failed_step_publishes_nothing(bucket, tmp_path):
    bucket.put("in/other.txt", b"")
    with pytest.raises(FileNotFoundError):
        step_paths.run(
            step, Config(records=Path(f"{bucket.uri}/in"), page=tmp_path / "p", tables=Path(f"{bucket.uri}/out"))
        )
    assert list(bucket.listed()) == ["in/other.txt"]


RESUMING = """
import os, signal, sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from boxwright.core.storage import step_paths
from boxwright.core.runtime.flags import Output, StepConfig
from boxwright.core.runtime.step_io import Result

@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    model: Annotated[Path, Output("Model")] = Path("model")

def step(config):
    workspace = config.model.with_name("model.workspace")
    workspace.mkdir(exist_ok=True)
    done = len(list(workspace.iterdir()))
    (workspace / str(done)).touch()
    config.model.mkdir()  # nothing half-written is left of the killed try
    (config.model / "weights").write_text(f"{done} steps were there already")
    if done < 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return Result(headline=f"wrote {config.model}")

print(step_paths.run(step, Config(model=Path(sys.argv[1]))).headline)
"""


def test_killed_step_resumes_for_the_same_uri(bucket, tmp_path):
    """The step keeps its state beside its output, as train does. The state is below BOXWRIGHT_CACHE until the output is
    published."""

    def run(uri: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "-P", "-c", RESUMING, uri], cwd=tmp_path, capture_output=True, text=True)

    assert [run(f"{bucket.uri}/model").returncode for _ in range(2)] == [-9, -9]
    assert run(f"{bucket.uri}/other").returncode == -9
    assert not bucket.listed()
    assert run(f"{bucket.uri}/model/").stdout == f"wrote {bucket.uri}/model\n"
    assert (fetch.file(f"{bucket.uri}/model") / "weights").read_text() == "2 steps were there already"
    assert len(list((tmp_path / "cache" / "outputs").iterdir())) == 1, f"that of {bucket.uri}/other"


@pytest.fixture
def unpublished(bucket):
    """The config of a step that succeeded but could not publish its outputs, and the bucket."""
    bucket.put("in/in.txt", b"ab")
    config = Config(records=Path(f"{bucket.uri}/in"), page=Path(f"{bucket.uri}/page"), tables=Path(f"{bucket.uri}/t"))
    bucket.faults["send", "page/boxwright-publication.json"] = [403]
    with pytest.raises(UserError, match=f"{bucket.uri}/page cannot be published: access is denied"):
        step_paths.run(step, config)
    bucket.faults.clear()
    return config, bucket


def test_same_command_publishes_what_is_left(unpublished):
    config, bucket = unpublished
    assert step_paths.run(must_not_run, config).headline == f"wrote {bucket.uri}/page and {bucket.uri}/t"
    assert (fetch.file(f"{bucket.uri}/t") / "a.parquet").read_bytes() == b"abab"
    assert fetch.file(f"{bucket.uri}/page").read_text() == "page"


@pytest.mark.parametrize("change", ["input", "flag", "lost"])
def test_changed_command_runs_the_step_again(unpublished, tmp_path, change):
    config, bucket = unpublished
    if change == "input":
        bucket.put("in/in.txt", b"xy")
    elif change == "flag":
        config = replace(config, times=3)
    else:
        next(tmp_path.glob("cache/outputs/*/page.html")).unlink()
    step_paths.run(step, config)
    expected = {"input": b"xyxy", "flag": b"ababab", "lost": b"abab"}[change]
    assert (fetch.file(f"{bucket.uri}/t") / "a.parquet").read_bytes() == expected


@dataclass(frozen=True, kw_only=True)
class Every(Config):
    init: Annotated[str, Fetched()] = ""
    given: Annotated[str, Input()] = ""


def must_not_run(config) -> Result:
    pytest.fail(f"the step ran with {config}")


@pytest.mark.parametrize("name", ["records", "page", "init", "given"])
def test_refuses_unknown_schemes_before_the_work(name):
    place = "ftp://b/x" if name in ("init", "given") else Path("ftp://b/x")
    with pytest.raises(UserError, match=f"^--{name} ftp:/+b/x: expected a path or "):
        step_paths.run(must_not_run, Every(**{"records": Path("in"), name: place}))


@pytest.mark.parametrize(
    ("records", "page", "tables", "message"),
    [
        ("gs://archive/none", "p", "gs://archive/t", "gs://archive/none: there is no object with this name"),
        ("in", "gs://elsewhere/p", "gs://archive/t", "gs://elsewhere/p: there is no such bucket"),
        ("in", "gs://archive/t", "gs://archive/t", "gs://archive/t is given for two outputs"),
        ("gs://archive/t", "p", "gs://archive/t", "gs://archive/t is given for an input and an output"),
        (
            "in",
            "p",
            "gs://archive/images",
            r"gs://archive/images: other objects are already there .first: images/a\.jpg",
        ),
        ("in", "p", "gs://archive/taken/", "gs://archive/taken: an object with this name exists"),
        ("in", "p", "gs://", "gs://: '' is not a valid bucket name"),
        ("gs://Mine!/x", "p", "t", "gs://Mine!/x: 'Mine!' is not a valid bucket name"),
    ],
)
def test_refuses_bad_places_before_the_work(bucket, store, records, page, tables, message):
    records, page, tables, message = (text.replace("gs://", f"{store}://") for text in (records, page, tables, message))
    bucket.put("taken", b"")
    bucket.put("images/a.jpg", b"")
    with pytest.raises(UserError, match=message):
        step_paths.run(must_not_run, Config(records=Path(records), page=Path(page), tables=Path(tables)))
