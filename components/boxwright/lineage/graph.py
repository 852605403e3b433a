"""The records of a run as a graph: what was made from what."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from boxwright.core.runtime.errors import UserError
from boxwright.lineage.records import Artifact, Task

SHORTEST_PREFIX = 4


@dataclass(frozen=True, kw_only=True)
class Graph:
    """tasks: by name, in the order they ran, a second one of a name as `train#2`; artifacts: by `task.output`;
    inputs: of each task, name in the component -> name of the artifact (its path where no task of the run made it)."""

    tasks: Mapping[str, Task]
    artifacts: Mapping[str, Artifact]
    inputs: Mapping[str, Mapping[str, str]]

    def outputs(self, task: str) -> list[str]:
        return [f"{task}.{output}" for output in self.tasks[task].outputs]

    def maker(self, artifact: str) -> str:
        """The task that made it; empty for what came from outside."""
        return artifact.rpartition(".")[0] if artifact in self.artifacts else ""

    def readers(self, artifact: str) -> list[str]:
        return [task for task, given in self.inputs.items() if artifact in given.values()]

    def sources(self, artifact: str) -> list[str]:
        """What it was made from."""
        return list(dict.fromkeys(self.inputs.get(self.maker(artifact), {}).values()))

    def products(self, artifact: str) -> list[str]:
        """What was made from it."""
        return [made for task in self.readers(artifact) for made in self.outputs(task)]

    def upstream(self, artifacts: Iterable[str]) -> set[str]:
        """All that these were made from, themselves left out."""
        return _closure(artifacts, self.sources)

    def downstream(self, artifacts: Iterable[str]) -> set[str]:
        """All that was made from these, themselves left out."""
        return _closure(artifacts, self.products)

    def ways(self, artifact: str, *, up: bool, down: bool) -> set[tuple[str, str]]:
        """The (artifact, task that reads it) pairs through which it came to be, and through which others came from it."""
        made = self.upstream([artifact]) | {artifact} if up else set()
        makers = {self.maker(name) for name in made} - {""}
        read = self.downstream([artifact]) | {artifact} if down else set()
        pairs = {(name, task) for task in makers for name in self.inputs[task].values()}
        return pairs | {(name, task) for name in read for task in self.readers(name)}


def _closure(start: Iterable[str], beside: Callable[[str], Iterable[str]]) -> set[str]:
    start = set(start)
    seen, todo = set(), list(start)
    while todo:
        new = set(beside(todo.pop())) - seen
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
    """The artifact that a name (`train.model`), a path or the beginning of a digest means; raises UserError unless it is one."""
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
        raise UserError(f"--artifact {what}: this is the digest of {' and of '.join(found)}; give one of these names")
    raise UserError(
        f"--artifact {what}: the run made nothing of this name, path or digest; it made {', '.join(graph.artifacts)}"
    )
