"""The lineage as text: the whole run, or what one artifact came from and what came of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from boxwright.lineage.graph import Graph
from boxwright.lineage.records import Artifact, Task


def tree(tasks: Sequence[Task], out: str) -> Tree:
    """A rich tree: tasks in the order they ran, below each what went in (and from which task) and what came out."""
    made_by = {artifact.path: f"{task.name}.{name}" for task in tasks for name, artifact in task.outputs.items()}
    root = Tree(f"[bold]{escape(out)}[/bold]")
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


def about(graph: Graph, name: str, direction: str) -> Tree:
    """One artifact: who made it and how, and below it what it came from, what came of it, or both."""
    artifact, task = graph.artifacts[name], graph.tasks[graph.maker(name)]
    root = Tree(f"[bold green]{escape(name)}[/bold green] {artifact.digest} [dim]{escape(artifact.path)}[/dim]")
    root.add(f"made by {headline(task)}" + (f" [dim]at {task.started}[/dim]" if task.started else ""))
    for line in made_with(task, artifact):
        root.add(f"[dim]{escape(line)}[/dim]")
    for way, title, none, beside in (
        ("up", "came from", "came from no other artifact", graph.sources),
        ("down", "went into", "went into nothing", graph.products),
    ):
        if direction in (way, "both"):
            branch = root.add(f"[bold]{title}[/bold]" if beside(name) else none)
            _grow(branch, graph, beside(name), beside, set())
    return root


def made_with(task: Task, artifact: Artifact) -> list[str]:
    """Image, code, seed and recipe as the artifact's metadata state them, and the parameters of its task."""
    keys = ("version", "source", "image", "seed", "recipe")
    stated = {key: artifact.metadata[key] for key in keys if key in artifact.metadata}
    return [line for line in (arguments(stated), arguments(task.parameters)) if line]


def _grow(branch: Tree, graph: Graph, names: Iterable[str], beside: Callable, seen: set[str]) -> None:
    """Adds artifacts and, for each the first time, what lies behind it."""
    for name in names:
        digest = graph.artifacts[name].digest if name in graph.artifacts else ""
        again = " [dim]see above[/dim]" if name in seen and beside(name) else ""
        twig = branch.add(f"[green]{escape(name)}[/green] {digest}{again}")
        if name not in seen:
            seen.add(name)
            _grow(twig, graph, beside(name), beside, seen)
