# environment: authoring
"""What a person reads at the end of a run on a cluster."""

import json

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.run_status.status import markdown, read
from boxwright.run_status.step import Config


def said(**final) -> dict:
    return read(Config(final=json.dumps(final), run="r-1", pipeline="finetune", data="gs://pictures/cells"))


@pytest.mark.parametrize(
    ("state", "told", "advice"),
    [
        ("SUCCEEDED", "SUCCEEDED", "artifact `report` of the task `report`"),
        ("COMPLETE", "SUCCEEDED", "artifact `report` of the task `report`"),
        ("FAILED", "FAILED", "`boxwright logs r-1` prints"),
        ("CANCELED", "CANCELLED", "Somebody ended it"),
        ("RUNNING", "RUNNING", "`boxwright status r-1` says how it stands"),
    ],
)
def test_the_words_of_kfps_server_and_of_its_local_runner(state, told, advice):
    status = said(state=state, error={}, pipelineTaskName="exit-handler-1")
    assert status["state"] == told
    page = markdown(status)
    assert page.startswith(f"# finetune: {told.lower()}") and advice in page


def test_kfps_own_words_are_kept():
    assert "    no such image" in markdown(said(state="FAILED", error={"message": "no such image"}))


@pytest.mark.parametrize("final", ["", "[]", "{}", '{"state": {}}'])
def test_what_is_no_final_status(final):
    with pytest.raises(UserError, match="--final is not the final status that KFP gives"):
        read(Config(final=final))
