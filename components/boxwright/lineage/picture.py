"""The lineage as a picture: one SVG that needs nothing else, for any browser."""

from collections.abc import Set
from xml.etree import ElementTree as xml

from boxwright.lineage.graph import Graph
from boxwright.lineage.layout import HEAD, MARGIN, WIDTH, Box, Line, layout
from boxwright.lineage.text import arguments

LEGEND = 36
INK, QUIET, FRAME = "#1f2933", "#66727f", "#9aa5b1"
SELECTED, UP, DOWN, FADED = "#c2410c", "#1d4ed8", "#047857", "#d5dae0"
# Dark enough on white, and neighbours easy to tell apart.
LINES = (
    "#2f6690", "#b5651d", "#4d7c0f", "#8e4585", "#b91c1c", "#0f766e",
    "#6c5fc7", "#8a7322", "#be4b8a", "#475569", "#0284c7", "#7c4a1e",
)  # fmt: skip
# The (artifact, task that reads it) pairs whose lines stand out; None: all.
Lit = Set[tuple[str, str]] | None
HEADS = {"ran": "#dce8f2", "kept": "#eceff2", "failed": "#f6d5d5"}


def svg(graph: Graph, selected: str = "", direction: str = "both") -> str:
    """The whole graph; with `selected`, what it came from and what came of it stand out."""
    up, down = direction in ("up", "both"), direction in ("down", "both")
    lit = graph.ways(selected, up=up, down=down) if selected else None
    placed = layout(graph, lit)
    colours = palette(graph, selected, up, down)
    size = {"width": f"{placed.width:g}", "height": f"{placed.height + LEGEND:g}"}
    box = f"0 0 {size['width']} {size['height']}"
    fonts = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
    root = xml.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=box, **size, **{"font-family": fonts})
    xml.SubElement(root, "rect", size, fill="white")
    # What stands out is drawn last: nothing faded crosses it.
    for line in sorted(placed.lines, key=lambda line: line.lit):
        draw_line(root, line, colours[line.artifact] if line.lit else FADED)
    for name, where in placed.boxes.items():
        draw_task(root, graph, name, where, colours, lit)
    legend = [("what it came from", UP)] * up + [("what came of it", DOWN)] * down
    plain = [("each line is an artifact, on its way to the tasks that read it", QUIET)]
    draw_legend(root, [(selected, SELECTED), *legend] if selected else plain, placed.height + LEGEND / 2)
    xml.indent(root)
    return xml.tostring(root, encoding="unicode") + "\n"


def palette(graph: Graph, selected: str, up: bool, down: bool) -> dict[str, str]:
    """Colour of each artifact."""
    if not selected:
        read = [name for name in graph.artifacts if graph.readers(name)]
        return dict.fromkeys(graph.artifacts, QUIET) | {name: LINES[i % len(LINES)] for i, name in enumerate(read)}
    colours = dict.fromkeys(graph.artifacts, FADED)
    colours |= dict.fromkeys(graph.upstream([selected]), UP) if up else {}
    colours |= dict.fromkeys(graph.downstream([selected]), DOWN) if down else {}
    return colours | {selected: SELECTED}


def draw_line(root: xml.Element, line: Line, colour: str) -> None:
    width = "1.2" if colour == FADED else "1.8"
    group = xml.SubElement(
        root, "g", {"stroke": colour, "stroke-width": width, "stroke-linecap": "round", "fill": colour}
    )
    xml.SubElement(group, "title").text = line.artifact
    for x1, y1, x2, y2 in line.parts:
        xml.SubElement(group, "line", x1=f"{x1:g}", y1=f"{y1:g}", x2=f"{x2:g}", y2=f"{y2:g}")
    for x, y in line.ends:
        xml.SubElement(
            group, "path", {"d": f"M{x - 6:g} {y - 3.5:g} L{x:g} {y:g} L{x - 6:g} {y + 3.5:g} Z", "stroke": "none"}
        )


def draw_task(root: xml.Element, graph: Graph, name: str, box: Box, colours: dict[str, str], lit: Lit) -> None:
    task = graph.tasks[name]
    shown = any(colours[made] != FADED for made in graph.outputs(name)) or FADED not in colours.values()
    group = xml.SubElement(root, "g", {"opacity": "1" if shown else "0.45"})
    xml.SubElement(group, "title").text = f"{name}\n{arguments(task.parameters)}".strip()
    state = "failed" if task.error else "kept" if task.cached else "ran"
    size = {"x": f"{box.x:g}", "y": f"{box.y:g}", "width": f"{WIDTH}", "rx": "6"}
    for height, paint in (
        (box.height, {"fill": "white"}),
        (HEAD - 4, {"fill": HEADS[state]}),
        (box.height, {"fill": "none", "stroke": FRAME}),
    ):
        xml.SubElement(group, "rect", {**size, "height": f"{height:g}", **paint})
    write(group, box.x + 10, box.y + 19, name, size=13, weight="600")
    write(group, box.x + 10, box.y + 34, f"{task.seconds:.1f} s" if state == "ran" else state, colour=QUIET, size=10)
    draw_rows(group, graph, name, box, colours, lit)


def draw_rows(group: xml.Element, graph: Graph, name: str, box: Box, colours: dict[str, str], lit: Lit) -> None:
    left, right = box.x + 10, box.x + WIDTH - 10
    for key, y in box.inputs.items():
        given = graph.inputs[name][key]
        shines = lit is None or (given, name) in lit
        write(group, left, y + 4, key, colour=ink(colours.get(given, QUIET) if shines else FADED))
    for key, y in box.outputs.items():
        artifact = graph.tasks[name].outputs[key]
        text = write(group, right, y + 4, key, colour=ink(colours[f"{name}.{key}"]), anchor="end", weight="600")
        xml.SubElement(text, "title").text = f"{name}.{key}\n{artifact.digest}\n{artifact.path}"
        write(group, left, y + 4, artifact.digest[:8], colour=QUIET, size=10, family="ui-monospace, monospace")


def ink(colour: str) -> str:
    """What is faded as a line must still be read as a word."""
    return QUIET if colour == FADED else colour


def draw_legend(root: xml.Element, words: list[tuple[str, str]], y: float) -> None:
    x = MARGIN
    for word, colour in words:
        xml.SubElement(root, "rect", x=f"{x}", y=f"{y - 8:g}", width="10", height="10", rx="2", fill=colour)
        write(root, x + 16, y + 1, word, colour=INK)
        x += 40 + 7 * len(word)


def write(
    parent: xml.Element, x: float, y: float, text: str, *, colour: str = INK, size: float = 11, anchor: str = "start",
    weight: str = "400", family: str = "inherit",
) -> xml.Element:  # fmt: skip
    style = {
        "font-size": f"{size:g}",
        "text-anchor": anchor,
        "font-weight": weight,
        "font-family": family,
        "fill": colour,
    }
    element = xml.SubElement(parent, "text", {"x": f"{x:g}", "y": f"{y:g}", **style})
    element.text = text
    return element
