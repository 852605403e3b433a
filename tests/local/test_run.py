# environment: authoring
"""`boxwright run` before the first step and after the last: wrong flags, the graph's arguments, the files in OUT."""

import fcntl
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
import summaries
from local_runs import with_defaults

from boxwright import graphs
from boxwright.core.artifacts import summary
from boxwright.core.runtime.errors import UserError
from boxwright.lineage.records import Artifact, Task
from boxwright.local import inputs, work_folder
from boxwright.local import run as running
from boxwright.local.arguments import Run

pytestmark = pytest.mark.usefixtures("no_network")


def config(folder: Path, **changes) -> Run:
    places = {"data": folder, "out": folder.parent / "out"} | changes
    return with_defaults("finetune", **{**places, "data": str(places["data"]), "out": str(places["out"])})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": "/no/such/folder"}, "--data /no/such/folder: this path does not exist"),
        ({"data": "/, /no/such/folder"}, "--data /no/such/folder: this path does not exist"),
        ({"group": "(scan"}, r"--group '\(scan' is not a regular expression"),
        ({"label_map": "/no/such/map.pbtxt"}, "--label-map /no/such/map.pbtxt: this file does not exist"),
        (
            {"expected_schema": "/no/such/schema.pbtxt"},
            "--expected-schema /no/such/schema.pbtxt: this file does not exist",
        ),
        ({"previous_statistics": "/no/such"}, "--previous-statistics /no/such: this folder does not exist"),
        ({"data": ""}, "--data is empty"),
        ({"no_flip": "{{$.x}}"}, r"--no-flip {{\$.x}}: Kubeflow would read {{\$ as its own placeholder"),
        ({"out": " "}, "--out is empty"),
        (
            {"out": "ftp://bucket/run"},
            "--out ftp://bucket/run: expected a path or gs:// or s3://; other schemes are not supported",
        ),
        ({"out": "gs://"}, "gs://: '' is not a valid bucket name; expected gs://BUCKET/FOLDER"),
        ({"data": "https://web.example/a.zip"}, "--data https://web.example/a.zip: expected a path or gs://"),
        ({"init": "http://web.example/a.gz"}, "--init http://web.example/a.gz: expected a path or https:// or gs://"),
        ({"label_map": "ftp://bucket/map.pbtxt"}, "--label-map ftp://bucket/map.pbtxt: expected a path or https:// or"),
        (
            {"previous_statistics": "https://web.example"},
            "--previous-statistics https://web.example: expected a path or gs",
        ),
        ({"max_objects": -1}, "--max-objects -1: expected 0 or more"),
        ({"model": "yolo"}, "--model yolo: expected one of ssd_mobilenet_v1_ppn"),
        ({"steps": -1}, "--steps -1: expected 0 or more"),
        ({"batch_size": 0}, "--batch-size 0: expected 1 or more"),
        ({"seed": -1}, "--seed -1: expected 0 or more"),
        ({"seed": 2**32}, "--seed 4294967296: expected 4294967295 or less"),
        ({"calibration_images": 0}, "--calibration-images 0: expected 1 or more"),
        ({"init": "/no/such/weights.npz"}, "--init /no/such/weights.npz: this path does not exist"),
    ],
)
def test_rejects_wrong_flags_before_the_first_step(data, changes, message):
    with pytest.raises(UserError, match=message):
        inputs.check(config(data, **changes))


@pytest.mark.parametrize("flag", ["--fix=clib", "--missing=skip", "--steps=many"])
def test_a_mistyped_word_is_refused(data, flag, capfd):
    with pytest.raises(SystemExit) as ended:
        running.main(["--data", str(data), "--out", str(data.parent / "out"), flag])
    assert ended.value.code == 2 and flag.partition("=")[2] in "".join(capfd.readouterr())
    assert not (data.parent / "out").exists()


def test_a_mistyped_format_is_refused(data):
    with pytest.raises(UserError, match="--format coko: expected one of auto, "):
        running.main(["--data", str(data), "--out", str(data.parent / "out"), "--format=coko"])


def test_a_column_is_no_regular_expression(data):
    inputs.check(config(data, group="column:scan [no"))


def test_several_data_sets_are_all_used_and_followed(data, monkeypatch):
    (data.parent / "more").mkdir()
    (data.parent / "more" / "b.jpg").write_text("1")
    both = config(data, data="data, more", label_map="map.pbtxt", group="(scan[0-9]+)_")
    monkeypatch.chdir(data.parent)
    Path("map.pbtxt").write_text("item {}")
    inputs.check(both)
    arguments = running.graph_arguments(both)
    assert arguments["data"] == f"{data},{data.parent / 'more'}"
    assert arguments["label_map"] == str(data.parent / "map.pbtxt")
    assert running.reads(both) == [data, data.parent / "more", data.parent / "map.pbtxt"]
    (data.parent / "more" / "b.jpg").write_text("22")
    changed = running.graph_arguments(both)
    Path("map.pbtxt").write_text("item { }")
    again = running.graph_arguments(both)
    assert len({a["fingerprint"] for a in (arguments, changed, again)}) == 3
    with pytest.raises(UserError, match=r"--out .*: this is inside .*/more, where convert looks for images"):
        inputs.check(config(data, data="data,more", out=data.parent / "more" / "run"))


@pytest.mark.parametrize(("given", "out"), [("data", "data"), ("data", "data/run"), ("data/a.txt", "data/run/deep")])
def test_rejects_out_inside_the_data(data, given, out):
    with pytest.raises(UserError, match=r"--out .*: this is inside .*/data, where convert looks for images"):
        inputs.check(config(data.parent / given, out=data.parent / out))
    inputs.check(config(data.parent / given, out=data.parent / "data-run"))


