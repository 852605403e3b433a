# environment: authoring
"""submit --wait, status, logs and compare against each kind of server: KFP 2.15, KFP 2.17, and KFP without ML Metadata."""

import argo
import kfp_servers
import pytest
from argo import task

from boxwright.cluster import commands
from boxwright.core.runtime.errors import UserError



def times(minute: int = 0) -> dict[str, str]:
    return {"start_time": f"2026-01-01T00:{minute:02}:00Z", "end_time": f"2026-01-01T00:{minute:02}:07Z"}


TIMES = times()
RETRIED = [task("convert", "SUCCEEDED", tries=2, **times(1)), task("run-status", "SUCCEEDED", **times(2))]
FAILING = [
    task("convert", "SUCCEEDED", **times(1)),
    task("validate", "FAILED", tries=3, message="exit status 2", **times(2)),
    task("diagnose", "", driver=""),
    task("run-status", "SUCCEEDED", **times(3)),
]


def submitted(server, state: str, tasks: list[dict], *flags: str) -> str:
    """The id of a new run that ended so."""
    server.execute = lambda spec, parameters: (state, tasks)
    before = set(server.runs)
    if state == "FAILED":
        with pytest.raises(SystemExit) as ended:
            commands.submit(["--data", "/pictures", "--wait", *flags])
        assert ended.value.code == 1
    else:
        commands.submit(["--data", "/pictures", "--wait", *flags])
    return (set(server.runs) - before).pop()


def test_status_counts_the_tries_of_a_step(each_server, table):
    run = submitted(each_server, "SUCCEEDED", RETRIED)
    assert table() == ["convert SUCCEEDED 7 2", "run-status SUCCEEDED 7 1"]
    commands.status([run])
    assert table() == ["convert SUCCEEDED 7 2", "run-status SUCCEEDED 7 1"]


def test_status_of_a_failed_step(each_server, table):
    submitted(each_server, "FAILED", FAILING)
    rows = [row for row in table() if not row.startswith("diagnose")]
    assert rows == ["convert SUCCEEDED 7 1", "validate FAILED 7 3", "run-status SUCCEEDED 7 1"]


@pytest.mark.parametrize("ui", [True, False])
def test_logs_of_the_last_try_come_first(each_server, capsys, ui):
    each_server.ui = ui
    run = submitted(each_server, "FAILED", FAILING)
    logs = {kfp_servers.pod(each_server.kind, "validate", attempt): f"error: try {attempt}" for attempt in range(3)}
    each_server.logs = dict(logs)
    capsys.readouterr()
    commands.logs([run])
    assert capsys.readouterr().out.splitlines() == ["--- validate (FAILED)", "error: try 2"]
    each_server.logs.popitem()  # the server has deleted the last pod
    commands.logs([run, "--step", "validate"])
    assert capsys.readouterr().out.splitlines() == ["--- validate (FAILED)", "error: try 1"]


def test_logs_of_a_retried_step_that_succeeded(each_server, capsys):
    run = submitted(each_server, "SUCCEEDED", RETRIED)
    each_server.logs = {kfp_servers.pod(each_server.kind, "convert", 1): "done"}
    capsys.readouterr()
    commands.logs([run, "--step", "convert"])
    assert capsys.readouterr().out.splitlines() == ["--- convert (SUCCEEDED)", "done"]


def test_logs_of_a_failed_driver(each_server, capsys):
    """A driver is KFP's own pod before a step. When it fails, the step does not start."""
    run = submitted(each_server, "FAILED", [task("convert", "", driver="FAILED", message="no such node")])
    each_server.logs = {kfp_servers.pod(each_server.kind, "convert-driver"): "parameter not found"}
    capsys.readouterr()
    commands.logs([run])
    first, log = capsys.readouterr().out.splitlines()
    assert first.startswith("--- convert") and log == "parameter not found"


