# environment: authoring
"""submit --wait, status, logs and compare against each kind of server: KFP 2.15, KFP 2.17, and KFP without ML Metadata."""

from typing import Any

import argo
import kfp_servers
import pytest
from argo import task

from boxwright.cluster import commands, pipeline_versions, runs
from boxwright.cluster.connection.address import Address
from boxwright.cluster.server import Server
from boxwright.core.runtime.errors import UserError


def times(minute: int = 0) -> dict[str, Any]:
    return {"start_time": f"2026-01-01T00:{minute:02}:00Z", "end_time": f"2026-01-01T00:{minute:02}:07Z"}


TIMES = times()
RETRIED = [task("convert", "SUCCEEDED", tries=2, **times(1)), task("run-status", "SUCCEEDED", **times(2))]
FAILING = [
    task("convert", "SUCCEEDED", **times(1)),
    task("validate", "FAILED", tries=3, message="exit status 2", **times(2)),
    task("diagnose", "", driver=""),
    task("run-status", "SUCCEEDED", **times(3)),
]


@pytest.fixture
def ended(server, graph_file):
    """Runs these tasks on the server, and gives the id of the run. It compiles nothing, unlike `boxwright submit`."""

    def run(state: str, tasks: list[dict]) -> str:
        server.execute = lambda spec, parameters: (state, tasks)
        address = Server(Address())
        version = pipeline_versions.upload(address, graph_file)
        name = f"run {len(server.runs)}"
        run_id = runs.submit(address, version, {"data": "/pictures"}, "boxwright", name).run_id
        *_, last = runs.wait(address, run_id, every=0.01)
        assert last.state == state
        return run_id

    return run


def test_status_counts_the_tries_of_a_step(each_server, table):
    each_server.execute = lambda spec, parameters: ("SUCCEEDED", RETRIED)
    commands.submit(["--data", "/pictures", "--wait"])
    (run,) = each_server.runs
    assert table() == ["convert SUCCEEDED 7 2", "run-status SUCCEEDED 7 1"]
    commands.status([run])
    assert table() == ["convert SUCCEEDED 7 2", "run-status SUCCEEDED 7 1"]


def test_status_of_a_failed_step(each_server, table):
    each_server.execute = lambda spec, parameters: ("FAILED", FAILING)
    with pytest.raises(SystemExit) as ended:
        commands.submit(["--data", "/pictures", "--wait"])
    assert ended.value.code == 1
    rows = [row for row in table() if not row.startswith("diagnose")]
    assert rows == ["convert SUCCEEDED 7 1", "validate FAILED 7 3", "run-status SUCCEEDED 7 1"]


@pytest.mark.parametrize("ui", [True, False])
def test_logs_of_the_last_try_come_first(each_server, capsys, ui, ended):
    each_server.ui = ui
    run = ended("FAILED", FAILING)
    logs = {kfp_servers.pod(each_server.kind, "validate", attempt): f"error: try {attempt}" for attempt in range(3)}
    each_server.logs = dict(logs)
    capsys.readouterr()
    commands.logs([run])
    assert capsys.readouterr().out.splitlines() == ["--- validate (FAILED)", "error: try 2"]
    each_server.logs.popitem()  # the server has deleted the last pod
    commands.logs([run, "--step", "validate"])
    assert capsys.readouterr().out.splitlines() == ["--- validate (FAILED)", "error: try 1"]


def test_logs_of_a_retried_step_that_succeeded(each_server, capsys, ended):
    run = ended("SUCCEEDED", RETRIED)
    each_server.logs = {kfp_servers.pod(each_server.kind, "convert", 1): "done"}
    capsys.readouterr()
    commands.logs([run, "--step", "convert"])
    assert capsys.readouterr().out.splitlines() == ["--- convert (SUCCEEDED)", "done"]


def test_logs_of_a_failed_driver(each_server, capsys, ended):
    """A driver is KFP's own pod before a step. When it fails, the step does not start."""
    run = ended("FAILED", [task("convert", "", driver="FAILED", message="no such node")])
    each_server.logs = {kfp_servers.pod(each_server.kind, "convert-driver"): "parameter not found"}
    capsys.readouterr()
    commands.logs([run])
    first, log = capsys.readouterr().out.splitlines()
    assert first.startswith("--- convert") and log == "parameter not found"


def test_compare_shows_states_and_tries(each_server, table, ended):
    pair = [ended("SUCCEEDED", RETRIED), ended("FAILED", FAILING)]
    table()
    commands.compare(pair)
    shown = table()
    assert "state SUCCEEDED FAILED" in shown and "tries of convert 2 1 -1" in shown
    assert "state of validate - FAILED" in shown


def test_steps_from_the_cache(each_server, table, ended):
    run = ended("SUCCEEDED", [task("convert", "SUCCEEDED", tries=0, **TIMES)])
    commands.status([run])
    (row,) = table()
    assert row in ("convert SUCCEEDED 7", "convert CACHED 7")
    with pytest.raises(UserError, match=r"no log of convert \(a task whose result came from the cache has none"):
        commands.logs([run, "--step", "convert"])


def test_a_run_without_tasks(each_server, capsys, ended):
    run = ended("SUCCEEDED", RETRIED)
    each_server.runs[run]["state"] = "PENDING"
    for field in ("run_details", "tasks"):
        each_server.runs[run].pop(field, None)
    capsys.readouterr()
    commands.status([run])
    assert "no task has started yet" in capsys.readouterr().out
    with pytest.raises(UserError, match="has no task yet"):
        commands.logs([run])


