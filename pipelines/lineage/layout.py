"""Where the boxes and lines of the picture lie: tasks in columns by what they depend on, artifacts as right-angled lines.

Every artifact has a vertical track of its own in each gap that it crosses, and a lane of its own above the boxes where it
passes over columns: lines cross, but never lie on each other. Outputs lie half a row lower than inputs for the same reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from boxwright.pipelines.lineage.graph import Graph

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
    """An artifact on its way to its readers. parts: straight pieces (x1, y1, x2, y2); ends: where it arrives; corners: dots."""

    artifact: str
    parts: tuple[tuple[float, float, float, float], ...]
    ends: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    width: float
    height: float
    boxes: Mapping[str, Box]
    lines: tuple[Line, ...]


def layout(graph: Graph) -> Layout:
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
    lines = tuple(_line(graph, name, column, boxes, track, lane.get(name)) for name in nets)
    height = max((box.y + box.height for box in boxes.values()), default=0) + MARGIN
    return Layout(width=lefts[-1] + WIDTH + MARGIN, height=height, boxes=boxes, lines=lines)


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


def _line(
    graph: Graph, name: str, column: Mapping, boxes: Mapping[str, Box], track: Mapping, lane: float | None
) -> Line:
    maker = graph.maker(name)
    start, y = boxes[maker].x + WIDTH, boxes[maker].outputs[name.removeprefix(f"{maker}.")]
    ends = {gap: [] for gap in range(len(column))}
    for task in graph.readers(name):
        rows = [boxes[task].inputs[key] for key, given in graph.inputs[task].items() if given == name]
        ends[column[task] - 1] += [(boxes[task].x, row) for row in rows]
    home = column[maker]
    parts = [(start, y, track[name, home], y)]
    for gap, arriving in ends.items():
        if not arriving and gap != home:
            continue
        x = track[name, gap]
        levels = [row for _, row in arriving]
        levels += [y] if gap == home else []
        levels += [lane] if lane is not None else []
        parts.append((x, min(levels), x, max(levels)))
        parts += [(x, row, left, row) for left, row in arriving]
    if lane is not None:
        parts.append(
            (track[name, home], lane, max(track[name, gap] for gap, arriving in ends.items() if arriving), lane)
        )
    return Line(artifact=name, parts=tuple(parts), ends=tuple(end for arriving in ends.values() for end in arriving))
