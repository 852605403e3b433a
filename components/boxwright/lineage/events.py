"""The records of a run as OpenLineage events. Each task has START, then COMPLETE or FAIL, with its input and output datasets.

Run ids are derived from the run's folder, the task and its start time, so sending twice sends the same events.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState, set_producer
from openlineage.client.generated import (
    dataset_version_dataset,
    error_message_run,
    execution_parameters_run,
    job_type_job,
    parent_run,
    processing_engine_run,
    tags_run,
)
from openlineage.client.generated.base import DatasetFacet
from openlineage.client.serde import Serde

from boxwright import __version__
from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError, brief
from boxwright.core.runtime.secrets import without_secrets
from boxwright.core.storage import uri as places
from boxwright.core.storage.uri import data_sets, in_bucket
from boxwright.lineage.graph import Graph
from boxwright.lineage.records import FILE

D = TypeVar("D", InputDataset, OutputDataset)

NAMESPACE = "boxwright"
PRODUCER = f"urn:boxwright:{__version__}"
# Keys of artifact metadata that describe the code.
CODE = ("version", "source", "image", "seed", "recipe")


def send(graph: Graph, out: Path, target: str, uri: str = "") -> int:
    """Writes the events to a file or posts them to a server. Returns their number.

    uri: the original place of the run if `out` is a copy; empty for a local run. Raises UserError if the server rejects an event.
    """
    places.require_known("--openlineage", target, ("http", "https"))
    set_producer(PRODUCER)
    made = list(events(graph, out, uri))
    if not target.startswith(("http://", "https://")):
        text_files.write(Path(target), "".join(Serde.to_json(event) + "\n" for event in made))
        return len(made)
    import requests
    from openlineage.client.transport.http import HttpConfig, HttpTransport

    key = os.environ.get("OPENLINEAGE_API_KEY")
    auth = {"auth": {"type": "api_key", "apiKey": key}} if key else {}
    # Without the final slash the client would drop the last part of the address.
    transport = HttpTransport(
        HttpConfig.from_dict({"url": f"{places.whole(target).rstrip('/')}/", "timeout": 10, **auth})
    )
    try:
        for event in made:
            transport.emit(event)
    except requests.RequestException as error:
        raise UserError(
            f"--openlineage {target}: the server did not accept the events ({brief(error)}); give the address of an "
            "OpenLineage server"
        ) from None
    return len(made)


def events(graph: Graph, out: Path, uri: str = "") -> Iterator[RunEvent]:
    """The events of all tasks, in the order in which the tasks ran."""
    folder = uri.rstrip("/") or str(out.resolve())
    for name, task in graph.tasks.items():
        begun = datetime.fromisoformat(task.started) if task.started else _written(out)
        ended = begun if task.cached else begun + timedelta(seconds=task.seconds)
        inputs = [_dataset(InputDataset, graph, made, folder) for made in graph.inputs[name].values()]
        inputs += _sources(task.parameters)
        outputs = [_dataset(OutputDataset, graph, made, folder) for made in graph.outputs(name)]
        run = Run(runId=str(_id(folder, name, task.started)), facets=_run_facets(graph, name, folder))
        job = Job(namespace=NAMESPACE, name=f"{_pipeline(graph)}.{name}", facets=_job_facets())
        common = {"run": run, "job": job}
        yield RunEvent(eventType=RunState.START, eventTime=begun.isoformat(), inputs=inputs, outputs=[], **common)
        end = RunState.FAIL if task.error else RunState.COMPLETE
        yield RunEvent(eventType=end, eventTime=ended.isoformat(), inputs=inputs, outputs=outputs, **common)


def _id(folder: str, *more: str) -> UUID:
    uri = folder if in_bucket(folder) else Path(folder).as_uri()
    return uuid5(NAMESPACE_URL, "/".join((uri, *more)))


def _written(out: Path) -> datetime:
    """The time of the records file, for records of an earlier version without times."""
    return datetime.fromtimestamp((out / FILE).stat().st_mtime).astimezone()


def _dataset(kind: type[D], graph: Graph, name: str, folder: str) -> D:
    """An artifact as a dataset, named by its path or URI. Its digest is its version."""
    artifact = graph.artifacts.get(name)
    facets = _version(artifact.digest if artifact else "")
    return kind(*_place(os.path.join(folder, artifact.path if artifact else name)), facets=facets)


def _sources(parameters: Mapping[str, Any]) -> list[InputDataset]:
    """The user's data sets as datasets. The fingerprint of their files is their version."""
    facets = _version(str(parameters.get("fingerprint") or ""))
    return [InputDataset(*_place(uri), facets=facets) for uri in data_sets(str(parameters.get("data") or "")) if uri]


def _version(text: str) -> dict[str, DatasetFacet]:
    return {"version": dataset_version_dataset.DatasetVersionDatasetFacet(text)} if text else {}


def _place(uri: str) -> tuple[str, str]:
    """Namespace and name of a data set, by OpenLineage's naming rules."""
    scheme, _, rest = str(without_secrets(uri)).partition("://")
    return (f"{scheme}://{rest.partition('/')[0]}", rest.partition("/")[2] or "/") if rest else ("file", uri)


def _run_facets(graph: Graph, name: str, folder: str) -> dict[str, Any]:
    task = graph.tasks[name]
    parameters = [
        execution_parameters_run.ExecutionParameter(
            key=key, name=key, value=value if isinstance(value, str) else json.dumps(value)
        )
        for key, value in task.parameters.items()
    ]
    tags = {key: str(task.origin[key]) for key in CODE if key in task.origin} | {"cached": str(task.cached).lower()}
    facets = {
        "parent": parent_run.ParentRunFacet(
            run=parent_run.Run(runId=str(_id(folder))), job=parent_run.Job(namespace=NAMESPACE, name=_pipeline(graph))
        ),
        "processing_engine": processing_engine_run.ProcessingEngineRunFacet(version=__version__, name="boxwright"),
        "executionParameters": execution_parameters_run.ExecutionParametersRunFacet(parameters=parameters),
        "tags": tags_run.TagsRunFacet(
            [tags_run.TagsRunFacetFields(key, value, NAMESPACE) for key, value in tags.items()]
        ),
    }
    if task.error:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(task.error, "Python")
    return facets


def _job_facets() -> dict[str, Any]:
    return {"jobType": job_type_job.JobTypeJobFacet(processingType="BATCH", integration="KUBEFLOW", jobType="TASK")}


def _pipeline(graph: Graph) -> str:
    """Name of the pipeline; `run` for records of an earlier version."""
    return next((task.pipeline for task in graph.tasks.values() if task.pipeline), "run")
