# environment: authoring
"""Our reading of a run against Argo's own nodes and pods: backend/argo-4.0.5.json, which backend/README.md describes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import kfp_server_api as api

from boxwright.cluster.kfp_types import Run
from boxwright.cluster.run_tasks import argo_nodes

ARGO = json.loads((Path(__file__).parent / "backend" / "argo-4.0.5.json").read_text())


def listed() -> Run:
    """The run as KFP lists it: its converter copies name, phase and children of each node of Argo."""
    now = datetime.now(UTC)
    states = {"Error": "FAILED"}
    details = [
        api.V2beta1PipelineTaskDetail(
            display_name=node["name"],
            state=states.get(node["phase"], node["phase"].upper()),
            start_time=now,
            end_time=now,
            child_tasks=[api.PipelineTaskDetailChildTask(pod_name=child) for child in node["children"]],
        )
        for node in ARGO["nodes"]
    ]
    return api.V2beta1Run(run_details=api.V2beta1RunDetails(task_details=details))


def test_steps_are_found_among_argos_nodes():
    """convert's pod was deleted with its node once; validate ended with an error, which Argo does not retry by KFP's defaults."""
    found = {task.name: (task.state, task.tries) for task in argo_nodes.tasks(listed())}
    assert found == {"convert": ("SUCCEEDED", 2), "validate": ("FAILED", 1), "run-status": ("SUCCEEDED", 1)}


def test_pods_have_the_names_that_argo_gave_them():
    named = {pod for task in argo_nodes.tasks(listed()) for pod in task.pods}
    steps = {pod for pod in ARGO["pods"] if "-driver-" not in pod}
    assert len(steps) >= 3 and steps <= named
