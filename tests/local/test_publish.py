# environment: authoring
"""`boxwright run` with data, weights and results in a bucket, over real HTTP. For steps with URIs see tests/core/storage."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from local_runs import with_defaults

from boxwright.cluster import commands
from boxwright.core import recipe
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch
from boxwright.lineage import command, records, verify
from boxwright.lineage.records import Artifact, Task
from boxwright.local import inputs, publish
from boxwright.local import run as running
from boxwright.local.arguments import Run

OUT = "gs://archive/runs/first"


@pytest.fixture
def archive(bucket):
    bucket.put("set/instances.json", b"{}")
    bucket.put("set/images/a.jpg", b"a")
    bucket.put("weights.npz", b"weights")
    return bucket


def config(**changes: Any) -> Run:
    defaults: dict[str, Any] = {"data": "gs://archive/set", "out": OUT, "init": "none"}
    return with_defaults("finetune", **defaults | changes)


def work(out: Path, results: dict[str, str]) -> None:
    """Writes the files of a run: results, a log, an artifact, and an artifact of an earlier run."""
    model = Artifact(path="steps/second/train/model", digest="d", metadata={})
    task = Task(name="train", cached=False, seconds=1, parameters={}, inputs={}, outputs={"model": model})
    texts = {"logs/train.log": "said", f"{model.path}/weights": "w", "steps/first/train/model/weights": "before"}
    for name, text in (texts | results).items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text)
    records.write([task], out)


def found(uri: str) -> dict[str, str]:
    top = fetch.folder(uri)
    return {str(f.relative_to(top)): f.read_text() for f in top.rglob("*") if f.is_file() and f.name != records.FILE}


RUN = {"logs/train.log": "said", "steps/second/train/model/weights": "w"}
RESULTS = {"report.html": "<html>", "summary.json": "{}"}


def test_steps_get_uris_unchanged(archive, tmp_path):
    archive.put("schema.pbtxt", b"schema")
    uris = {"init": "gs://archive/weights.npz", "expected_schema": "gs://archive/schema.pbtxt"}
    arguments = running.graph_arguments(config(**uris))
    assert {name: arguments[name] for name in ("data", *uris)} == {"data": "gs://archive/set"} | uris


@pytest.mark.parametrize("changed", ["set/instances.json", "set/images/b.jpg", "weights.npz"])
def test_fingerprint_follows_the_bucket(archive, changed):
    given = ("gs://archive/set", "gs://archive/weights.npz")
    first = inputs.fingerprint(*given)
    archive.put("elsewhere", b"of no concern")
    assert inputs.fingerprint(*given) == first
    archive.put(changed, b"new")
    assert inputs.fingerprint(*given) != first


def test_containers_get_local_copies(archive, tmp_path):
    here = running.with_local_copies(config(init="gs://archive/weights.npz", data="gs://archive/set/instances.json"))
    assert (
        Path(here.value("init")).read_bytes() == b"weights"
        and (Path(here.value("data")).parent / "images/a.jpg").read_bytes() == b"a"
    )
    assert running.reads(here) == [Path(here.value("data")).parent, Path(here.value("init"))]
    several = running.with_local_copies(config(data="gs://archive/set, gs://archive/set/images"))
    assert [sorted(f.name for f in Path(p).iterdir()) for p in several.value("data").split(",")] == [
        ["images", "instances.json"],
        ["a.jpg"],
    ]
    assert running.reads(config()) == [], "the steps of the host copy for themselves"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data": "gs://archive/absent"}, "gs://archive/absent: there is no object with this name and none below it"),
        ({"out": "gs://elsewhere/x"}, "gs://elsewhere/x: there is no such bucket"),
        ({"out": "gs://archive/set"}, "--out gs://archive/set: this is inside gs://archive/set"),
        ({"out": "gs://archive/set/run", "data": "gs://archive/set/"}, "this is inside gs://archive/set,"),
        (
            {"out": "gs://archive/set/run", "data": "gs://archive/set/instances.json"},
            "this is inside gs://archive/set,",
        ),
    ],
)
def test_rejects_wrong_places_before_the_first_step(archive, changes, said):
    with pytest.raises(UserError, match=said):
        inputs.check(config(**changes))


def test_accepts_out_beside_the_data(archive, tmp_path):
    for out in (OUT, "gs://archive/setting", str(tmp_path)):
        inputs.check_places("gs://archive/set", out)
    inputs.check_places(str(tmp_path), OUT)


def test_rejects_missing_weights_before_the_first_step(archive, tmp_path):
    with pytest.raises(UserError, match=r"absent.npz: there is no object with this name"):
        running.graph_arguments(config(init="gs://archive/absent.npz"))


def test_the_same_uri_has_the_same_work_folder(bucket):
    assert publish.local_folder(OUT) == publish.local_folder(OUT + "/") != publish.local_folder(OUT + "2")
    assert publish.local_folder("runs/first") == Path.cwd() / "runs/first"


def test_results_are_published_at_the_end(bucket, tmp_path, capsys):
    with publish.publishing(OUT, tmp_path):
        work(tmp_path, RESULTS)
        assert not bucket.listed()
    assert found(OUT) == RUN | RESULTS
    place = fetch.folder(OUT)
    assert records.read(place)[0].outputs["model"].path == "steps/second/train/model"
    told = capsys.readouterr().out.split()[-1]
    assert bucket.read(told.removeprefix("gs://archive/")) == b"<html>"


@pytest.mark.parametrize("error", [UserError("not ready"), SystemExit(1)])
def test_a_failed_run_is_published_beside_the_last_good_one(bucket, tmp_path, error, capsys):
    with publish.publishing(OUT, tmp_path):
        work(tmp_path, RESULTS)
    with pytest.raises(type(error)), publish.publishing(OUT, tmp_path):
        work(tmp_path, {})
        raise error
    assert found(OUT) == RUN | RESULTS
    assert found(f"{OUT}/failed") == RUN, "no report of the run before"
    assert f"published the failed run, with its logs: {OUT}/failed/" in capsys.readouterr().err


def test_a_stopped_run_publishes_nothing(bucket, tmp_path):
    with pytest.raises(SystemExit), publish.publishing(OUT, tmp_path):
        work(tmp_path, {})
        raise SystemExit(143)
    assert not bucket.listed()


def test_the_page_that_is_named_exists(bucket, tmp_path, capsys):
    with publish.publishing(OUT, tmp_path):
        work(tmp_path, {"diagnosis.html": "<html>"})
    assert bucket.read(capsys.readouterr().out.split()[-1].removeprefix("gs://archive/")) == b"<html>"


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ("runs/first/photo.jpg", "other objects are already there .first: runs/first/photo.jpg"),
        ("runs/first", "an object with this name exists"),
    ],
)
def test_rejects_out_that_holds_foreign_objects(archive, there, said):
    archive.put(there, b"dear")
    with pytest.raises(UserError, match=said):
        inputs.check(config())


def test_accepts_out_of_a_failed_or_published_run(archive, tmp_path):
    with pytest.raises(UserError, match="not ready"), publish.publishing(OUT, tmp_path):
        work(tmp_path, {})
        raise UserError("not ready")
    inputs.check_places("gs://archive/set", OUT)
    with publish.publishing(OUT, tmp_path):
        work(tmp_path, RESULTS)
    inputs.check_places("gs://archive/set", OUT)


def test_commands_read_a_published_run(bucket, tmp_path, capsys):
    """The commands take its --out. Only `verify` copies the models."""
    summary = {
        "verdict": "good",
        "dataset": {"digest": "d"},
        "steps": 7,
        "evaluation": {},
        "seconds": {},
        "artifacts": {},
    }
    recipe.write(recipe.stock("ssd_mobilenet_v1_ppn", ["cat"], steps=600), tmp_path / "stock.yaml")
    stock = (tmp_path / "stock.yaml").read_text()
    for out, steps in ((OUT, 7), ("gs://archive/second/", 9)):
        with publish.publishing(out, tmp_path):
            work(tmp_path, {"summary.json": json.dumps(summary | {"steps": steps}), "recipe.yaml": stock})
    bucket.asked.clear()
    commands.compare([OUT, "gs://archive/second"])
    assert re.search(r"steps +│ 7 +│ 9 +│ \+2", capsys.readouterr().out)
    command.main([OUT, "--openlineage", str(tmp_path / "events")])
    place = json.loads((tmp_path / "events").read_text().splitlines()[1])["outputs"][0]
    assert (place["namespace"], place["name"]) == ("gs://archive", "runs/first/steps/second/train/model")
    command.main([OUT])
    assert OUT in capsys.readouterr().out and not any(name.endswith("weights") for name in bucket.times("read"))
    with pytest.raises(UserError, match="gs://: '' is not a valid bucket name"):
        command.main(["gs://"])
    with pytest.raises(SystemExit):
        verify.main([OUT])
    assert "train.model" in capsys.readouterr().out
    commands.compare([f"{OUT}/recipe.yaml", f"{OUT}/recipe.yaml"])
    assert "the recipes train alike" in capsys.readouterr().out


def test_a_run_without_a_step_publishes_nothing(bucket, tmp_path):
    with pytest.raises(UserError, match="no weights"), publish.publishing(OUT, tmp_path):
        raise UserError("no weights")
    assert not bucket.listed()


def test_the_next_run_publishes_what_could_not_be(bucket, tmp_path):
    bucket.faults["list", ""] = [403]
    with (
        pytest.raises(UserError, match=r"access is denied.*The run itself is complete in .*will only publish"),
        publish.publishing(OUT, tmp_path),
    ):
        work(tmp_path, RESULTS)
    with publish.publishing(OUT, tmp_path):
        work(tmp_path, RESULTS)
    assert found(OUT) == RUN | RESULTS


def test_the_runs_own_error_wins_when_publishing_fails(bucket, tmp_path, capsys):
    bucket.faults["list", ""] = [403]
    with pytest.raises(UserError, match="not ready"), publish.publishing(OUT, tmp_path):
        work(tmp_path, {})
        raise UserError("not ready")
    assert "warning: gs://archive/runs/first/failed cannot be published: access is denied" in capsys.readouterr().err
