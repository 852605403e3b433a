# environment: authoring
"""What differs between the KFP servers that the stand-in plays: health, the tasks of a run, and the names of pods.

"2.15.0" and "2.17.0" list the nodes of Argo's workflow: see argo.py. "without MLMD" is kubeflow/pipelines pull request 13986,
read in its branch mlmd-removal: PipelineTask in backend/api/v2beta1/run.proto; `toApiRunWithPipelineSourcePreference` and
`toAPITask` in backend/src/apiserver/server/api_converter.go; `GetRun` in run_server.go there, which sends tasks only for
view=FULL, together with the pipeline's spec instead of its reference. JSON as `CustomMarshaler` in
backend/src/apiserver/common/utils.go writes it: names of the proto, empty fields left out.
"""

import uuid
from typing import Literal, get_args

import argo

Kind = Literal["2.15.0", "2.17.0", "without MLMD"]
KINDS = get_args(Kind)


def health(kind: Kind, ui: bool) -> dict:
    """As backend/src/apiserver/main.go and frontend/server/handlers/healthz.ts answer /apis/v2beta1/healthz."""
    tag = "2.18.0" if kind == "without MLMD" else kind
    if ui:
        return {
            "apiServerCommitHash": "8fe8d7b",
            "apiServerMultiUser": False,
            "apiServerReady": True,
            "apiServerTagName": tag,
            "buildDate": "",
            "frontendCommitHash": "",
            "frontendTagName": tag,
            "multi_user": False,
            "pipelineStore": "database",
        }
    return {"commit_sha": "8fe8d7b", "tag_name": tag, "multi_user": False, "pipeline_store": "database"}


def recorded(kind: Kind, tasks: list[dict]) -> dict:
    """What the server adds to a run when these tasks have been executed."""
    if kind == "without MLMD":
        listed = pipeline_tasks(tasks)
        return {"tasks": listed, "task_count": len(listed)}
    return {"run_details": {"task_details": argo.details(tasks, retried=kind == "2.17.0")}}


def pod(kind: Kind, step: str, attempt: int = 0) -> str:
    return argo.pod(step, attempt, retried=kind == "2.17.0")


def viewed(run: dict, query: dict, spec: dict) -> dict:
    """A run as GetRun sends it. spec: of its pipeline version."""
    if query.get("view") == ["FULL"] and "tasks" in run:
        return {name: value for name, value in run.items() if name != "pipeline_version_reference"} | {
            "pipeline_spec": spec
        }
    return {name: value for name, value in run.items() if name != "tasks"}


def pipeline_tasks(tasks: list[dict]) -> list[dict]:
    """The groups of the graph, and the steps that have begun. A driver makes a task; without it there is none."""
    groups = [
        _task(name, kind, "SUCCEEDED", []) for name, kind in (("root", "ROOT"), ("exit-handler-1", "EXIT_HANDLER"))
    ]
    steps = []
    for one in tasks:
        state = "FAILED" if one["driver"] == "FAILED" else one["state"]
        if state:
            executors = [
                ("EXECUTOR", argo.pod(one["name"], number)) for number in range(one["tries"] if one["state"] else 0)
            ]
            pods = [("DRIVER", argo.pod(f"{one['name']}-driver")), *executors]
            step = _task(one["name"], "RUNTIME", state if one["tries"] else "CACHED", pods, parent=groups[1]["task_id"])
            step |= {"create_time": one["times"]["start_time"], "end_time": one["times"]["end_time"]}
            steps.append(step | ({"status_metadata": {"message": one["message"]}} if one["message"] else {}))
    return [*groups, *steps]


def _task(name: str, kind: str, state: str, pods: list[tuple[str, str]], parent: str = "") -> dict:
    listed = [{"name": pod, "uid": str(uuid.uuid4()), "type": type_} for type_, pod in pods]
    made = {"name": name, "display_name": name, "task_id": str(uuid.uuid4()), "type": kind, "state": state}
    made |= {"create_time": argo.now(), "inputs": {}, "outputs": {}, "pods": listed}
    return made | ({"parent_task_id": parent} if parent else {})
