"""The tasks of a run on a server with ML Metadata (KFP 2.15 to 2.17): the server lists the nodes of Argo's workflow.

A step has four nodes: `convert-driver`, `convert`, `convert.executor`, and `convert.executor(0)` for the first attempt. The Argo
of KFP 2.17 retries every template, so that `convert` has the attempt `convert(0)`, which has `convert(0).executor`, and so on.

A task detail has the last part of its node's name, but not the node's id. In the field for pod names, it lists the ids of the
nodes below and after it, as WORKFLOW-HASH. The hash is FNV-1a over the node's full name. So the hash of a longer name can be
computed from the hash of its beginning. (Recorded responses of 2.16; `toModelTask` in KFP's
backend/src/apiserver/server/api_converter.go; `executeTemplate` in Argo's workflow/controller/operator.go.)
"""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import count, takewhile

from boxwright.cluster.kfp_types import Run, TaskDetail
from boxwright.cluster.run_tasks.task import Task

# Nodes that are no steps: groups of the graph, attempts such as `convert(0)`, and iterations such as `train(0:1)`.
GROUPS = re.compile(
    r"root|executor|.*\.onExit|(exit-handler|condition|condition-branches|for-loop)-\d+\S*|iteration-(item|iterations)|.*\(\d+(:.*)?\)"
)
DRIVER = "-driver"
# Templates in pod names: the driver of a step, the driver of a group, and a step with and without retries.
DRIVERS = ("system-container-driver", "system-dag-driver")
STEPS = ("retry-system-container-impl", "system-container-impl")


def details(run: Run) -> list[TaskDetail]:
    """The task details of a run (V2beta1PipelineTaskDetail); empty before the run has started."""
    return (run.run_details.task_details if run.run_details else None) or []


def tasks(run: Run) -> list[Task]:
    """The pipeline's own tasks and the failed drivers of KFP, in the order of their start."""
    known = {node for one in details(run) for node in below(one)}
    workflows = {node.rpartition("-")[0] for node in known}
    own = [one for one in details(run) if one.display_name and one.display_name not in workflows and _own(one)]
    return [_task(one, known) for one in sorted(own, key=lambda one: str(one.start_time or one.create_time))]


def _own(detail: TaskDetail) -> bool:
    if detail.display_name.endswith(DRIVER):
        return detail.state == "FAILED"
    return not GROUPS.fullmatch(detail.display_name)


def _task(detail: TaskDetail, known: Collection[str]) -> Task:
    driver = detail.display_name.endswith(DRIVER)
    executors = [] if driver else _executors(detail, known)
    tries = [one for executor in executors for one in _tries(executor, known)]
    nodes = _driver_nodes(detail) if driver else (tries or executors)
    start, end = detail.start_time, detail.end_time
    return Task(
        name=detail.display_name,
        state=detail.state or "SKIPPED",
        seconds=(end - start).total_seconds() if start and end and end >= start else None,
        tries=len(tries),
        pods=tuple(name for node in reversed(nodes) for name in _pods(node, DRIVERS if driver else STEPS)),
        message=(detail.error.message if detail.error else "") or "",
    )


def below(detail: TaskDetail) -> list[str]:
    """The ids of the nodes below and after a node."""
    return [child.pod_name for child in detail.child_tasks or () if child.pod_name]


def _executors(detail: TaskDetail, known: Collection[str]) -> list[str]:
    """The ids of a step's executors: one, or one for each attempt of the step."""
    return [one for node in below(detail) for one in (node, longer(node, ".executor")) if one in known]


def _tries(executor: str, known: Collection[str]) -> Iterator[str]:
    """The ids of an executor's attempts. An executor without retries has none: it is the pod."""
    return takewhile(known.__contains__, (longer(executor, f"({number})") for number in count()))


def _driver_nodes(detail: TaskDetail) -> list[str]:
    """The possible ids of a driver's node. Below it are its attempts, or else the step, whose name the driver's name extends."""
    return [one for node in below(detail) for one in (longer(node, DRIVER), node)]


def longer(node: str, ending: str) -> str:
    """The id of the node whose name is this node's name plus an ending."""
    workflow, _, digest = node.rpartition("-")
    if not digest.isdecimal():  # the node of the whole workflow has its name as id
        return ""
    state = int(digest)
    for byte in ending.encode():
        state = (state ^ byte) * 16777619 % 2**32
    return f"{workflow}-{state}"


def _pods(node: str, templates: Sequence[str]) -> Iterator[str]:
    """The possible names of a node's pod: in version 2 of Argo's pod names with the template, in version 1 the node's id."""
    workflow, _, digest = node.rpartition("-")
    yield from (f"{workflow}-{template}-{digest}" for template in templates)
    yield node