def test_accepts_the_alias_of_a_model(data):
    wanted = config(data, model="ssd_mobilenet_v1_pnp")
    inputs.check(wanted)
    assert running.graph_arguments(wanted)["model"] == "ssd_mobilenet_v1_ppn"


def test_rejects_a_name_that_is_not_utf_8(data):
    with pytest.raises(UserError, match=r"--data '.*d\\udce9p.*': Kubeflow accepts only names in UTF-8"):
        inputs.check(config(data, data=os.fsdecode(b"d\xe9p")))


def test_rejects_init_that_is_not_weights(tmp_path):
    text = tmp_path / "weights.npz"
    text.write_text("these are no weights")
    (tmp_path / "empty").mkdir()
    for init in (text, tmp_path / "empty"):
        with pytest.raises(UserError, match="these are not initial weights"):
            inputs.check_init(str(init))


def test_accepts_every_form_of_weights(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as file:
        file.writestr("a.npy", b"")
    with tarfile.open(tmp_path / "w.tar.gz", "w:gz") as file:
        file.addfile(tarfile.TarInfo("a"), io.BytesIO())
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "model.ckpt.index").touch()
    names = ("w.npz", "w.tar.gz", "folder", "folder/model.ckpt")
    for init in ("auto", "none", "https://x/y.tar.gz", "gs://x/y", *(str(tmp_path / name) for name in names)):
        inputs.check_init(init)


def test_init_names_the_model_of_a_run_folder(tmp_path):
    model = tmp_path / "first" / "steps" / "train" / "model"
    (model / "checkpoint").mkdir(parents=True)
    (model / "checkpoint" / "ckpt-1.index").touch()
    (model / "recipe.yaml").write_text("")
    with pytest.raises(UserError, match=r"the model is in a subfolder; give \S+/first/steps/train/model$"):
        inputs.check_init(str(tmp_path / "first"))


def test_rejects_a_missing_environment(data, monkeypatch, tmp_path):
    monkeypatch.setenv("BOXWRIGHT_ENVS", str(tmp_path))
    with pytest.raises(UserError, match="make install"):
        inputs.check(config(data))


def test_rejects_out_below_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"), work_folder.locked(tmp_path / "file" / "out"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_rejects_out_without_write_permission(tmp_path):
    tmp_path.chmod(0o500)
    with (
        pytest.raises(UserError, match=r"cannot be written \(Permission denied\)"),
        work_folder.locked(tmp_path / "out"),
    ):
        pass


def test_one_run_at_a_time(tmp_path):
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another run is using this folder"), work_folder.locked(tmp_path):
            pass
    with work_folder.locked(tmp_path):
        pass


def test_a_new_run_removes_the_results_of_the_last(data):
    """Otherwise, if the new run fails, the old report could be mistaken for the new one."""
    out = data.parent / "out"
    (out / "steps").mkdir(parents=True)
    for name in (*work_folder.FINAL_FILES, "notes.txt"):
        (out / name).write_text("of the run before")
    with pytest.raises(UserError, match="stopped"), work_folder.opened(config(data).out):
        raise UserError("stopped")
    assert {path.name for path in out.iterdir()} == {"steps", "notes.txt", ".lock", work_folder.WRITTEN}


@pytest.mark.parametrize("name", ["recipe.yaml", "summary.json"])
def test_a_file_that_no_run_made_is_not_replaced(data, name):
    out = data.parent / "out"
    out.mkdir()
    (out / name).write_text("mine")
    with (
        pytest.raises(UserError, match=f"this run would overwrite {name}, which no run has written"),
        work_folder.opened(config(data).out),
    ):
        pass
    assert [(path.name, path.read_text()) for path in out.iterdir()] == [(name, "mine")]


def test_arguments_are_the_graphs_parameters(data, monkeypatch):
    finetune = graphs.load("finetune")

    monkeypatch.chdir(data.parent)
    arguments = running.graph_arguments(config(data, data="data", init="w.npz"))
    assert arguments["data"] == str(data) and arguments["init"] == str(data.parent / "w.npz")
    parameters = set(finetune.component_spec.inputs)
    assert set(arguments) == parameters - {"gpu_type", "gpu_count", "node_selector", "checkpoints"}, (
        "these are for clusters"
    )
    assert running.graph_arguments(config(data, calibration_images=120))["calibration_images"] == 120


def test_defaults_of_the_command_are_the_pipelines(data):
    finetune = graphs.load("finetune")

    inputs, here = finetune.component_spec.inputs, config(data)
    for name in set(here.parameters) - {"data"}:
        assert inputs[name].default == here.parameters[name], name


def test_collect_adds_seconds_and_artifacts(tmp_path):
    (tmp_path / "r.html").write_text("<html>")
    summary.write(tmp_path / "s.json", summaries.summary())
    made = {
        "report": Artifact(path="r.html", digest="d1", metadata={}),
        "summary": Artifact(path="s.json", digest="d2", metadata={}),
    }
    task = Task(name="report", cached=False, seconds=1.5, parameters={}, inputs={}, outputs=made)
    collected = running.collect([task], tmp_path)
    assert collected == summary.read(tmp_path / "summary.json")
    assert collected.seconds == {"report": 1.5} and collected.artifacts
    assert collected.artifacts["report.summary"] == summary.Artifact(path="s.json", digest="d2")
    assert (tmp_path / "report.html").read_text() == "<html>"
