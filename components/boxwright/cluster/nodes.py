"""The tasks of a run as the server lists them: nodes of Argo's workflow (KFP 2.15 and 2.16, from recorded responses).

A step has four nodes: `convert-driver`, `convert`, `convert.executor`, and `convert.executor(0)` for the first attempt. A task
detail has the last part of its node's name, but not the node's id. In the field for pod names, it lists the ids of the nodes
below and after it, as WORKFLOW-HASH. The hash is FNV-1a over the node's full name. So the hash of a longer name can be computed
from the hash of its beginning.
"""

import re
from collections.abc import Iterator
from itertools import count, takewhile

from boxwright.cluster.kfp_types import Run, TaskDetail

GROUPS = re.compile(r"root|executor(\(\d+\))?|.*\.onExit|(exit-handler|condition|condition-branches|for-loop)-\d+\S*")
DRIVER = "-driver"
# Templates in pod names: the driver of a step, the driver of a group, and a step with retries.
DRIVERS, STEP = ("system-container-driver", "system-dag-driver"), "retry-system-container-impl"


def details(run: Run) -> list[TaskDetail]:
    """The task details of a run (V2beta1PipelineTaskDetail); empty before the run has started."""
    return (run.run_details.task_details if run.run_details else None) or []


def tasks(run: Run) -> list[TaskDetail]:
    """The pipeline's own tasks and the failed drivers of KFP, in the order of their start."""
    workflows = {node.rpartition("-")[0] for task in details(run) for node in below(task)}
    own = [task for task in details(run) if task.display_name and task.display_name not in workflows and _own(task)]
    return sorted(own, key=lambda task: str(task.start_time or task.create_time))


def _own(task: TaskDetail) -> bool:
    if task.display_name.endswith(DRIVER):
        return task.state == "FAILED"
    return not GROUPS.fullmatch(task.display_name)


def seconds(task: TaskDetail) -> str:
    """The duration of a task; empty if it has not started or not ended."""
    start, end = task.start_time, task.end_time
    return f"{(end - start).total_seconds():.0f}" if start and end and end >= start else ""


def below(task: TaskDetail) -> list[str]:
    """The ids of the nodes below and after a task."""
    return [child.pod_name for child in task.child_tasks or () if child.pod_name]


def pods(run: Run, task: TaskDetail) -> Iterator[str]:
    """The possible names of a task's pods, last attempt first."""
    known = {node for one in details(run) for node in below(one)}
    for node in below(task):
        if task.display_name.endswith(DRIVER):
            yield from (pod(longer(node, DRIVER), template) for template in DRIVERS)
        else:
            tries = takewhile(known.__contains__, (longer(node, f"({number})") for number in count()))
            yield from (pod(one, STEP) for one in reversed(list(tries)))


def longer(node: str, ending: str) -> str:
    """The id of the node whose name is this node's name plus an ending."""
    workflow, _, digest = node.rpartition("-")
    state = int(digest)
    for byte in ending.encode():
        state = (state ^ byte) * 16777619 % 2**32
    return f"{workflow}-{state}"


def pod(node: str, template: str) -> str:
    """The name of a node's pod (version 2 of Argo's pod names)."""
    workflow, _, digest = node.rpartition("-")
    return f"{workflow}-{template}-{digest}"
