"""The flags of a local run of a graph, read from the graph's file and the steps' configs: without kfp, in any Python."""

import ast
import functools
import importlib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, replace
from typing import Literal

from boxwright import graphs, training_nodes
from boxwright.core.runtime.environments import STEPS
from boxwright.core.runtime.flags import Flag, Input, Output, flags

# Parameters without a flag: those that only a cluster needs, and the fingerprint, which is computed.
NOT_HERE = ("gpu_type", "gpu_count", "node_selector", "checkpoints", "fingerprint")
# Flags of the step `examine` that `boxwright diagnose --data` has: it examines a detector after the diagnosis.
_DETECTOR = ("detector", "labels", "image_ids", "fed", "threads")
# Text of --out by graph, and its default; MISSING: it must be given.
_OUT = {
    "finetune": ("Folder for all files of the run. To resume a run, give the same folder.", MISSING),
    "diagnose": (
        "Folder for the page, the recipe, and all artifacts. With the same folder, finished steps are kept.",
        "diagnosis",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """The flags of a local run that no step has."""

    out: str
    """With gs://BUCKET/FOLDER or s3://BUCKET/FOLDER, the run works in the cache, and publishes report, summary, logs and
    artifacts when it ends. A failed run is published in its subfolder `failed`."""
    engine: Literal["host", "docker"] = "host"
    """Where the steps run: in the environments of this checkout, or in the images from `make images`."""


@functools.cache
def known() -> Mapping[str, Flag]:
    """Every flag that a graph may name: of training's nodes and of the steps. If steps share one, the first defines it."""
    configs = [training_nodes.Config, *(importlib.import_module(f"boxwright.{step}.config").Config for step in STEPS)]
    found: dict[str, Flag] = {}
    for flag in (flag for config in configs for flag in flags(config)):
        if not flag.mark(Output) and not (flag.mark(Input) and flag.mark(Input).kfp):
            found.setdefault(flag.name, flag)
    return found


def of_graph(name: graphs.Name) -> list[Flag]:
    """The parameters of a graph that have a flag."""
    tree = ast.parse((graphs.folder() / f"{name}.py").read_text(encoding="utf-8"))
    graph = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    return [known()[parameter.arg] for parameter in graph.args.args if parameter.arg not in NOT_HERE]


def of_run(name: graphs.Name) -> list[Flag]:
    """The flags of `boxwright run` (graph finetune) or `boxwright diagnose --data`."""
    out, engine = flags(Place)
    text, default = _OUT[name]
    return [*of_graph(name), *of_detector(name), replace(out, text=f"{text} {out.text}", default=default), engine]


def of_detector(name: graphs.Name) -> list[Flag]:
    """The flags about a detector that `boxwright diagnose --data` examines. `run` has none."""
    if name != "diagnose":
        return []
    found = [known()[flag] for flag in _DETECTOR]
    return [replace(flag, default="") if flag.default is MISSING else flag for flag in found]