def test_compare_shows_states_and_tries(each_server, table):
    pair = [submitted(each_server, "SUCCEEDED", RETRIED), submitted(each_server, "FAILED", FAILING)]
    table()
    commands.compare(pair)
    shown = table()
    assert "state SUCCEEDED FAILED" in shown and "tries of convert 2 1 -1" in shown
    assert "state of validate - FAILED" in shown


def test_steps_from_the_cache(each_server, table):
    run = submitted(each_server, "SUCCEEDED", [task("convert", "SUCCEEDED", tries=0, **TIMES)])
    (row,) = table()
    assert row in ("convert SUCCEEDED 7", "convert CACHED 7")
    with pytest.raises(UserError, match="no log of convert .a task whose result came from the cache has none"):
        commands.logs([run, "--step", "convert"])


def test_a_run_without_tasks(each_server, capsys):
    run = submitted(each_server, "SUCCEEDED", RETRIED)
    each_server.runs[run]["state"] = "PENDING"
    for field in ("run_details", "tasks"):
        each_server.runs[run].pop(field, None)
    capsys.readouterr()
    commands.status([run])
    assert "no task has started yet" in capsys.readouterr().out
    with pytest.raises(UserError, match="has no task yet"):
        commands.logs([run])


def test_pods_named_by_the_id_of_the_node(server, capsys):
    """Version 1 of Argo's pod names, which a cluster may be set to."""
    run = submitted(server, "FAILED", FAILING)
    server.logs = {argo.pod("validate", 2, version=1): "error: here"}
    capsys.readouterr()
    commands.logs([run])
    assert capsys.readouterr().out.splitlines() == ["--- validate (FAILED)", "error: here"]


def test_steps_whose_group_was_retried(server, table):
    """KFP 2.17 can also retry the whole step: convert(0).executor(0), convert(1).executor(0), convert(1).executor(1)."""
    name = f"{argo.group('(0)')}.convert"
    made = [argo.detail(name, "SUCCEEDED", [f"{name}(0)", f"{name}(1)"], **TIMES)]
    for attempt, tries in ((0, 1), (1, 2)):
        pods = [f"{name}({attempt}).executor({number})" for number in range(tries)]
        made += [argo.detail(f"{name}({attempt})", "FAILED", [f"{name}({attempt}).executor"], **TIMES)]
        made += [argo.detail(f"{name}({attempt}).executor", "FAILED", pods, **TIMES)]
        made += [argo.detail(pod, "FAILED", [], **TIMES) for pod in pods]
    run = submitted(server, "SUCCEEDED", RETRIED)
    server.runs[run]["run_details"]["task_details"] = made
    table()
    commands.status([run])
    assert table() == ["convert SUCCEEDED 7 3"]


def test_iterations_of_a_loop(server, capsys, table):
    server.kind = "without MLMD"
    run = submitted(server, "SUCCEEDED", [task("train", "SUCCEEDED", **times(1)), task("train", "FAILED", **times(2))])
    for number, one in enumerate(listed for listed in server.runs[run]["tasks"] if listed["type"] == "RUNTIME"):
        one["type_attributes"] = {"iteration_index": str(number)}  # int64 is text in JSON
    table()
    commands.status([run])
    assert table() == ["train[0] SUCCEEDED 7 1", "train[1] FAILED 7 1"]


def test_an_archived_run_is_called_so(server, capsys):
    run = submitted(server, "SUCCEEDED", RETRIED)
    server.runs[run]["storage_state"] = "ARCHIVED"
    commands.status([run])
    assert f"{run}: SUCCEEDED (archived)" in capsys.readouterr().out


def test_waiting_for_a_run_that_is_deleted(server, monkeypatch):
    commands.submit(["--data", "/pictures"])
    (run,) = server.runs
    server.runs[run]["state"] = "RUNNING"
    monkeypatch.setattr(commands.runs.time, "sleep", lambda _: server.runs.clear())
    with pytest.raises(UserError, match=f"the run {run} is no longer on the server, somebody has deleted it"):
        commands.status([run, "--wait"])
