"""Writes the pipelines as YAML for a Kubeflow cluster. Upload one in the KFP UI, then choose *Create run*.

The names of the images contain version and content digest. BOXWRIGHT_REGISTRY sets the registry.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from kfp import dsl

from boxwright import graphs
from boxwright.cluster import compiled, data_volume, resources
from boxwright.cluster.data_volume import DataVolume
from boxwright.core.runtime import console, environments, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import uri
from boxwright.kfp import component_yaml

TRAINING = "exec-train"
TRAINING_COMPONENT = "comp-train"
# How kfp's compiler begins its files.
COMPILED = b"# PIPELINE DEFINITION"


@dataclass(frozen=True, kw_only=True)
class Config(data_volume.Mounted):
    out: Path = Path("build")
    """Folder for the files, one per pipeline."""
    graph: tuple[graphs.Name, ...] = field(default_factory=lambda: graphs.NAMES)
    """Pipelines to compile."""
    gpu: bool = False
    """Training runs in the image for GPUs, with one GPU by default."""
    workspace: bool = False
    """Each run gets a volume of its own (KFP's workspace), on which training keeps its state. With it, KFP's cache never has a
    training. The parameter `checkpoints` needs no volume, and should be preferred."""
    storage_class: str = ""
    """Storage class of that volume. KFP 2.15 and 2.16 need one, unless the server is configured with one."""
    components: bool = False
    """Also write each step as OUT/components/STEP/component.yaml, for pipelines that are written without Boxwright."""


def main(argv: list[str]) -> None:
    config = console.parse(Config, argv, "boxwright compile", __doc__)
    uri.require_known("--out", config.out, schemes=())
    if config.storage_class and not config.workspace:
        raise UserError("--storage-class is that of the workspace's volume; add --workspace, or leave it out")
    volume = data_volume.parse(config.data_volume)
    for name in require_graphs(config.graph):
        file = compile_to(config.out, name, config.gpu, workspace_of(config), volume)
        print(f"wrote {file} with the images {', '.join(compiled.images(file))}")
    if config.components:
        folder = write_components(config.out / "components", config.gpu)
        print(f"wrote {len(environments.STEPS)} components, {folder}/STEP/{component_yaml.FILE}")


def write_components(folder: Path, gpu: bool = False) -> Path:
    """Writes FOLDER/STEP/component.yaml for each step, and returns FOLDER. gpu: train's has the image for GPUs.

    Raises UserError if one cannot be written, or would replace another file.
    """
    for step in environments.STEPS:
        file = folder / step / component_yaml.FILE
        require_replaceable(file)
        text_files.write(file, component_yaml.text(step, "gpu" if gpu and step == "train" else ""))
    return folder


def require_graphs(named: tuple[graphs.Name, ...]) -> tuple[graphs.Name, ...]:
    """The value of --graph. Raises UserError if it is empty, for example because of an empty shell variable."""
    if not named:
        raise UserError(f"--graph names no pipeline; give {' or '.join(graphs.NAMES)}, or leave it out for all")
    return named


def workspace_of(config: Config) -> dsl.WorkspaceConfig | None:
    return resources.workspace(config.storage_class) if config.workspace else None


def compile_to(
    folder: Path,
    name: str,
    gpu: bool = False,
    workspace: dsl.WorkspaceConfig | None = None,
    volume: DataVolume | None = None,
) -> Path:
    """Compiles one graph to FOLDER/NAME.yaml and returns that path. Raises UserError if it cannot be written.

    workspace: a volume for each run, in a graph that trains. volume: a volume with data, for the steps that read them.
    """
    from kfp.compiler import Compiler

    file, graph = folder / f"{name}.yaml", graphs.build(name) if workspace or volume else graphs.load(name)
    require_replaceable(file)
    if workspace and TRAINING in graph.pipeline_spec.deployment_spec["executors"]:
        graph = with_workspace(graph, workspace)
    if volume:
        graph = data_volume.mount(graph, volume)
    with tempfile.TemporaryDirectory() as aside:
        made = Path(aside) / file.name
        if gpu and TRAINING in graph.pipeline_spec.deployment_spec["executors"]:
            with image_for_gpus(graph):
                Compiler().compile(graph, str(made), pipeline_parameters={"gpu_count": "1"})
        else:
            Compiler().compile(graph, str(made))
        text_files.write(file, made.read_text(encoding="utf-8"))
    return file


def require_replaceable(file: Path) -> None:
    """Raises UserError for a file that is no compiled pipeline: --out names only its folder."""
    if file.is_file():
        with file.open("rb") as existing:
            start = existing.read(len(COMPILED))
        if start != COMPILED:
            raise UserError(
                f"{file} exists and is not a compiled pipeline; choose another --out, or move the file away"
            )


def with_workspace(graph: Any, workspace: dsl.WorkspaceConfig) -> Any:
    """The graph (kfp's GraphComponent), changed: each run gets the volume, and training keeps its state on it."""
    config = {"pipelineConfig": {"workspace": workspace.get_workspace()}}
    json_format.ParseDict(config, graph.platform_spec.platforms["kubernetes"])
    for component in graph.pipeline_spec.components.values():
        for task in component.dag.tasks.values():
            if task.component_ref.name == TRAINING_COMPONENT:
                value = task.inputs.parameters["workspace"].runtime_value
                value.constant.string_value = dsl.WORKSPACE_PATH_PLACEHOLDER
    return graph


@contextlib.contextmanager
def image_for_gpus(graph: Any) -> Iterator[None]:
    """Lets the graph (kfp's GraphComponent) train in the GPU image. The other steps need no GPU and no large image."""
    container = graph.pipeline_spec.deployment_spec["executors"][TRAINING]["container"]
    before = container["image"]
    container["image"] = environments.image("train", "gpu")
    try:
        yield
    finally:
        container["image"] = before
