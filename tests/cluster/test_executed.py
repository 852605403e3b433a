# environment: authoring
"""Runs that are submitted over a bad connection and really executed: the stand-in server runs the graph with kfp.local."""

import json
import subprocess

import pytest
from argo import pod

from boxwright.cluster import commands
from boxwright.core.runtime import environments

pytestmark = pytest.mark.slow

DIAGNOSE = ["--graph", "diagnose", "--name", "one", "--wait"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated") / "data"
    python = environments.home() / "data" / "bin" / "python"
    subprocess.run([python, "-P", "-m", "boxwright.demo.generator", "--out", folder, "--images", "12"], check=True)
    return folder


@pytest.fixture
def bad_line(server, executed, faults, tmp_path):
    """Two of five requests fail. The first run works in tmp_path/runs/0."""
    (tmp_path / "runs").mkdir()
    server.execute, server.faults = executed(tmp_path / "runs"), faults(7, requests=1000)
    return server


def made(server) -> list[int]:
    return [len(kind) for kind in (server.pipelines, server.versions, server.experiments, server.runs)]


def test_a_submitted_run_succeeds(bad_line, data, tmp_path, capsys):
    commands.submit(["--data", str(data), *DIAGNOSE])
    ((run_id, run),) = bad_line.runs.items()
    assert run["state"] == "SUCCEEDED" and made(bad_line) == [1, 1, 1, 1]
    capsys.readouterr()
    commands.status([run_id])
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("convert", "validate", "diagnose", "augment", "run-status"))
    (findings,) = tmp_path.glob("runs/0/steps/*/diagnose/findings")
    assert "few_images" in {finding["id"] for finding in json.loads(findings.read_text())["findings"]}


def test_a_run_that_fails_on_its_data(bad_line, tmp_path, capsys):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(SystemExit) as ended:
        commands.submit(["--data", str(tmp_path / "nothing"), *DIAGNOSE])
    ((run_id, run),) = bad_line.runs.items()
    assert ended.value.code == 1 and run["state"] == "FAILED" and made(bad_line) == [1, 1, 1, 1]
    bad_line.logs[pod("convert")] = (tmp_path / "runs" / "0" / "logs" / "convert.log").read_text()
    capsys.readouterr()
    commands.status([run_id])
    assert "FAILED" in (shown := capsys.readouterr().out) and "convert" in shown and "run-status" in shown
    commands.logs([run_id])
    assert "error: boxwright convert" in capsys.readouterr().out
