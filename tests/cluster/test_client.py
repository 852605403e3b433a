# environment: authoring
"""upload, submit, status, logs and compare against the stand-in server over HTTP, on good and bad connections."""

import json

import pytest
from argo import pod, task

from boxwright.cluster import commands, parameters, pipeline_versions, runs
from boxwright.cluster import compile as compiling
from boxwright.cluster.connection.address import Address
from boxwright.cluster.server import Server
from boxwright.core.runtime.errors import UserError

FINETUNE = ["--graph", "finetune"]


def test_equal_content_is_one_version(server, capsys):
    commands.upload(FINETUNE)
    first = capsys.readouterr().out
    commands.upload(FINETUNE)
    assert capsys.readouterr().out == first and "/#/pipelines/details/" in first
    assert [v["display_name"] for v in server.versions.values()] == [first.split()[1].rstrip(":")]


def test_other_content_is_another_version(server):
    commands.upload(FINETUNE)
    commands.upload([*FINETUNE, "--gpu"])
    assert len(server.pipelines) == 1 and len(server.versions) == 2


def test_the_version_is_named_by_the_graphs_digest(graph_file):
    other = graph_file.with_name("other.yaml")
    other.write_bytes(graph_file.read_bytes() + b"#")
    assert pipeline_versions.version_name(graph_file) != pipeline_versions.version_name(other)


def test_submit_and_status(server, capsys):
    commands.submit(["--data", "/pictures/cells", "--set", "steps=50", "stock=true", "--wait"])
    (run,) = server.runs.values()
    assert run["runtime_config"]["parameters"] == {"data": "/pictures/cells", "steps": 50, "stock": True}
    (version,) = server.versions.values()
    assert version["display_name"].rpartition("-")[2] in run["display_name"], "the digest is in the name"
    assert {e["display_name"] for e in server.experiments.values()} == {"boxwright"}
    assert f"/#/runs/details/{run['run_id']}" in capsys.readouterr().out
    commands.status([run["run_id"]])
    shown = capsys.readouterr().out
    assert f"\n{run['run_id']}: SUCCEEDED\n" in shown and "convert" in shown
    commands.status([])
    assert run["run_id"] in capsys.readouterr().out


def test_submit_needs_only_data(server):
    commands.submit(["--data", "/pictures/cells"])
    (run,) = server.runs.values()
    assert run["runtime_config"]["parameters"] == {"data": "/pictures/cells"}


@pytest.mark.parametrize("command", [compiling.main, commands.upload])
def test_rejects_graph_without_a_name(server, command):
    """As in `--graph $GRAPHS` with an empty variable."""
    with pytest.raises(UserError, match="--graph names no pipeline; give finetune or diagnose"):
        command(["--graph"])
    assert not server.requests


@pytest.mark.parametrize("seed", range(30))
def test_on_a_bad_line_nothing_is_made_twice(server, faults, seed):
    """Two of five requests fail: reset or error 500 before or after the server acts, a response that is too slow or
    truncated."""
    server.faults = faults(seed)
    commands.submit(["--data", "/pictures/cells", "--name", "one"])
    run_id = next(iter(server.runs))
    address = Server(Address())
    *_, last = runs.wait(address, run_id, every=0.01)
    assert last.state == "SUCCEEDED"
    assert [len(kind) for kind in (server.pipelines, server.versions, server.experiments, server.runs)] == [1, 1, 1, 1]
    assert any(fault in " ".join(server.requests) for fault in server.faults.values()) or not server.faults


def test_set_may_be_repeated(server):
    commands.submit(["--data", "/pictures/cells", "--set", "steps=50", "stock=true", "--set", "batch_size=4"])
    (run,) = server.runs.values()
    given = {"data": "/pictures/cells", "steps": 50, "stock": True, "batch_size": 4}
    assert run["runtime_config"]["parameters"] == given


@pytest.fixture
def failed(server) -> str:
    """The id of a run whose convert has failed three times."""
    times = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-01T00:00:07Z"}
    tasks = [task("convert", "FAILED", tries=3, **times), task("validate", "", driver=""), task("ending", "SUCCEEDED")]
    server.execute = lambda spec, parameters: ("FAILED", tasks)
    with pytest.raises(SystemExit) as ended:
        commands.submit(["--data", "/pictures/none", "--wait"])
    assert ended.value.code == 1
    return next(iter(server.runs))


def test_status_of_a_failed_run(failed, capsys, table):
    """It shows the pipeline's own tasks, not Argo's nodes for executors, drivers and groups."""
    capsys.readouterr()
    commands.status([failed])
    assert table() == ["convert FAILED 7 3", "validate SKIPPED 0", "ending SUCCEEDED 0 1"]


