"""The lineage as text: the whole run, or one artifact with what it was made from and what was made from it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from boxwright.lineage.graph import Direction, Graph
from boxwright.lineage.records import Task

# Levels of a tree: the longest way through a pipeline has 8 artifacts, and a line of 80 characters has room for 18 levels.
_LEVELS = 15


def run_tree(tasks: Sequence[Task], out: str) -> Tree:
    """A tree of the tasks in the order they ran. Below each: its inputs with the tasks that made them, and its outputs."""
    made_by = {artifact.path: f"{task.name}.{name}" for task in tasks for name, artifact in task.outputs.items()}
    root = Tree(f"[bold]{escape(out)}[/bold]")
    for task in tasks:
        branch = root.add(headline(task))
        if given := arguments(task.parameters):
            branch.add(f"[dim]{escape(given)}[/dim]")
        for name, path in task.inputs.items():
            branch.add(f"← {escape(name)} [dim]from {escape(made_by.get(path, path))}[/dim]")
        for name, artifact in task.outputs.items():
            branch.add(f"→ [green]{escape(name)}[/green] {escape(artifact.digest)} [dim]{escape(artifact.path)}[/dim]")
        if task.error:
            branch.add(f"[red]{escape(task.error)}[/red]")
    return root


def headline(task: Task) -> str:
    how = ", kept from an earlier run" if task.cached else ", failed" if task.error else ""
    return f"[bold]{escape(task.name)}[/bold] [dim]{task.seconds:.1f} s{how}[/dim]"


def arguments(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in parameters.items() if value not in ("", None))


def artifact_tree(graph: Graph, name: str, direction: Direction) -> Tree:
    """A tree of one artifact and how it was made. Below it: what it was made from, what was made from it, or both."""
    artifact, task = graph.artifacts[name], graph.tasks[graph.maker(name)]
    root = Tree(f"[bold green]{escape(name)}[/bold green] {escape(artifact.digest)} [dim]{escape(artifact.path)}[/dim]")
    root.add(f"made by {headline(task)}" + (f" [dim]at {escape(task.started)}[/dim]" if task.started else ""))
    for line in made_with(task):
        root.add(f"[dim]{escape(line)}[/dim]")
    for way, title, none, neighbours in (
        ("up", "made from", "made from no other artifact", graph.sources),
        ("down", "used for", "used for nothing", graph.products),
    ):
        if direction in (way, "both"):
            branch = root.add(f"[bold]{title}[/bold]" if neighbours(name) else none)
            _grow(branch, graph, neighbours(name), neighbours, set(), _LEVELS)
    return root


def made_with(task: Task) -> list[str]:
    """Up to two lines: image, code, seed and recipe from the metadata of the task's outputs, and its parameters."""
    keys = ("version", "source", "image", "seed", "recipe")
    stated = {key: task.origin[key] for key in keys if key in task.origin}
    return [line for line in (arguments(stated), arguments(task.parameters)) if line]


def _grow(
    branch: Tree,
    graph: Graph,
    names: Sequence[str],
    neighbours: Callable[[str], list[str]],
    seen: set[str],
    levels: int,
) -> None:
    """Adds these artifacts and, recursively, their neighbours. An artifact that was shown before is not expanded again.

    levels: of the tree that may be added; what lies deeper is left out.
    """
    if names and not levels:
        branch.add("[dim]and more[/dim]")
        return
    for name in names:
        digest = graph.artifacts[name].digest if name in graph.artifacts else ""
        again = " [dim]see above[/dim]" if name in seen and neighbours(name) else ""
        twig = branch.add(f"[green]{escape(name)}[/green] {escape(digest)}{again}")
        if name not in seen:
            seen.add(name)
            _grow(twig, graph, neighbours(name), neighbours, seen, levels - 1)
