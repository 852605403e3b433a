"""The tasks of a run on a server without ML Metadata (kubeflow/pipelines pull request 13986): `tasks` of the run itself.

The server sends them only for `view=FULL`; kfp's client knows neither. Fields as in PipelineTask of
backend/api/v2beta1/run.proto of the branch mlmd-removal. JSON leaves out what is empty.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from boxwright.cluster.run_tasks.task import Task
from boxwright.core.runtime.errors import UserError, brief

# Types of tasks that are no steps. RUNTIME and IMPORTER are steps.
GROUPS = ("ROOT", "CONDITION", "CONDITION_BRANCH", "LOOP", "EXIT_HANDLER", "DAG")


class Pod(BaseModel):
    name: str = ""
    type: str = ""


class Status(BaseModel):
    message: str = ""


class Attributes(BaseModel):
    iteration_index: int | None = None


class PipelineTask(BaseModel):
    name: str = ""
    display_name: str = ""
    type: str = ""
    state: str = ""
    create_time: datetime | None = None
    end_time: datetime | None = None
    pods: list[Pod] = []
    status_metadata: Status = Status()
    type_attributes: Attributes = Attributes()


class FullRun(BaseModel):
    tasks: list[PipelineTask] = []


def tasks(run: Any) -> list[Task]:
    """The steps in a run's JSON, in the order of their start. Raises UserError for a JSON that is no run."""
    try:
        listed = FullRun.model_validate(run).tasks
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))[:100]
        why = brief(ValueError(first["msg"]))
        raise UserError(f"the server lists the tasks of the run in an unknown form ({place}: {why})") from None
    own = [one for one in listed if one.type not in GROUPS]
    return [_task(one) for one in sorted(own, key=lambda one: str(one.create_time))]


def _task(listed: PipelineTask) -> Task:
    start, end = listed.create_time, listed.end_time
    iteration = listed.type_attributes.iteration_index
    executors = _names(listed.pods, "EXECUTOR")
    return Task(
        name=(listed.name or listed.display_name) + ("" if iteration is None else f"[{iteration}]"),
        state=listed.state or "PENDING",
        seconds=(end - start).total_seconds() if start and end and end >= start else None,
        tries=len(executors),
        pods=(*executors, *_names(listed.pods, "DRIVER")),
        message=listed.status_metadata.message,
    )


def _names(pods: Sequence[Pod], kind: str) -> tuple[str, ...]:
    """The names of the pods of a kind, last first."""
    return tuple(pod.name for pod in reversed(pods) if pod.type == kind and pod.name)