@pytest.mark.parametrize("ui", [True, False])
def test_logs_of_the_last_try(server, failed, capsys, ui):
    server.ui = ui
    server.logs = {pod("convert", 1): "before", pod("convert", 2): "reading grün.jpg\n\nerror: no images\n"}
    capsys.readouterr()
    commands.logs([failed])
    assert capsys.readouterr().out.splitlines() == ["--- convert (FAILED)", "reading grün.jpg", "", "error: no images"]
    commands.logs([failed, "--lines", "1"])
    assert capsys.readouterr().out.splitlines()[1:] == ["error: no images"]
    server.logs = {pod("convert", 0): "first"}
    commands.logs([failed, "--step", "convert"])
    assert "first" in capsys.readouterr().out, "the server has no log of later tries"


def test_rejects_logs_that_do_not_exist(server, failed, capsys):
    with pytest.raises(UserError, match="has no task train; it has convert, validate, ending"):
        commands.logs([failed, "--step", "train"])
    with pytest.raises(UserError, match="--lines -1: expected 0 or more"):
        commands.logs([failed, "--lines", "-1"])
    with pytest.raises(
        UserError, match=f"no log of convert; .* --namespace kubeflow --selector pipeline/runid={failed}"
    ):
        commands.logs([failed])
    tasks = [task("convert", "FAILED"), task("ending", "FAILED")]
    server.execute = lambda spec, parameters: ("FAILED", tasks)
    commands.submit(["--data", "/pictures/none"])
    server.logs = {pod("ending"): "one is there"}
    with pytest.raises(UserError, match="no log of convert"):
        commands.logs([list(server.runs)[-1]])
    assert "one is there" in capsys.readouterr().out


def test_a_failed_driver_is_a_failed_task(server, capsys):
    """A driver is KFP's own pod before a step. When it fails, the step does not start."""
    server.execute = lambda spec, parameters: ("FAILED", [task("convert", "", driver="FAILED")])
    commands.submit(["--data", "/pictures/none"])
    (run_id,) = server.runs
    server.logs = {pod("convert-driver"): "no such node"}
    commands.logs([run_id])
    assert capsys.readouterr().out.splitlines()[-2:] == ["--- convert-driver (FAILED)", "no such node"]


def test_compare_runs(server, capsys):
    for steps in (50, 60):
        commands.submit(["--data", "/pictures/cells", "--set", f"steps={steps}"])
    newest = sorted(server.runs.values(), key=lambda run: run["created_at"])
    commands.compare([run["run_id"] for run in newest])
    shown = capsys.readouterr().out
    assert "parameter steps" in shown and "+10" in shown and "parameter data" not in shown


def test_compare_folders(tmp_path, capsys):
    numbers = {"AP": 0.5, "AP50": 0.8, "AR100": 0.6, "per_class": {"cat": {"AP": 0.5, "AP50": 0.8}}}
    summary = {"verdict": "good", "dataset": {"digest": "d"}, "steps": 5, "seconds": {}, "artifacts": {}}
    for name, ap50 in (("a", 0.8), ("b", 0.85)):
        (tmp_path / name).mkdir()
        text = json.dumps(summary | {"evaluation": {"float": numbers | {"AP50": ap50}}})
        (tmp_path / name / "summary.json").write_text(text)
    commands.compare([str(tmp_path / "a"), str(tmp_path / "b")])
    shown = capsys.readouterr().out
    assert "AP50 float" in shown and "+0.05" in shown and "verdict" not in shown
    commands.compare([str(tmp_path / "a"), str(tmp_path / "a")])
    assert "nothing differs" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["{", "[]", '{"verdict": "good"}'])
