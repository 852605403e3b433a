# environment: authoring
"""The lineage as a Mermaid flowchart: its text, its structure, and names that contain Mermaid syntax."""

import re

import pytest

from boxwright.lineage import graph, mermaid
from boxwright.lineage.records import Artifact, Task

NODE = re.compile(r'  (\w+)(\["|\(\[")([^"\n]*)("\]|"\]\)):::(\w+)')
EDGE = re.compile(r'  (\w+) -->(?:\|"([^"\n]*)"\|)? (\w+)')
STYLE = re.compile(r"  classDef \w+ \S+")


def task(name: str, inputs: dict[str, str], outputs: dict[str, str], cached: bool = False, error: str = "") -> Task:
    """inputs: name -> path. outputs: name -> digest."""
    made = {key: Artifact(path=f"{name}/{key}", digest=digest, metadata={}) for key, digest in outputs.items()}
    return Task(
        name=name, inputs=inputs, outputs=made, cached=cached, error=error, seconds=2.5, parameters={"any": '`"thing`'}
    )


# a -> b -> d and a -> c -> d. Nothing reads c.page.
TASKS = [
    task("a", {}, {"x": "aaaa11112222"}),
    task("b", {"x": "a/x"}, {"y": "bbbb11112222"}, cached=True),
    task("c", {"x": "a/x"}, {"y": "cccc11112222", "page": "dddd11112222"}),
    task("d", {"one": "b/y", "two": "c/y", "map": "outside/map.pbtxt"}, {}, error="no spoon"),
]

GOLDEN = """\
flowchart LR
  task0["a<br>2.5 s"]:::task
  task1["b<br>kept from an earlier run"]:::cached
  task2["c<br>2.5 s"]:::task
  task3["d<br>failed"]:::failed
  artifact0(["a.x<br>aaaa1111"]):::upstream
  artifact1(["b.y<br>bbbb1111"]):::artifact
  artifact2(["c.y<br>cccc1111"]):::artifact
  artifact3(["c.page<br>dddd1111"]):::selected
  artifact4(["outside/map.pbtxt"]):::artifact
  task0 --> artifact0
  task1 --> artifact1
  artifact0 --> task1
  task2 --> artifact2
  task2 --> artifact3
  artifact0 --> task2
  artifact1 -->|"one"| task3
  artifact2 -->|"two"| task3
  artifact4 -->|"map"| task3
"""


def parsed(text: str) -> tuple[dict[str, tuple[str, str]], list[tuple[str, str, str]]]:
    """Node -> (its label, unescaped; its style), and (from, label, to) of the edges. Fails on a line of any other form."""
    first, *lines = text.splitlines()
    assert first == "flowchart LR"
    nodes, edges = {}, []
    for line in lines:
        if node := NODE.fullmatch(line):
            assert (node[2], node[4]) in (('["', '"]'), ('(["', '"])'))
            nodes[node[1]] = unescaped(node[3]), node[5]
        elif edge := EDGE.fullmatch(line):
            edges.append((edge[1], unescaped(edge[2] or ""), edge[3]))
        else:
            assert STYLE.fullmatch(line), line
    assert {end for start, _, stop in edges for end in (start, stop)} <= set(nodes)
    return nodes, edges


def unescaped(label: str) -> str:
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label)


def test_flowchart_of_a_run():
    text = mermaid.flowchart(graph.build(TASKS), "c.page")
    assert text.startswith(GOLDEN) and len(parsed(text)[1]) == 9


@pytest.mark.parametrize(
    ("direction", "styles"),
    [
        ("both", ["upstream", "selected", "artifact", "artifact"]),
        ("up", ["upstream", "selected", "artifact", "artifact"]),
        ("down", ["artifact", "selected", "artifact", "artifact"]),
    ],
)
def test_direction_of_the_selected_artifact(direction, styles):
    nodes, _ = parsed(mermaid.flowchart(graph.build(TASKS), "b.y", direction))
    assert [nodes[f"artifact{number}"][1] for number in range(4)] == styles


def test_downstream_of_the_selected_artifact():
    nodes, _ = parsed(mermaid.flowchart(graph.build(TASKS), "a.x", "down"))
    assert [nodes[f"artifact{number}"][1] for number in range(4)] == ["selected", *["downstream"] * 3]


@pytest.mark.parametrize(
    "name",
    ['a "quoted" name', "[box](round){rhombus}|bar|", "`code` ```fence```", "<script>alert(1)</script>&amp;", "end",
     "100 % #35;", "%% comment", "click task0 href", "-->", "*bold* _it_", "猫 und Größe", "\x00\x1b[31m", "\udcff"],
)  # fmt: skip
def test_names_that_hold_syntax_are_escaped(name):
    text = mermaid.markdown(graph.build([task(name, {}, {"x": "aaaa1111"}), task("b", {name: f"{name}/x"}, {})]))
    fence, *lines, last = text.splitlines()
    assert (fence, last) == ("```mermaid", "```")
    nodes, edges = parsed("\n".join(lines))
    assert nodes["task0"][0] == f"{name}<br>2.5 s" and nodes["artifact0"][0] == f"{name}.x<br>aaaa1111"
    assert edges == [("task0", "", "artifact0"), ("artifact0", name, "task1")]


def test_a_name_of_several_lines_becomes_one_line():
    assert mermaid.label(" two\n```\r\nlines ") == "two #96;#96;#96; lines"


def test_an_empty_run_is_an_empty_flowchart():
    assert parsed(mermaid.flowchart(graph.build([]))) == ({}, [])
