"""Where the boxes and lines of the picture lie: tasks in columns by what they depend on, artifacts as right-angled lines.

Every artifact has a vertical track of its own in each gap that it crosses, and a lane of its own above the boxes where it
passes over columns: lines cross, but never lie on each other. Outputs lie half a row lower than inputs for the same reason.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from boxwright.lineage.graph import Graph

WIDTH, ROW, HEAD = 168, 18, 46  # of a box, of a row in it, of its headline
TRACK, LANE, MARGIN = 9, 9, 24
BETWEEN = 2 * ROW


@dataclass(frozen=True, kw_only=True)
class Box:
    """A task. inputs and outputs: name -> y of its row; inputs in the order in which they were made."""

    x: float
    y: float
    height: float
    inputs: Mapping[str, float]
    outputs: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Line:
    """An artifact on its way to its readers. parts: straight pieces (x1, y1, x2, y2); ends: where it arrives; lit: stands out."""

    artifact: str
    lit: bool
    parts: tuple[tuple[float, float, float, float], ...]
    ends: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    width: float
    height: float
    boxes: Mapping[str, Box]
    lines: tuple[Line, ...]


def layout(graph: Graph, lit: Set[tuple[str, str]] | None = None) -> Layout:
    """lit: the (artifact, reader) pairs whose lines stand out; None: all."""
    column = columns(graph)
    nets = {name: sorted({column[task] for task in graph.readers(name)}) for name in graph.artifacts}
    nets = {name: to for name, to in nets.items() if to}
    flying = [name for name, to in nets.items() if to[-1] > column[graph.maker(name)] + 1]
    top = MARGIN + LANE * len(flying) + ROW
    tracks = _tracks(graph, nets, column)
    lefts = _lefts(tracks, max(column.values(), default=0))
    boxes = _boxes(graph, column, lefts, top)
    lane = {name: top - ROW - LANE * (len(flying) - 1 - index) for index, name in enumerate(flying)}
    track = {
        key: lefts[gap] + WIDTH + MARGIN / 2 + TRACK * (index + 0.5)
        for gap, keys in tracks.items()
        for index, key in enumerate(keys)
    }
    lines = []
    for name in nets:
        readers = graph.readers(name)
        shining = [task for task in readers if lit is None or (name, task) in lit]
        for some, shines in ((readers, False), (shining, True)):
            if some and (shines or shining != readers):
                ends = _ends(graph, name, some, column, boxes)
                lines.append(_line(graph, name, ends, column, boxes, track, lane.get(name), shines))
    height = max((box.y + box.height for box in boxes.values()), default=0) + MARGIN
    return Layout(width=lefts[-1] + WIDTH + MARGIN, height=height, boxes=boxes, lines=tuple(lines))


def columns(graph: Graph) -> dict[str, int]:
    """A task stands one column to the right of the last task that it reads from."""
    column: dict[str, int] = {}
    for task, given in graph.inputs.items():
        makers = [graph.maker(name) for name in given.values()]
        column[task] = 1 + max((column[maker] for maker in makers if maker in column), default=-1)
    return column


def _tracks(graph: Graph, nets: Mapping[str, list[int]], column: Mapping[str, int]) -> dict[int, list[tuple[str, int]]]:
    """The (artifact, gap) pairs of each gap from left to right, gap 0 right of column 0: lines that begin there, then those
    that come down there, the latest made first. In this order the lanes nest, and hardly a line crosses another."""
    home = {name: column[graph.maker(name)] for name in nets}
    gaps = {gap: [(name, gap) for name in nets if home[name] == gap] for gap in range(max(column.values(), default=0))}
    for name in reversed(nets):
        for reader in nets[name]:
            if reader - 1 != home[name]:
                gaps[reader - 1].append((name, reader - 1))
    return gaps


def _lefts(tracks: Mapping[int, list], last: int) -> list[float]:
    lefts = [float(MARGIN)]
    for gap in range(last):
        lefts.append(lefts[-1] + WIDTH + MARGIN + TRACK * len(tracks[gap]))
    return lefts


def _boxes(graph: Graph, column: Mapping[str, int], lefts: list[float], top: float) -> dict[str, Box]:
    free = {index: top for index in set(column.values())}
    boxes = {}
    for name, task in graph.tasks.items():
        y = free[column[name]]
        inputs = {key: y + HEAD + ROW * (i + 0.5) for i, key in enumerate(_in_order(graph, name))}
        first = y + HEAD + ROW * len(inputs)
        outputs = {key: first + ROW * (i + 1) for i, key in enumerate(task.outputs)}
        height = HEAD + ROW * (len(inputs) + len(outputs) + 1)
        boxes[name] = Box(x=lefts[column[name]], y=y, height=height, inputs=inputs, outputs=outputs)
        free[column[name]] = y + height + BETWEEN
    return boxes


def _in_order(graph: Graph, task: str) -> list[str]:
    made = {name: index for index, name in enumerate(graph.artifacts)}
    return sorted(graph.inputs[task], key=lambda key: made.get(graph.inputs[task][key], -1))


def _ends(graph: Graph, name: str, readers: list[str], column: Mapping[str, int], boxes: Mapping[str, Box]) -> dict:
    """Gap -> where the artifact arrives right of it."""
    ends: dict[int, list[tuple[float, float]]] = {}
    for task in readers:
        rows = [boxes[task].inputs[key] for key, given in graph.inputs[task].items() if given == name]
        ends.setdefault(column[task] - 1, []).extend((boxes[task].x, row) for row in rows)
    return ends


def _line(
    graph: Graph, name: str, ends: Mapping[int, list], column: Mapping[str, int], boxes: Mapping[str, Box],
    track: Mapping[tuple[str, int], float], lane: float | None, lit: bool,
) -> Line:  # fmt: skip
    maker = graph.maker(name)
    home, box = column[maker], boxes[maker]
    y = box.outputs[name.removeprefix(f"{maker}.")]
    over = {gap: track[name, gap] for gap in ends if gap != home}
    parts = [(box.x + WIDTH, y, track[name, home], y)]
    for gap in {home, *ends}:
        x, rows = track[name, gap], [row for _, row in ends.get(gap, [])]
        levels = rows + [y] * (gap == home) + [lane] * bool(over)
        parts += [(x, min(levels), x, max(levels)), *((x, row, left, row) for left, row in ends.get(gap, []))]
    if over:
        parts.append((track[name, home], lane, max(over.values()), lane))
    return Line(artifact=name, lit=lit, parts=tuple(parts), ends=tuple(end for some in ends.values() for end in some))
