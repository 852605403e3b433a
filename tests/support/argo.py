"""A run as KFP 2.15 lists it: nodes of Argo's workflow, four per step (recorded from 2.16; kubeflow/pipelines issue 14007)."""

import uuid
from datetime import UTC, datetime


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def task(name: str, state: str, tries: int = 1, driver: str = "SUCCEEDED", **times) -> dict:
    """A step of a run. state: KFP's state; empty for a skipped step. driver: state of the driver pod that KFP runs before
    the step."""
    times = {"start_time": now(), "end_time": now()} | times
    return {"name": name, "state": state, "tries": tries, "driver": driver, "times": times}


WORKFLOW, GROUP = "boxwright-finetune-x7k2p", "boxwright-finetune-x7k2p.root.exit-handler-1"


def node(name: str) -> str:
    """Argo's id of the node with this full name."""
    digest = 2166136261
    for byte in name.encode():
        digest = (digest ^ byte) * 16777619 % 2**32
    return f"{WORKFLOW}-{digest}"


def pod(step: str, attempt: int = 0) -> str:
    """Name of the pod of an attempt of a step, or of a driver."""
    driver = step.endswith("-driver")
    digest = node(f"{GROUP}.{step}" if driver else f"{GROUP}.{step}.executor({attempt})").rpartition("-")[2]
    return f"{WORKFLOW}-{'system-container-driver' if driver else 'retry-system-container-impl'}-{digest}"


def details(tasks: list[dict]) -> list[dict]:
    """KFP's details of these tasks: one per node, without pod and error, in arbitrary order."""
    ended = "FAILED" if any(task["state"] == "FAILED" for task in tasks) else "SUCCEEDED"
    drivers = [f"{GROUP}.{task['name']}-driver" for task in tasks[:1]]
    made = [
        detail(WORKFLOW, ended, [f"{WORKFLOW}.root-driver"]),
        detail(f"{WORKFLOW}.root-driver", "SUCCEEDED", [f"{WORKFLOW}.root"]),
        detail(f"{WORKFLOW}.root", ended, [f"{GROUP}-driver"]),
        detail(f"{GROUP}-driver", "SUCCEEDED", [GROUP]),
        detail(GROUP, ended, drivers),
    ]
    for one, following in zip(tasks, [*tasks[1:], None], strict=True):
        after = [f"{GROUP}.{following['name']}-driver"] if following else []
        made += nodes_of(one, after)
    return sorted(made, key=lambda one: one["task_id"])


def nodes_of(task: dict, after: list[str]) -> list[dict]:
    """after: the nodes that follow the last attempt. KFP lists them below it."""
    name, state, times = f"{GROUP}.{task['name']}", task["state"], task["times"]
    tries = [f"{name}.executor({number})" for number in range(task["tries"] if state else 0)]
    below = [f"{name}.executor"] if tries else []
    made = [detail(f"{name}-driver", task["driver"], [name], **times), detail(name, state, below, **times)]
    made += [detail(below[0], state, tries, **times)] if tries else []
    return made + [detail(one, state, after if one is tries[-1] else [], **times) for one in tries]


def detail(name: str, state: str, below: list[str], **times) -> dict:
    known = {"task_id": str(uuid.uuid4()), "display_name": name.rpartition(".")[2], "create_time": now()} | times
    return known | ({"state": state} if state else {}) | {"child_tasks": [{"pod_name": node(one)} for one in below]}
