"""Runs on the server: started once, looked at, waited for."""

import itertools
import json
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from boxwright import graphs
from boxwright.cluster import nodes
from boxwright.cluster.server import GIVE_UP, Server, pages
from boxwright.convert.splits import grouping
from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import NotAllowed, Unreachable, UserError
from boxwright.core.storage import uri
from boxwright.graph_builder import known_parameters
from boxwright.local.inputs import check_text, is_local, places, schemes, versions

ENDED = ("SUCCEEDED", "FAILED", "CANCELED", "SKIPPED")


def submit(server: Server, version, arguments: Mapping[str, Any], experiment: str, name: str):
    """The run (V2beta1Run) of this name in the experiment; started where there is none. Raises UserError when there is one with
    other arguments, or of another version."""
    key = {"experiment_id": _experiment(server, experiment).experiment_id}

    def make():
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


def _named(server: Server, name: str, key: Mapping[str, str]) -> list:
    """The runs of a name, newest first: the server looks for it among thousands, though without telling a from A."""
    wanted = json.dumps({"predicates": [{"operation": "EQUALS", "key": "display_name", "stringValue": name}]})
    listed = pages(server.client.list_runs, "runs", filter=wanted, **key)
    return [run for run in listed if run.display_name == name]


def _version(run) -> str:
    return run.pipeline_version_reference.pipeline_version_id if run.pipeline_version_reference else ""


def _experiment(server: Server, name: str):
    def look():
        listed = pages(server.client.list_experiments, "experiments", namespace=server.namespace)
        return next((one for one in listed if one.display_name == name), None)

    return server.create(look, lambda: server.client.create_experiment(name, namespace=server.namespace))


def _end_twins(server: Server, run, key: Mapping[str, str]) -> None:
    """A request that the server took after we had stopped waiting, and asked again, has made the run twice. A run of the same
    name that is another in anything, or came later, or has ended, is somebody's: KFP lets many have one name."""
    import kfp_server_api

    def attempt() -> None:  # looks anew each time: what was ended, and only the answer lost, is not asked for again
        for one in _named(server, run.display_name, key):
            same = parameters(one) == parameters(run) and _version(one) == _version(run)
            soon = one.created_at - run.created_at <= timedelta(seconds=2 * GIVE_UP)
            if one.run_id != run.run_id and same and soon and one.state not in (*ENDED, "CANCELING"):
                try:
                    server.client.terminate_run(one.run_id)
                    server.client.delete_run(one.run_id)
                except kfp_server_api.ApiException as error:
                    if error.status != 404:  # urllib3 sends a DELETE again by itself
                        raise

    server.call(attempt)


def name_for(graph: str, version, arguments: Mapping[str, Any], when: str) -> str:
    """Says what ran on what: the digests of the graph and of the arguments are in it, and tell runs apart in the UI's list."""
    return f"{graph} {version.display_name.rpartition('-')[2]} {digests.of_json(dict(arguments))[:12]} {when}"


def get(server: Server, run_id: str):
    return server.call(lambda: server.client.get_run(run_id))


def recent(server: Server, count: int) -> list:
    """The newest runs, newest first."""

    def ask() -> list:  # from the first page: a listing that broke off goes on with nothing
        return list(itertools.islice(pages(server.client.list_runs, "runs", namespace=server.namespace), count))

    return server.call(ask)


def wait(server: Server, run_id: str, every: float = 10.0) -> Iterator:
    """The run, again and again, until it has ended: the last one given has."""
    while True:
        run = get(server, run_id)
        yield run
        if run.state in ENDED:
            return
        time.sleep(every)


def parameters(run) -> dict[str, Any]:
    given = (run.runtime_config.parameters if run.runtime_config else None) or {}
    return {name: _whole(value) for name, value in given.items()}


