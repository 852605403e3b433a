"""Runs on the server: starting a run exactly once, its state, waiting for it, its logs."""

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from boxwright.cluster.kfp_types import Experiment, PipelineVersion, Run
from boxwright.cluster.run_tasks import argo_nodes, task_api
from boxwright.cluster.run_tasks.task import Task
from boxwright.cluster.server import GIVE_UP, Server, pages
from boxwright.core.runtime import digests, limits
from boxwright.core.runtime.errors import UserError, brief

# Bytes of a log: TensorFlow writes less than 1 MiB an hour.
LOG_BYTES = 256 * limits.MIB
ENDED = ("SUCCEEDED", "FAILED", "CANCELED", "SKIPPED")


def submit(server: Server, version: PipelineVersion, arguments: Mapping[str, Any], experiment: str, name: str) -> Run:
    """The run with this name in the experiment. Starts it if it does not exist. Raises UserError if a run with this name has
    other arguments or another pipeline version."""
    key = {"experiment_id": _experiment(server, experiment).experiment_id}

    def make() -> None:
        reference = {"pipeline_id": version.pipeline_id, "version_id": version.pipeline_version_id}
        server.client.run_pipeline(job_name=name, params=dict(arguments), **key, **reference)

    run = server.create(lambda: next(reversed(_named(server, name, key)), None), make)  # the oldest
    other = parameters(run) != dict(arguments) and "with other parameters"
    if other := other or (_version(run) != version.pipeline_version_id and "of another pipeline or version of it"):
        raise UserError(
            f"the run {name!r} ({run.run_id}) exists already, {other}; choose another --name, or leave it out"
        )
    _end_twins(server, run, key)
    return run


def _named(server: Server, name: str, key: Mapping[str, str]) -> list[Run]:
    """The runs with this name, newest first. The server filters by name, but it ignores case."""
    wanted = json.dumps({"predicates": [{"operation": "EQUALS", "key": "display_name", "stringValue": name}]})
    listed = pages(server.client.list_runs, "runs", filter=wanted, **key)
    return [run for run in listed if run.display_name == name]


def _version(run: Run) -> str:
    return run.pipeline_version_reference.pipeline_version_id if run.pipeline_version_reference else ""


def _experiment(server: Server, name: str) -> Experiment:
    """The experiment with this name. Creates it if it does not exist."""

    def look() -> Experiment | None:
        listed = pages(server.client.list_experiments, "experiments", namespace=server.namespace)
        return next((one for one in listed if one.display_name == name), None)

    def make() -> None:
        server.client.create_experiment(name, namespace=server.namespace)  # pyright: ignore[reportArgumentType]  (None is fine)

    return server.create(look, make)


def _end_twins(server: Server, run: Run, key: Mapping[str, str]) -> None:
    """Deletes a duplicate of a run. There is one if the server executed a request after this client had given up and retried.

    In KFP several runs can have one name. A run with the same name is kept if it differs in anything, was created much later, or
    has ended, because it may belong to somebody else.
    """
    import kfp_server_api

    def attempt() -> None:  # lists the runs again each time, so that a run is not deleted twice if a response was lost
        for one in _named(server, run.display_name, key):
            same = parameters(one) == parameters(run) and _version(one) == _version(run)
            soon = one.created_at - run.created_at <= timedelta(seconds=2 * GIVE_UP)
            if one.run_id != run.run_id and same and soon and one.state not in (*ENDED, "CANCELING"):
                try:
                    server.client.terminate_run(one.run_id)
                    server.client.delete_run(one.run_id)
                except kfp_server_api.ApiException as error:
                    if error.status != 404:  # urllib3 retries a DELETE by itself
                        raise

    server.call(attempt)


def name_for(graph: str, version: PipelineVersion, arguments: Mapping[str, Any], when: str) -> str:
    """A run name with the digests of the graph and of the arguments, to distinguish runs in the UI's list."""
    return f"{graph} {version.display_name.rpartition('-')[2]} {digests.of_json(dict(arguments))[:12]} {when}"


def get(server: Server, run_id: str) -> Run:
    return server.call(lambda: server.client.get_run(run_id))


def tasks(server: Server, run: Run) -> list[Task]:
    """The tasks of a run, in the order of their start."""
    if argo_nodes.details(run):
        return argo_nodes.tasks(run)
    return task_api.tasks(server.get(f"/apis/v2beta1/runs/{run.run_id}", view="FULL"))


def recent(server: Server, count: int) -> list[Run]:
    """The newest runs, newest first."""

    def ask() -> list[Run]:  # an interrupted listing starts again with its first page
        return list(itertools.islice(pages(server.client.list_runs, "runs", namespace=server.namespace), count))

    return server.call(ask)


def wait(server: Server, run_id: str, every: float = 10.0) -> Iterator[Run]:
    """Yields the run every `every` seconds until it has ended. The last yielded run has ended."""
    while True:
        run = get(server, run_id)
        yield run
        if run.state in ENDED:
            return
        time.sleep(every)


def parameters(run: Run) -> dict[str, Any]:
    """The parameters that a run was started with."""
    given = (run.runtime_config.parameters if run.runtime_config else None) or {}
    return {name: _whole(value) for name, value in given.items()}


def _whole(number: Any) -> Any:
    """Turns a whole float into an int, because the server stores every number as a float."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def log(server: Server, run: Run, task: Task) -> str:
    """The log of a task's last attempt. Raises UserError if the server has none."""
    where = {"podnamespace": server.namespace} if server.namespace else {}
    for pod in task.pods:
        ui = "k8s/pod/logs", {"podname": pod, "runid": run.run_id, **where}  # through a port-forward to the UI
        api = (
            f"apis/v1alpha1/runs/{run.run_id}/nodes/{pod}/log",
            {},
        )  # directly to the API server; only this version of its API has logs
        for path, query in (ui, api):
            if text := server.call(lambda path=path, query=query: _text(server, path, query)):
                return text
    said = f" (KFP says: {brief(task.message)})" if task.message else ""
    cached = " (a task whose result came from the cache has none)" if task.state in ("SUCCEEDED", "CACHED") else ""
    raise UserError(
        f"the server has no log of {task.name}{said}{cached}; as long as its pods exist, try: kubectl logs --prefix --container "
        f"main --tail=-1 --namespace {server.namespace or 'kubeflow'} --selector pipeline/runid={run.run_id}"
    )


def _text(server: Server, path: str, query: Mapping[str, str]) -> str:
    """The log at a path; empty if there is none. The two servers report that differently, one with status 500."""
    import requests

    options = {"params": query, "headers": _authorization(server), "timeout": 60, "stream": True}
    with requests.get(f"{server.address}/{path}", **options) as answer:
        if answer.status_code == 422:  # KFP's UI for several users needs the namespace
            raise UserError(f"{server.url} answers 422 ({answer.text[:200]}): give your --namespace")
        if answer.status_code not in (400, 404, 500):
            answer.raise_for_status()
        if not answer.ok or "html" in answer.headers.get("Content-Type", ""):
            return ""
        return _at_most(answer.iter_content(1 << 20), path).decode(errors="replace").strip("\n")


def _at_most(chunks: Iterator[bytes], path: str) -> bytes:
    """Raises UserError for a log above the limit."""
    text = bytearray()
    for chunk in chunks:
        text += chunk
        if len(text) > LOG_BYTES:
            raise limits.too_large(f"the log at {path}", LOG_BYTES, "read it with kubectl logs")
    return bytes(text)


def _authorization(server: Server) -> dict[str, str]:
    token = server.api.configuration.get_api_key_with_prefix("authorization")
    return {"Authorization": token} if token else {}
