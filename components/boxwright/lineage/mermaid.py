"""The lineage as a Mermaid flowchart. GitHub, GitLab, VS Code and notebooks can draw it.

Tasks are boxes, artifacts are rounded. Each artifact shows the beginning of its digest.
"""

from collections.abc import Iterator, Mapping

from boxwright.lineage.graph import Direction, Graph
from boxwright.lineage.records import Task

DIGEST_LENGTH = 8
# Characters that a label may contain. Others become entities, because quotes, brackets and backticks are Mermaid syntax.
PLAIN = " _-.:,/="
STYLES = {
    "task": "fill:#dce8f2,stroke:#66727f,color:#1f2933",
    "cached": "fill:#eceff2,stroke:#66727f,color:#1f2933",
    "failed": "fill:#f6d5d5,stroke:#b91c1c,color:#1f2933",
    "artifact": "fill:#ffffff,stroke:#66727f,color:#1f2933",
    "selected": "fill:#c2410c,stroke:#c2410c,color:#ffffff",
    "upstream": "fill:#dbeafe,stroke:#1d4ed8,color:#1f2933",
    "downstream": "fill:#d1fae5,stroke:#047857,color:#1f2933",
}
LEGEND = "Orange: the selected artifact. Blue: what it was made from. Green: what was made from it."


def markdown(graph: Graph, selected: str = "", direction: Direction = "both") -> str:
    """The flowchart as a Markdown page. Arguments: see `flowchart`."""
    legend = f"\n{LEGEND}\n" if selected else ""
    return f"```mermaid\n{flowchart(graph, selected, direction)}```\n{legend}"


def flowchart(graph: Graph, selected: str = "", direction: Direction = "both") -> str:
    """The whole graph as Mermaid text. selected: an artifact whose lineage in this direction is coloured."""
    lines = [*_nodes(graph, _styles(graph, selected, direction)), *_edges(graph)]
    lines += [f"classDef {name} {style}" for name, style in STYLES.items()]
    return "\n".join(["flowchart LR", *(f"  {line}" for line in lines)]) + "\n"


def _styles(graph: Graph, selected: str, direction: Direction) -> dict[str, str]:
    """Style of each artifact in the selected lineage. Others get the style `artifact`."""
    if not selected:
        return {}
    up = graph.upstream([selected]) if direction != "down" else ()
    down = graph.downstream([selected]) if direction != "up" else ()
    return dict.fromkeys(up, "upstream") | dict.fromkeys(down, "downstream") | {selected: "selected"}


def _nodes(graph: Graph, styles: Mapping[str, str]) -> Iterator[str]:
    for number, (name, task) in enumerate(graph.tasks.items()):
        yield f'task{number}["{label(name)}<br>{_state(task)}"]:::{_task_style(task)}'
    for name, node in _artifact_nodes(graph).items():
        artifact = graph.artifacts.get(name)
        text = f"{label(name)}<br>{label(artifact.digest[:DIGEST_LENGTH])}" if artifact else label(name)
        yield f'{node}(["{text}"]):::{styles.get(name, "artifact")}'


def _edges(graph: Graph) -> Iterator[str]:
    """Edges from tasks to artifacts, and from artifacts to the tasks that read them. An edge shows the input's name if it differs
    from the output's."""
    nodes = _artifact_nodes(graph)
    for number, task in enumerate(graph.tasks):
        yield from (f"task{number} --> {nodes[made]}" for made in graph.outputs(task))
        for name, given in graph.inputs[task].items():
            named = "" if given.rpartition(".")[2] == name else f'|"{label(name)}"|'
            yield f"{nodes[given]} -->{named} task{number}"


def _artifact_nodes(graph: Graph) -> dict[str, str]:
    """Node of each artifact, by name, and of each input from outside the run, by path."""
    given = (name for inputs in graph.inputs.values() for name in inputs.values())
    return {name: f"artifact{number}" for number, name in enumerate(dict.fromkeys([*graph.artifacts, *given]))}


def _task_style(task: Task) -> str:
    return "failed" if task.error else "cached" if task.cached else "task"


def _state(task: Task) -> str:
    return "failed" if task.error else "kept from an earlier run" if task.cached else f"{task.seconds:.1f} s"


def label(text: str) -> str:
    """Text for a quoted Mermaid label. Characters with a meaning in Mermaid, Markdown or HTML are escaped."""
    return "".join(one if one.isalnum() or one in PLAIN else f"#{ord(one)};" for one in " ".join(text.split()))
