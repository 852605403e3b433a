# environment: authoring
"""The text and the JSON at the end of a run on a cluster."""

import json

import pytest

from boxwright.core.artifacts import run_status
from boxwright.core.artifacts.run_status import RunStatus
from boxwright.core.runtime.errors import UserError
from boxwright.run_status.config import Config
from boxwright.run_status.status import markdown, read
from boxwright.run_status.step import run


def read_status(**final) -> RunStatus:
    return read(Config(final=json.dumps(final), run="r-1", pipeline="finetune", data="gs://pictures/cells"))


@pytest.mark.parametrize(
    ("state", "ours", "title", "advice"),
    [
        ("SUCCEEDED", "SUCCEEDED", "succeeded", "artifact `report` of the task `report`"),
        ("COMPLETE", "SUCCEEDED", "succeeded", "artifact `report` of the task `report`"),
        ("FAILED", "FAILED", "a step failed at least once", "`boxwright logs r-1` prints"),
        ("CANCELED", "CANCELLED", "cancelled", "The run was cancelled"),
        ("RUNNING", "RUNNING", "this server does not tell how the run ended", "`boxwright status r-1` shows the state"),
        ("FAILED", "FAILED", "a step failed at least once", "`boxwright status r-1` shows the state"),
        ("PAUSED", "PAUSED", "paused", "`boxwright status r-1` shows the state"),
    ],
)
def test_states_of_the_server_and_of_the_local_runner(state, ours, title, advice):
    status = read_status(state=state, error={}, pipelineTaskName="exit-handler-1")
    assert status.state == ours
    page = markdown(status)
    assert page.startswith(f"# finetune: {title}\n\n- run: `r-1`\n- data: `gs://pictures/cells`\n") and advice in page


def test_error_of_kfp_is_quoted():
    assert "    no such image" in markdown(read_status(state="FAILED", error={"message": "no such image"}))


@pytest.mark.parametrize("final", ["", "[]", "{}", '{"state": {}}'])
def test_rejects_what_is_no_final_status(final):
    with pytest.raises(UserError, match="--final is not the final status that KFP passes"):
        read(Config(final=final))


def test_both_outputs_say_how_it_ended(tmp_path):
    config = Config(
        final='{"state": "FAILED"}', page=tmp_path / "a" / "status.md", status=tmp_path / "b" / "status.json"
    )
    assert run(config).artifacts["status"] == {"state": "FAILED"}
    assert run_status.read(config.status) == RunStatus(state="FAILED", error="", run="", pipeline="", data="")
    assert config.page.read_text().startswith("# run: a step failed at least once")
