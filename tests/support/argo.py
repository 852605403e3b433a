# environment: authoring
"""The nodes of a run's Argo workflow, as KFP with ML Metadata lists them.

KFP 2.15 and 2.16: four nodes a step (recorded from 2.16; kubeflow/pipelines issue 14007). `toApiPipelineTaskDetail` in
backend/src/apiserver/server/api_converter.go of 2.15.0 and 2.17.0 gives neither the pod nor the node's id.

KFP 2.17: its manifests/kustomize/third-party/argo/base/workflow-controller-configmap-patch.yaml sets a retryStrategy for every
template. So every node is a Retry node with the attempts `name(0)`, `name(1)` below it, and the nodes of a group are below the
group's attempt (`executeTemplate` in workflow/controller/operator.go of argo-workflows v4.0.5).
"""

import uuid
from datetime import UTC, datetime

WORKFLOW = "boxwright-finetune-x7k2p"


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def task(name: str, state: str, tries: int = 1, driver: str = "SUCCEEDED", message: str = "", **times) -> dict:
    """A step of a run. state: KFP's state; empty for a skipped step. tries: 0 for a step from the cache. driver: state of the
    driver pod that KFP runs before the step. message: of a failed step, where the server has one."""
    times = {"start_time": now(), "end_time": now()} | times
    return {"name": name, "state": state, "tries": tries, "driver": driver, "times": times, "message": message}


def node(name: str) -> str:
    """Argo's id of the node with this full name."""
    digest = 2166136261
    for byte in name.encode():
        digest = (digest ^ byte) * 16777619 % 2**32
    return f"{WORKFLOW}-{digest}"


def group(attempt: str) -> str:
    """Full name of the group that the steps are in. attempt: "(0)" if every template is retried, else empty."""
    return f"{WORKFLOW}{attempt}.root{attempt}.exit-handler-1{attempt}"


def pod(step: str, attempt: int = 0, retried: bool = False, version: int = 2) -> str:
    """Name of the pod of an attempt of a step, or of a driver. retried: whether every template is. version: of the names."""
    first = "(0)" if retried else ""
    driver = step.endswith("-driver")
    name = f"{group(first)}.{step}{first}" + ("" if driver else f".executor({attempt})")
    template = "system-container-driver" if driver else "retry-system-container-impl"
    return node(name) if version == 1 else f"{WORKFLOW}-{template}-{node(name).rpartition('-')[2]}"


def details(tasks: list[dict], retried: bool = False) -> list[dict]:
    """KFP's details of these tasks: one per node, without pod and error, in arbitrary order."""
    ended = "FAILED" if any(task["state"] == "FAILED" for task in tasks) else "SUCCEEDED"
    first = "(0)" if retried else ""
    at = group(first)
    drivers = [f"{at}.{task['name']}-driver" for task in tasks[:1]]
    root = f"{WORKFLOW}{first}.root"
    made = [
        *nodes(WORKFLOW, ended, [f"{root}-driver"], first),
        *nodes(f"{root}-driver", "SUCCEEDED", [root], first),
        *nodes(root, ended, [f"{root}{first}.exit-handler-1-driver"], first),
        *nodes(f"{root}{first}.exit-handler-1-driver", "SUCCEEDED", [f"{root}{first}.exit-handler-1"], first),
        *nodes(f"{root}{first}.exit-handler-1", ended, drivers, first),
    ]
    for one, following in zip(tasks, [*tasks[1:], None], strict=True):
        made += of_step(one, at, [f"{at}.{following['name']}-driver"] if following else [], first)
    return sorted(made, key=lambda one: one["task_id"])


def of_step(task: dict, at: str, after: list[str], first: str) -> list[dict]:
    """after: the nodes that follow the last attempt. KFP lists them below it."""
    name, state, times = f"{at}.{task['name']}", task["state"], task["times"]
    driver = nodes(f"{name}-driver", task["driver"], [name], first, **times)
    if not state:
        return [*driver, detail(name, state, [], **times)]  # a node without a pod has no attempts
    executor = f"{name}{first}.executor"
    tries = [f"{executor}({number})" for number in range(task["tries"])]
    made = [*driver, *nodes(name, state, [executor], first, **times)]
    if not tries:
        return [*made, detail(executor, "SKIPPED", after, **times)]  # its result is in the cache
    made += [detail(executor, state, tries, **times)]
    made += [detail(one, "FAILED", [], **times) for one in tries[:-1]]
    return [*made, detail(tries[-1], state, after, **times)]


def nodes(name: str, state: str, below: list[str], first: str, **times) -> list[dict]:
    """A node, and its attempt if it is retried. What is below the node is below its attempt then."""
    if not first:
        return [detail(name, state, below, **times)]
    return [detail(name, state, [name + first], **times), detail(name + first, state, below, **times)]


def detail(name: str, state: str, below: list[str], **times) -> dict:
    known = {"task_id": str(uuid.uuid4()), "display_name": name.rpartition(".")[2], "create_time": now()} | times
    return known | ({"state": state} if state else {}) | {"child_tasks": [{"pod_name": node(one)} for one in below]}