def test_compare_names_a_broken_summary(tmp_path, text):
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(UserError, match=r"summary.json cannot be compared \(\w+"):
        commands.compare([str(tmp_path), str(tmp_path)])


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("begun", "begun is not the folder of a finished run: it has no summary.json"),
        ("nowhere", "nowhere does not exist; give two --out folders"),
        ("recipe.yaml", "recipe.yaml is a file, but the other is not"),
    ],
)
def test_compare_names_the_wrong_one_of_two(tmp_path, wrong, said, first):
    for name in ("finished", "begun"):
        (tmp_path / name).mkdir()
    (tmp_path / "recipe.yaml").touch()
    summary = {"verdict": "good", "dataset": {"digest": "d"}, "steps": 5, "seconds": {}, "artifacts": {}}
    (tmp_path / "finished" / "summary.json").write_text(json.dumps(summary | {"evaluation": {}}))
    pair = [str(tmp_path / name) for name in (wrong, "finished")]
    with pytest.raises(UserError, match=said):
        commands.compare(pair if first else pair[::-1])


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--set", "stepps=5"], "finetune has no parameter stepps"),
        (["--set", "steps=many"], "steps=many: expected a whole number"),
        (["--set", "steps=true"], "expected a whole number"),
        (["--set", "stock=yes"], "expected true or false"),
        (["--set", "steps"], "expected NAME=VALUE"),
        (["--set", "steps=-5"], "--set steps=-5: expected 0 or more"),
        (["--set", "batch_size=0"], "--set batch_size=0: expected 1 or more"),
        (["--set", "seed=4294967296"], "--set seed=4294967296: expected 4294967295 or less"),
        (["--set", "gpu_count=many"], "--set gpu_count=many: expected one of 0, 1, 2, "),
        (["--set", "gpu_count=2"], "--set gpu_count=2: also give --gpu"),
        (["--set", "fix=clib"], "--set fix=clib: expected one of clip, drop, fail"),
        (["--set", "model=yolo"], "--set model=yolo: expected one of ssd_mobilenet_v1_ppn, "),
        (["--gpu", "--set", "gpu_count=3"], "--set gpu_count=3: .* batch of 8 images evenly; add --set batch_size=9"),
        (["--gpu", "--set", "gpu_count=4", "--set", "batch_size=30"], "evenly; add --set batch_size=32"),
        (["--set", "group=("], r"^--set group '\(' is not a regular expression"),
        (["--set", 'node_selector={"disk": 1}'], "--set node_selector: the values of labels must be text"),
        (["--set", "label_map=map.pbtxt"], "--set label_map map.pbtxt: pods cannot read folders of this machine"),
        (["--set", "init=~/weights.npz"], "--set init ~/weights.npz: pods cannot read"),
        (["--set", "checkpoints=ck"], "--set checkpoints ck: pods cannot read folders of this machine"),
        (["--set", "checkpoints=ftp://host/ck"], "--set checkpoints ftp://host/ck: expected a path or gs://"),
        (["--set", "init=http://a/b.npz"], "--set init http://a/b.npz: expected a path or https:// or gs://"),
        (["--data", "ftp://pictures"], "--data ftp://pictures: expected a path or gs://"),
        (["--data", "./pictures"], "--data ./pictures: pods cannot read"),
        (["--data", "gs://pictures,pictures"], "--data pictures: pods cannot read"),
        (["--data", ""], "--data is empty"),
        (["--set", "no_flip={{$.x}}"], r"^--set no_flip {{\$.x}}: Kubeflow would read {{\$ as its own placeholder"),
        (
            ["--set", "no_flip={{workflow.name}}"],
            "{{workflow.name}}: Kubeflow would read {{ as its own placeholder; rename",
        ),
        (["--data", "gs://a/{{=1+1}}"], "--data gs://a/{{=1[+]1}}: Kubeflow would read {{ as its own placeholder"),
        (["--data", "gs://a/$(KFP_POD_NAME)"], "KFP_POD_NAME.: Kubeflow would read [$][(] as its own placeholder"),
        (["--set", "fingerprint=a$$b"], "fingerprint a[$][$]b: Kubeflow would read [$][$] as its own placeholder"),
        (["--name", "{{$}}"], "--name {{[$]}}: Kubeflow would read {{[$] as its own placeholder"),
        (["--data", "/pictures/\udcff"], "Kubeflow accepts only names in UTF-8"),
        (
            ["--set", f"accept=class_imbalance={'x' * 70_000}"],
            "^--set accept: all parameters together have 70,.* shorten it",
        ),
        (
            ["--data-volume", "images:/images"],
            "--data /pictures/cells: the volume of --data-volume is mounted at /images",
        ),
        (["--data-volume", "images"], "--data-volume images: '' is not an absolute path"),
        (["--set", "data=gs://others"], "--set data=gs://others: use --data"),
    ],
)
def test_rejects_wrong_parameters_before_sending(server, flags, said):
    with pytest.raises(UserError, match=said):
        commands.submit(["--data", "/pictures/cells", *flags])
    assert server.requests == []


def test_parameters_keep_their_types():
    given = {"steps": "5", "stock": "true", "group": "5", "node_selector": '{"disk": "ssd"}'}
    typed = {"steps": 5, "stock": True, "group": "5", "node_selector": {"disk": "ssd"}}
    assert parameters.parse("finetune", given) == typed


def test_rejects_an_unknown_run(server):
    with pytest.raises(UserError, match="404"):
        commands.status(["no-such-run"])
