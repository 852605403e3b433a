"""Writes the pipelines as YAML for a Kubeflow cluster: upload one in the KFP UI, then *Create run*.

Images are named by version and content; BOXWRIGHT_REGISTRY puts a registry before the names.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from boxwright import graphs
from boxwright.cluster import compiled
from boxwright.core.runtime import environments, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import uri

Graph = Literal["finetune", "diagnose"]
GRAPHS = get_args(Graph)
TRAINING = "exec-train"


@dataclass(frozen=True, kw_only=True)
class Config:
    out: Path = Path("build")
    """Folder for one file a pipeline."""
    graph: tuple[Graph, ...] = field(default_factory=lambda: GRAPHS)
    """Pipelines to write."""
    gpu: bool = False
    """The training's image for GPUs, and one GPU by default."""


def main(argv: list[str]) -> None:
    import tyro

    config = tyro.cli(Config, args=argv, prog="boxwright compile", description=__doc__)
    uri.require_known("--out", config.out, schemes=())
    for name in some(config.graph):
        file = compile_to(config.out, name, config.gpu)
        print(f"wrote {file}, which names {', '.join(compiled.images(file))}")


def some(graphs: tuple[Graph, ...]) -> tuple[Graph, ...]:
    """What --graph names; raises UserError where that is nothing, as of an empty variable of a shell."""
    if not graphs:
        raise UserError(f"--graph names no pipeline; give {' or '.join(GRAPHS)}, or leave it out for all")
    return graphs


def compile_to(folder: Path, name: str, gpu: bool = False) -> Path:
    """Compiles one graph; returns FOLDER/NAME.yaml. Raises UserError when that cannot be written."""
    from kfp.compiler import Compiler

    file, graph = folder / f"{name}.yaml", graphs.load(name)
    with tempfile.TemporaryDirectory() as aside:
        made = Path(aside) / file.name
        if gpu and TRAINING in graph.pipeline_spec.deployment_spec["executors"]:
            with image_for_gpus(graph):
                Compiler().compile(graph, str(made), pipeline_parameters={"gpu_count": "1"})
        else:
            Compiler().compile(graph, str(made))
        text_files.write(file, made.read_text(encoding="utf-8"))
    return file


@contextlib.contextmanager
def image_for_gpus(graph) -> Iterator[None]:
    """Only the training pulls the large image: the other steps of its environment do well without a GPU."""
    container = graph.pipeline_spec.deployment_spec["executors"][TRAINING]["container"]
    before = container["image"]
    container["image"] = environments.image("train", "gpu")
    try:
        yield
    finally:
        container["image"] = before