def test_pods_named_by_the_id_of_the_node(server, capsys, ended):
    """Version 1 of Argo's pod names, which a cluster may be set to."""
    run = ended("FAILED", FAILING)
    server.logs = {argo.pod("validate", 2, version=1): "error: here"}
    capsys.readouterr()
    commands.logs([run])
    assert capsys.readouterr().out.splitlines() == ["--- validate (FAILED)", "error: here"]


def test_steps_whose_group_was_retried(server, table, ended):
    """KFP 2.17 can also retry the whole step: convert(0).executor(0), convert(1).executor(0), convert(1).executor(1)."""
    name = f"{argo.group('(0)')}.convert"
    made = [argo.detail(name, "SUCCEEDED", [f"{name}(0)", f"{name}(1)"], **TIMES)]
    for attempt, tries in ((0, 1), (1, 2)):
        pods = [f"{name}({attempt}).executor({number})" for number in range(tries)]
        made += [argo.detail(f"{name}({attempt})", "FAILED", [f"{name}({attempt}).executor"], **TIMES)]
        made += [argo.detail(f"{name}({attempt}).executor", "FAILED", pods, **TIMES)]
        made += [argo.detail(pod, "FAILED", [], **TIMES) for pod in pods]
    run = ended("SUCCEEDED", RETRIED)
    server.runs[run]["run_details"]["task_details"] = made
    table()
    commands.status([run])
    assert table() == ["convert SUCCEEDED 7 3"]


# Of 2.17.0's backend/src/v2/compiler/argocompiler/dag.go; Argo names the iterations of `withSequence` by number and value.
LOOP = (
    "for-loop-2",
    "iteration-iterations",
    "iteration-iterations(0:0)",
    "iteration-item",
    "condition-branches-3",
    "condition-4",
)
HANDLER = ("root", "exit-handler-1", "exit-handler-1.onExit", "executor")


@pytest.mark.parametrize("attempt", ["", "(0)", "(1)"])
def test_groups_are_no_steps(server, table, ended, attempt):
    run = ended("SUCCEEDED", RETRIED)
    names = [name + attempt for name in (*LOOP, *HANDLER)] + ["for-loop-2-driver", "train"]
    made = [argo.detail(f"x.{name}", "SUCCEEDED", [], **TIMES) | {"display_name": name} for name in names]
    server.runs[run]["run_details"]["task_details"] = made
    commands.status([run])
    assert table() == ["train SUCCEEDED 7"]


def test_a_run_of_a_schedule(server, capsys, ended):
    """A recurring run names its schedule, and may name no version: the latest one, or a pipeline that is in the run itself."""
    run = ended("SUCCEEDED", RETRIED)
    server.versions[""] = {}
    server.runs[run] |= {"recurring_run_id": "nightly", "pipeline_version_reference": {"pipeline_version_id": ""}}
    commands.compare([run, run])
    assert "nothing differs" in capsys.readouterr().out


def test_a_run_that_is_retried_in_the_ui(each_server, table, ended):
    """KFP's own retry begins failed steps anew, and the run runs again."""
    run = ended("FAILED", FAILING)
    each_server.runs[run] |= {"state": "RUNNING", **kfp_servers.recorded(each_server.kind, RETRIED)}
    commands.status([run])
    assert table() == ["convert SUCCEEDED 7 2", "run-status SUCCEEDED 7 1"]


def test_iterations_of_a_loop(server, capsys, table, ended):
    server.kind = "without MLMD"
    run = ended("SUCCEEDED", [task("train", "SUCCEEDED", **times(1)), task("train", "FAILED", **times(2))])
    for number, one in enumerate(listed for listed in server.runs[run]["tasks"] if listed["type"] == "RUNTIME"):
        one["type_attributes"] = {"iteration_index": str(number)}  # int64 is text in JSON
    table()
    commands.status([run])
    assert table() == ["train[0] SUCCEEDED 7 1", "train[1] FAILED 7 1"]


def test_the_servers_message_about_a_step_is_shown(server, capsys, ended):
    server.kind = "without MLMD"
    run = ended("FAILED", FAILING)
    commands.status([run])
    assert "KFP says about validate: exit status 2\n" in capsys.readouterr().out
    with pytest.raises(UserError, match=r"no log of validate \(KFP says: exit status 2\)"):
        commands.logs([run])


def test_rejects_tasks_in_an_unknown_form(server, ended):
    server.kind = "without MLMD"
    run = ended("FAILED", FAILING)
    server.runs[run]["tasks"][2]["pods"] = "convert-1"
    with pytest.raises(UserError, match=r"tasks of the run in an unknown form \(tasks\.2\.pods: "):
        commands.status([run])


def test_an_archived_run_is_called_so(server, capsys, ended):
    run = ended("SUCCEEDED", RETRIED)
    server.runs[run]["storage_state"] = "ARCHIVED"
    commands.status([run])
    assert f"{run}: SUCCEEDED (archived)" in capsys.readouterr().out


def test_waiting_for_a_run_that_is_deleted(server, monkeypatch, ended):
    run = ended("SUCCEEDED", RETRIED)
    server.runs[run]["state"] = "RUNNING"
    monkeypatch.setattr(runs.time, "sleep", lambda _: server.runs.clear())
    with pytest.raises(UserError, match=f"the run {run} is no longer on the server, somebody has deleted it"):
        commands.status([run, "--wait"])
