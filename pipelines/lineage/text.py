"""The lineage as text: the whole run, or what one artifact came from and what came of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from boxwright.pipelines.lineage.records import Task


def tree(tasks: Sequence[Task], out: Path) -> Tree:
    """A rich tree: tasks in the order they ran, below each what went in (and from which task) and what came out."""
    made_by = {artifact.path: f"{task.name}.{name}" for task in tasks for name, artifact in task.outputs.items()}
    root = Tree(f"[bold]{escape(str(out))}[/bold]")
    for task in tasks:
        branch = root.add(headline(task))
        if given := arguments(task.parameters):
            branch.add(f"[dim]{escape(given)}[/dim]")
        for name, path in task.inputs.items():
            branch.add(f"← {escape(name)} [dim]from {escape(made_by.get(path, path))}[/dim]")
        for name, artifact in task.outputs.items():
            branch.add(f"→ [green]{escape(name)}[/green] {artifact.digest} [dim]{escape(artifact.path)}[/dim]")
        if task.error:
            branch.add(f"[red]{escape(task.error)}[/red]")
    return root


def headline(task: Task) -> str:
    how = ", kept from an earlier run" if task.cached else ", failed" if task.error else ""
    return f"[bold]{escape(task.name)}[/bold] [dim]{task.seconds:.1f} s{how}[/dim]"


def arguments(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in parameters.items() if value not in ("", None))
