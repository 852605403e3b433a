"""Prints what came from what in a run: each task, what went in, and each artifact it made with its digest."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from boxwright.core import digests
from boxwright.core.errors import UserError

FILE = "lineage.json"


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """path: relative to the run's folder; digest: of the content; metadata: what the step said about it."""

    path: str
    digest: str
    metadata: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task of a run. seconds: from start to end of its process; of a cached task, what the step itself took when it ran;
    inputs: artifact name in the component -> path; outputs: artifact name -> Artifact."""

    name: str
    cached: bool
    seconds: float
    parameters: dict[str, Any]
    inputs: dict[str, str]
    outputs: dict[str, Artifact]


@dataclass(frozen=True, kw_only=True)
class Config:
    run: Path
    """Folder that `boxwright run --out` wrote."""


def main(argv: list[str]) -> None:
    import tyro
    from rich.console import Console

    if argv and not argv[0].startswith("-"):
        argv = ["--run", *argv]
    config = tyro.cli(Config, args=argv, prog="boxwright lineage", description=__doc__)
    Console().print(tree(read(config.run), config.run))


def task(name: str, call: Mapping[str, Any], outputs: Mapping[str, Any], seconds: float | None, out: Path) -> Task:
    """The record of a task from kfp's own arguments of `execute_single_task` and its outputs; seconds None: cached."""
    from kfp import dsl
    from kfp.local.orchestrator.orchestrator_utils import OrchestratorUtils

    given = OrchestratorUtils.make_task_arguments(call["task_spec"].inputs, call["io_store"])
    made = {key: value for key, value in outputs.items() if isinstance(value, dsl.Artifact)}
    before = [artifact.metadata["seconds"] for artifact in made.values() if "seconds" in artifact.metadata]
    return Task(
        name=name,
        cached=seconds is None,
        seconds=(before or [0.0])[0] if seconds is None else seconds,
        parameters={key: value for key, value in given.items() if not isinstance(value, dsl.Artifact)},
        inputs={key: relative(value.uri, out) for key, value in given.items() if isinstance(value, dsl.Artifact)},
        outputs={key: _artifact(value, out) for key, value in made.items()},
    )


def _artifact(artifact: Any, out: Path) -> Artifact:
    digest = artifact.metadata.get("digest") or digests.of_path(Path(artifact.uri))
    return Artifact(path=relative(artifact.uri, out), digest=digest, metadata=dict(artifact.metadata))


def relative(uri: str, out: Path) -> str:
    path = Path(uri)
    return str(path.relative_to(out)) if path.is_relative_to(out) else uri


def write(tasks: Sequence[Task], out: Path) -> None:
    (out / FILE).write_text(json.dumps({"tasks": [asdict(t) for t in tasks]}, indent=2) + "\n")


def read(out: Path) -> list[Task]:
    if not (out / FILE).is_file():
        raise UserError(f"{out} is not the folder of a run: it has no {FILE}; give the --out of a `boxwright run`")
    records = json.loads((out / FILE).read_text())["tasks"]
    return [Task(**r | {"outputs": {key: Artifact(**a) for key, a in r["outputs"].items()}}) for r in records]


def tree(tasks: Sequence[Task], out: Path) -> Any:
    """A rich tree: tasks in the order they ran, below each what went in (and from which task) and what came out."""
    from rich.tree import Tree

    made_by = {artifact.path: f"{task.name}.{name}" for task in tasks for name, artifact in task.outputs.items()}
    root = Tree(f"[bold]{out}[/bold]")
    for task in tasks:
        kept = ", kept from an earlier run" if task.cached else ""
        branch = root.add(f"[bold]{task.name}[/bold] [dim]{task.seconds:.1f} s{kept}[/dim]")
        given = [f"{key}={value}" for key, value in task.parameters.items() if value not in ("", None)]
        if given:
            branch.add(f"[dim]{', '.join(given)}[/dim]")
        for name, path in task.inputs.items():
            branch.add(f"← {name} [dim]from {made_by.get(path, path)}[/dim]")
        for name, artifact in task.outputs.items():
            branch.add(f"→ [green]{name}[/green] {artifact.digest} [dim]{artifact.path}[/dim]")
    return root
