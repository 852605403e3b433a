"""The parameters of a submitted run: read from `--set NAME=VALUE`, checked before anything is sent, and fingerprinted."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from boxwright import graph_flags, graphs, training_nodes
from boxwright.convert.splits import grouping
from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import NotAllowed, Unreachable, UserError
from boxwright.core.runtime.secrets import without_secrets
from boxwright.core.storage import uri
from boxwright.local.inputs import check_text, is_local, places, schemes, versions

# KFP's placeholders begin with {{$ (KFP 2.17 replaces {{$}} in a user's text by the whole executor input), and those of Argo,
# which runs the graph, with {{ alone: {{workflow.name}}, {{=expression}}. In the command of a container, Kubernetes replaces
# $(NAME) by a variable of the pod, and $$ by $.
PLACEHOLDERS = ("{{", "$(", "$$")


# KFP passes all parameters of a task as one argument of its command, which Linux limits to 128 KiB, beside the inputs' metadata.
MOST_BYTES = 64 * 1024


def parse(graph: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The values of a graph's parameters, from their texts. Raises UserError for an unknown name and for a wrong value."""
    inputs = graphs.load(graph).component_spec.inputs
    if unknown := sorted(set(given) - set(inputs)):
        raise UserError(f"{graph} has no parameter {', '.join(unknown)}; it has {', '.join(sorted(inputs))}")
    return {name: _value(name, text, inputs[name].type) for name, text in given.items()}


def check(arguments: Mapping[str, Any]) -> None:
    """Raises UserError for parameters that cannot work on any cluster, as far as this can be checked locally."""
    kept = {"data": uri.BUCKETS, "checkpoints": uri.BUCKETS}
    for name, known in {**kept, **{flag.name: schemes(flag) for flag in places()}}.items():
        for place in filter(is_local, uri.data_sets(str(arguments.get(name, "")))):
            uri.require_known(_flag(name), place, known)
            if not place.startswith("/"):
                raise UserError(
                    f"{_flag(name)} {place}: pods cannot read folders of this machine; give gs:// or s3://BUCKET/FOLDER, "
                    "or the absolute path of a file on a volume that the pods mount (--data-volume)"
                )
    if not str(arguments["data"]).strip():
        raise UserError(
            "--data is empty; give gs:// or s3://BUCKET/FOLDER, or an absolute path on a volume that the pods mount "
            "(--data-volume)"
        )
    if (size := len(json.dumps(arguments, ensure_ascii=False).encode(errors="replace"))) > MOST_BYTES:
        longest = max(arguments, key=lambda name: len(str(arguments[name])))
        raise UserError(
            f"{_flag(longest)}: all parameters together have {size:,} bytes, and Kubeflow can pass {MOST_BYTES:,}; shorten it"
        )
    _refuse_secrets(arguments)
    grouping.pattern(arguments.get("group", ""), _flag("group"))
    _check_gpus(arguments)
    if wrong := training_nodes.wrong_labels(arguments.get("node_selector", {})):
        raise UserError(f"--set node_selector: {wrong}")
    if wrong := training_nodes.wrong_resource(given := arguments.get("gpu_type", "nvidia.com/gpu")):
        raise UserError(f"--set gpu_type={given}: {wrong}")
    check_text({_flag(name): value for name, value in arguments.items()}, PLACEHOLDERS)


def _refuse_secrets(arguments: Mapping[str, Any]) -> None:
    """Raises UserError for an address with a password or a signature."""
    for flag in places():
        place = str(arguments.get(flag.name, ""))
        if "://" in place and (clean := without_secrets(place)) != place:
            raise UserError(
                f"{_flag(flag.name)} {clean}: this address has a password or a query, and everybody who sees the run in Kubeflow "
                "could read it; put it whole into the key `urls` of the secret boxwright-bucket, and give it here as above"
            )


def _check_gpus(arguments: Mapping[str, Any]) -> None:
    gpus = int(arguments.get("gpu_count", 0))
    batch = arguments.get("batch_size", graph_flags.known()["batch_size"].default)
    if gpus > 1 and batch % gpus:
        even = gpus * -(-batch // gpus)
        text = f"{gpus} GPUs cannot share a batch of {batch} images evenly; add --set batch_size={even}"
        raise UserError(f"--set gpu_count={gpus}: {text}")


def with_fingerprint(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Adds a fingerprint of the versions in buckets and on the web, unless the user gave one. No content is read.

    KFP's cache knows only the paths. Without a fingerprint, it would not notice a changed file. Raises UserError if nothing
    exists at a URI. Prints a warning for a URI that only the cluster can read.
    """
    if "fingerprint" in arguments:
        return dict(arguments)
    try:
        found = versions(*(str(arguments.get(name, "")) for name in ("data", *(flag.name for flag in places()))))
    except (Unreachable, NotAllowed) as error:
        print(
            f"warning: {error}. Boxwright cannot check whether these files have changed. If they have, give a new --set "
            "fingerprint=TEXT",
            file=sys.stderr,
        )
        return dict(arguments)
    return {**arguments, **({"fingerprint": digests.of_json(found)} if found else {})}


def _flag(name: str) -> str:
    """The option on the command line that sets a parameter."""
    return "--data" if name == "data" else f"--set {name}"


def _value(name: str, text: str, kind: str) -> Any:
    value = text if kind == "String" else _parsed(name, text, kind)
    if wrong := graph_flags.known()[name].wrong(value):
        raise UserError(f"--set {name}={text}: {wrong}")
    return value


def _parsed(name: str, text: str, kind: str) -> Any:
    """The value of a parameter that is not text, parsed as JSON. kind: KFP's name of its type."""
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
