# environment: authoring
"""A name stands for one run. Other people's runs with the same name are not touched."""

import pytest

from boxwright.cluster import commands
from boxwright.core.runtime.errors import UserError

FLAGS = ["--name", "one", "--data", "/pictures/cells"]
OTHER = {"pipeline_version_reference": {"pipeline_id": "p", "pipeline_version_id": "v"}}
MORE = {"runtime_config": {"parameters": {"data": "/pictures/cells", "steps": 5}}}


def test_a_name_is_one_run(server):
    commands.submit(FLAGS)
    commands.submit(FLAGS)
    assert len(server.runs) == 1
    with pytest.raises(UserError, match="another pipeline or version"):
        commands.submit([*FLAGS, "--graph", "diagnose"])
    with pytest.raises(UserError, match="other parameters"):
        commands.submit([*FLAGS, "--set", "steps=9"])
    commands.submit(FLAGS[2:])
    commands.submit(FLAGS[2:])
    assert len(server.runs) == 3, "without a name, every run is new"


@pytest.mark.parametrize(
    ("apart", "kept"),
    [
        ({}, False),
        ({"created_at": "2999-01-01T00:00:00.000000Z"}, True),
        ({"state": "SUCCEEDED"}, True),
        ({"state": "CANCELING"}, True),
        ({"display_name": "One"}, True),
        (OTHER, True),
        (MORE, True),
    ],
)
def test_a_run_that_was_made_twice_is_ended_once(server, apart, kept):
    """The server executed a request after the client had retried. The older run is kept, and so are other people's runs."""
    commands.submit(FLAGS)
    (first,) = server.runs.values()
    later = first["created_at"].replace(".", ".9")
    server.runs["twin"] = first | {"run_id": "twin", "created_at": later, "state": "RUNNING"} | apart
    commands.submit(FLAGS)
    assert set(server.runs) == {first["run_id"]} | ({"twin"} if kept else set())
    assert any(":terminate" in request for request in server.requests) != kept


@pytest.mark.parametrize("lost", ["POST", "DELETE"])
def test_ends_a_twin_when_the_answer_is_lost(server, lost):
    for fault in ("", "reset after"):
        commands.submit(FLAGS)
        first = next(iter(server.runs.values()))
        later = first["created_at"].replace(".", ".9")
        server.runs["twin"] = first | {"run_id": "twin", "created_at": later, "state": "RUNNING"}
        at = next(
            (n for n, request in enumerate(server.requests) if request.startswith(f"{lost} /apis/v2beta1/runs/twin")),
            -1,
        )
        server.requests.clear()
        server.faults = {at: fault}
        commands.submit(FLAGS)
    assert server.faults != {-1: fault}
    assert server.runs.get("twin", {"state": "CANCELED"})["state"] == "CANCELED"


def test_the_server_searches_for_the_name(server):
    commands.submit(FLAGS)
    (first,) = server.runs.values()
    server.runs |= {str(n): first | {"run_id": str(n), "display_name": f"other {n}"} for n in range(100)}
    server.requests.clear()
    commands.submit(FLAGS)
    assert sum(request.endswith("/runs") for request in server.requests) == 2


def test_reports_a_run_that_has_ended(server, capsys):
    commands.submit(FLAGS)
    (run,) = server.runs.values()
    run["state"] = "FAILED"
    commands.submit(FLAGS)
    assert "existed already and has ended: FAILED" in capsys.readouterr().out