def _whole(number: Any) -> Any:
    """The server keeps every number as a float."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def log(server: Server, run, task) -> str:
    """What the last try of a task wrote. Raises UserError where the server keeps none."""
    where = {"podnamespace": server.namespace} if server.namespace else {}
    for pod in nodes.pods(run, task):
        ui = "k8s/pod/logs", {"podname": pod, "runid": run.run_id, **where}  # which a port-forward leads to
        api = f"apis/v1alpha1/runs/{run.run_id}/nodes/{pod}/log", {}  # behind it; no other version of the API has logs
        for path, query in (ui, api):
            if text := server.call(lambda path=path, query=query: _text(server, path, query)):
                return text
    raise UserError(
        f"the server keeps no log of {task.display_name}; while its pods live: kubectl logs --prefix --container main --tail=-1 "
        f"--namespace {server.namespace or 'kubeflow'} --selector pipeline/runid={run.run_id}"
    )


def _text(server: Server, path: str, query: Mapping[str, str]) -> str:
    """Empty where there is none, which either server tells in ways of its own, among them status 500."""
    import requests

    answer = requests.get(f"{server.url}/{path}", params=query, headers=_authorization(server), timeout=60)
    if answer.status_code not in (400, 404, 500):
        answer.raise_for_status()
    found = answer.ok and "html" not in answer.headers.get("Content-Type", "")
    return answer.content.decode(errors="replace").strip("\n") if found else ""


def _authorization(server: Server) -> dict[str, str]:
    token = server.api.configuration.get_api_key_with_prefix("authorization")
    return {"Authorization": token} if token else {}


def typed(graph: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Values of a graph's parameters from the command line's text. Raises UserError for a name or value that does not fit."""
    inputs = graphs.load(graph).component_spec.inputs
    if unknown := sorted(set(given) - set(inputs)):
        raise UserError(f"{graph} has no parameter {', '.join(unknown)}; it has {', '.join(sorted(inputs))}")
    return {name: _value(name, text, inputs[name].type) for name, text in given.items()}


def check(arguments: Mapping[str, Any]) -> None:
    """Raises UserError for what cannot go well on any cluster, as far as it can be known here."""
    for name, known in {"data": uri.BUCKETS, **{flag.name: schemes(flag) for flag in places()}}.items():
        flag, text = _flag(name), str(arguments.get(name, ""))
        for place in filter(is_local, uri.data_sets(text)):
            uri.require_known(flag, place, known)
            if not place.startswith("/"):
                raise UserError(
                    f"{flag} {place}: no pod sees this machine's folders; give gs://bucket/folder, or the absolute path of a "
                    "volume that every pod sees"
                )
    if not str(arguments["data"]).strip():
        raise UserError(
            "--data is empty; give gs://bucket/folder, or the absolute path of a volume that every pod sees"
        )
    grouping.pattern(arguments.get("group", ""), _flag("group"))
    gpus, batch = (
        int(arguments.get("gpu_count", 0)),
        arguments.get("batch_size", known_parameters()["batch_size"].default),
    )
    if gpus > 1 and batch % gpus:
        even = gpus * -(-batch // gpus)
        text = f"they cannot share a batch of {batch} images evenly; add --set batch_size={even}"
        raise UserError(f"--set gpu_count={gpus}: {text}")
    if not all(isinstance(label, str) for label in (arguments.get("node_selector") or {}).values()):
        raise UserError('--set node_selector: labels are text, as in {"disk": "1"}')
    check_text({_flag(name): value for name, value in arguments.items() if isinstance(value, str)})


def followed(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """With a fingerprint of what lies in buckets and on the web, which is all that KFP's cache would know of it, unless the user
    gave one; of listings, no content. Raises UserError where there is nothing; of what only the cluster may see it warns."""
    if "fingerprint" in arguments:
        return dict(arguments)
    try:
        found = versions(*(str(arguments.get(name, "")) for name in ("data", *(flag.name for flag in places()))))
    except (Unreachable, NotAllowed) as error:
        print(
            f"warning: {error}. Whether anything there has changed cannot be told from here: for other files under the same path "
            "give --set fingerprint=TEXT, each time another",
            file=sys.stderr,
        )
        return dict(arguments)
    return {**arguments, **({"fingerprint": digests.of_json(found)} if found else {})}


def _flag(name: str) -> str:
    """What a parameter is given by."""
    return "--data" if name == "data" else f"--set {name}"


def _value(name: str, text: str, kind: str) -> Any:
    value = text if kind == "String" else _parsed(name, text, kind)
    if wrong := known_parameters()[name].wrong(value):
        raise UserError(f"--set {name}={text}: {wrong}")
    return value


def _parsed(name: str, text: str, kind: str) -> Any:
    """The JSON value of a parameter that is no text."""
    wanted = {"Integer": int, "Boolean": bool, "JsonObject": dict, "Float": (int, float)}.get(kind, object)
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, wanted) or (kind == "Integer" and isinstance(value, bool)):
        example = {
            "Integer": "a whole number",
            "Boolean": "true or false",
            "JsonObject": 'JSON such as {"disk": "ssd"}',
        }
        raise UserError(f"--set {name}={text}: expected {example.get(kind, kind)}")
    return value
