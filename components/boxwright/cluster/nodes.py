"""What a server says of the tasks of a run: the nodes of Argo's workflow (KFP 2.15 and 2.16, read from recorded answers).

A step is four of them: `convert-driver`, `convert`, `convert.executor` and `convert.executor(0)`, a try. A detail bears the last
part of its node's name and no id; those below it (and what comes next) are listed by id, WORKFLOW-HASH, in the place of names of
pods. The hash is FNV-1a of the node's full name, so that of a longer name follows from that of a shorter one.
"""

import re
from collections.abc import Iterator
from itertools import count, takewhile

GROUPS = re.compile(r"root|executor(\(\d+\))?|.*\.onExit|(exit-handler|condition|condition-branches|for-loop)-\d+\S*")
DRIVER = "-driver"
# Templates of pods: a driver's of a step, a driver's of a group, a step's that may be tried again.
DRIVERS, STEP = ("system-container-driver", "system-dag-driver"), "retry-system-container-impl"


def details(run) -> list:
    return (run.run_details.task_details if run.run_details else None) or []


def tasks(run) -> list:
    """The pipeline's own tasks (V2beta1PipelineTaskDetail) in the order of their start, and a driver of KFP's where it failed."""
    workflows = {node.rpartition("-")[0] for task in details(run) for node in below(task)}
    own = [task for task in details(run) if task.display_name and task.display_name not in workflows and _own(task)]
    return sorted(own, key=lambda task: str(task.start_time or task.create_time))


def _own(task) -> bool:
    if task.display_name.endswith(DRIVER):
        return task.state == "FAILED"
    return not GROUPS.fullmatch(task.display_name)


def below(task) -> list[str]:
    """The ids of the nodes below a task and after it."""
    return [child.pod_name for child in task.child_tasks or () if child.pod_name]


def pods(run, task) -> Iterator[str]:
    """The names that a task's pods may have, those of the last try first."""
    known = {node for one in details(run) for node in below(one)}
    for node in below(task):
        if task.display_name.endswith(DRIVER):
            yield from (pod(longer(node, DRIVER), template) for template in DRIVERS)
        else:
            tries = takewhile(known.__contains__, (longer(node, f"({number})") for number in count()))
            yield from (pod(one, STEP) for one in reversed(list(tries)))


def longer(node: str, ending: str) -> str:
    """The id of the node whose name is that of this one with an ending."""
    workflow, _, digest = node.rpartition("-")
    state = int(digest)
    for byte in ending.encode():
        state = (state ^ byte) * 16777619 % 2**32
    return f"{workflow}-{state}"


def pod(node: str, template: str) -> str:
    workflow, _, digest = node.rpartition("-")
    return f"{workflow}-{template}-{digest}"
