"""The lineage graph of a run, built from its records."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from boxwright.core.runtime.errors import UserError
from boxwright.lineage.records import Artifact, Task

Direction = Literal["up", "down", "both"]

SHORTEST_PREFIX = 4


@dataclass(frozen=True, kw_only=True)
class Graph:
    """The inputs and outputs of a run's tasks.

    tasks: by name, in the order they ran. A second task of the same name is `train#2`.
    artifacts: by `task.output`.
    inputs: for each task, the input's name in the component -> the artifact's name. If no task of the run made the input, its
    path is used as its name.
    """

    tasks: Mapping[str, Task]
    artifacts: Mapping[str, Artifact]
    inputs: Mapping[str, Mapping[str, str]]

    def outputs(self, task: str) -> list[str]:
        return [f"{task}.{output}" for output in self.tasks[task].outputs]

    def maker(self, artifact: str) -> str:
        """The task that made the artifact. Empty for an input from outside the run."""
        return artifact.rpartition(".")[0] if artifact in self.artifacts else ""

    def readers(self, artifact: str) -> list[str]:
        return [task for task, given in self.inputs.items() if artifact in given.values()]

    def sources(self, artifact: str) -> list[str]:
        """The artifacts that this one was made from."""
        return list(dict.fromkeys(self.inputs.get(self.maker(artifact), {}).values()))

    def products(self, artifact: str) -> list[str]:
        """The artifacts that were made from this one."""
        return [made for task in self.readers(artifact) for made in self.outputs(task)]

    def upstream(self, artifacts: Iterable[str]) -> set[str]:
        """All artifacts that these were made from, directly or indirectly, without themselves."""
        return _closure(artifacts, self.sources)

    def downstream(self, artifacts: Iterable[str]) -> set[str]:
        """All artifacts that were made from these, directly or indirectly, without themselves."""
        return _closure(artifacts, self.products)


def _closure(start: Iterable[str], neighbours: Callable[[str], Iterable[str]]) -> set[str]:
    start = set(start)
    seen: set[str] = set()
    todo = list(start)
    while todo:
        new = set(neighbours(todo.pop())) - seen
        seen |= new
        todo += new
    return seen - start


def build(tasks: Sequence[Task]) -> Graph:
    named = dict(zip(_unique(task.name for task in tasks), tasks, strict=True))
    artifacts = {f"{name}.{output}": a for name, task in named.items() for output, a in task.outputs.items()}
    at = {artifact.path: name for name, artifact in artifacts.items()}
    inputs = {name: {key: at.get(path, path) for key, path in task.inputs.items()} for name, task in named.items()}
    return Graph(tasks=named, artifacts=artifacts, inputs=inputs)


def _unique(names: Iterable[str]) -> list[str]:
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return unique


def find(graph: Graph, what: str, out: Path) -> str:
    """The artifact with this name (`train.model`), path, or beginning of a digest. Raises UserError unless exactly one fits."""
    if what in graph.artifacts:
        return what
    path = Path(what).expanduser().resolve()
    found = [
        name
        for name, artifact in graph.artifacts.items()
        if artifact.path == what.rstrip("/")
        or (out / artifact.path).resolve() == path
        or (len(what) >= SHORTEST_PREFIX and artifact.digest.startswith(what))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"--artifact {what}: {' and '.join(found)} have this digest; give one of these names")
    raise UserError(
        f"--artifact {what}: no artifact of the run has this name, path or digest; it has {', '.join(graph.artifacts)}"
    )
