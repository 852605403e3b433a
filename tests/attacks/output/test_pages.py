# environment: data
"""Attacks 12 and 24: what KFP's UI and a browser show of a stranger's names and pictures does nothing."""

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from reported import config
from small_run import finished_run, run_folder  # noqa: F401 (fixtures)

from boxwright.core import recipe
from boxwright.core.artifacts.run_status import RunStatus
from boxwright.core.html import charts, page_base
from boxwright.core.runtime.errors import UserError
from boxwright.report import artifacts, evaluation
from boxwright.report.step import run
from boxwright.run_status.status import markdown

PACKAGE = Path(page_base.__file__).parents[2]
NAMES = (
    "![r](https://evil.example/t.png)[c](javascript:alert(1))<script>alert(2)</script>",
    "<img src=x onerror=alert(1)>\"' onload=alert(2) x='",
    "`</code><script>alert(1)</script>` a|b <!-- -->",
    "www.evil.example https://evil.example a@evil.example",
    "</title></style></svg><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "a\x1b]0;x\x07\u202eb\u2028# c",
)
EVIL_SVG = """<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<svg xmlns="http://www.w3.org/2000/svg" onload="alert(4)"><script>alert(5)</script>
<image href="https://evil.example/t.png"/><foreignObject><body onload="alert(6)"/></foreignObject></svg>"""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"


class Page(HTMLParser):
    """Collects what a browser would run, load or follow."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.live: list[str] = []
        self.policies: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policies.append(given["content"] or "")
        elif tag in ("script", "iframe", "object", "embed", "link", "base", "form", "a", "foreignobject"):
            self.live.append(tag)
        places = [given[name] or "" for name in ("src", "href", "xlink:href", "srcset", "action") if name in given]
        self.live += [name for name in given if name.startswith("on")]
        self.live += [place for place in places if not place.startswith(("data:image/", "#"))]


def require_inert_html(html: str) -> None:
    page = Page(html)
    assert page.live == []
    assert page.policies == [POLICY]
    assert html.index("Content-Security-Policy") < html.index("<title>")
    assert not [one for one in html if not one.isprintable() and one not in "\n\u200c\u200d"]


def require_inert_markdown(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or ()}
    assert not kinds & {"image", "link_open", "html_block", "html_inline", "s_open", "em_open"}
    outside_code = re.sub(r"`[^`]*`", "", text)
    assert re.search(r"\w://|www\.|\w@\w", outside_code) is None
    assert not [one for one in text if not one.isprintable() and one not in "\n\u200b"]
    assert "](" not in text and "<" not in text


def renamed(value, name: str):
    """The value with the class `cup` and the image `2.jpg` renamed."""
    if isinstance(value, dict):
        return {renamed(key, name): renamed(one, name) for key, one in value.items()}
    if isinstance(value, list):
        return [renamed(one, name) for one in value]
    return value.replace("cup", name).replace("2.jpg", name) if isinstance(value, str) else value


def rename(folder: Path, name: str) -> None:
    """Renames a class and an image in every file of a run, also in its notices and findings."""
    for file in folder.rglob("*.json"):
        content = json.loads(file.read_text(encoding="utf-8"))
        if file.name == "history.json":
            content["notices"] = [f"class {name} is rare; run `boxwright convert`"]
        if file.name == "findings.json":
            content["findings"][0] |= {"title": f"{name} is rare", "claim": f"only two of {name}", "remedy": name}
        file.write_text(json.dumps(renamed(content, name)), encoding="utf-8")
    used = recipe.read(folder / "recipe.yaml")
    recipe.write(used.model_copy(update={"classes": (name, "pin")}), folder / "recipe.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_names_in_report_and_overview_are_words(run_folder, name):  # noqa: F811
    rename(run_folder, name)
    run(config(run_folder))
    require_inert_html((run_folder / "out" / "report.html").read_text(encoding="utf-8"))
    overview = (run_folder / "out" / "overview.md").read_text(encoding="utf-8")
    require_inert_markdown(overview)
    assert ("## Notices" in overview and "`boxwright convert`" in overview) or "`" in name


def test_pictures_of_a_run_cannot_act(run_folder):  # noqa: F811
    for file in ("model/curves.svg", "float/precision_recall.svg"):
        (run_folder / file).write_text(EVIL_SVG, encoding="utf-8")
    run(config(run_folder))
    html = (run_folder / "out" / "report.html").read_text(encoding="utf-8")
    require_inert_html(html)
    assert "alert" not in html
    assert html.count(f'<img src="data:image/svg+xml;base64,{base64.b64encode(EVIL_SVG.encode()).decode()}"') == 2


def test_a_huge_picture_is_refused(run_folder):  # noqa: F811
    with (run_folder / "model" / "curves.svg").open("wb") as file:
        file.write(b"<svg")
        file.truncate(evaluation.SVG_BYTES + 1)
    with pytest.raises(UserError, match=r"curves\.svg holds more than 64 MiB"):
        artifacts.read(config(run_folder))


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_a_failed_run_is_words(name):
    status = RunStatus(state=name, error=f"{name}\n\n# {name}\n<b>", run=name, pipeline=name, data=name)
    text = markdown(status)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    said = next(token for token in tokens if token.type == "code_block")
    assert "<b>" in said.content
    require_inert_markdown(text.replace("".join(f"    {line}\n" for line in said.content.splitlines()), ""))


@pytest.mark.parametrize("name", [*NAMES, "_hidden", "$x$"])
def test_names_in_charts_are_words(name):
    with charts.chart() as (axes, drawn):
        axes.plot([0, 1], label=charts.short(name))
        axes.set_yticks([0], [charts.short(name)])
        axes.set_title(name)
        axes.legend()
    assert Page(drawn.svg).live == []


def test_every_page_has_the_policy_and_inserts_only_charts():
    """All templates extend the base, except for the table that two of them import. Only page_base says what is HTML already."""
    for template in PACKAGE.rglob("*.j2"):
        text = template.read_text(encoding="utf-8")
        assert text.startswith('{% extends "base.html.j2" %}') or template.name in (
            "base.html.j2",
            "class_table.html.j2",
        )
        assert not re.search(r"\|\s*safe|autoescape|<script|\son\w+=|=\{\{|javascript:", text), template
    marking = {file.name for file in PACKAGE.rglob("*.py") if re.search(r"Markup\(.", file.read_text(encoding="utf-8"))}
    assert marking == {"page_base.py", "charts.py", "error_findings.py"}


def test_a_value_in_a_page_is_escaped_unless_it_is_a_chart():
    html = page_base.render(
        "evaluation.html.j2", "boxwright.evaluate", **dict.fromkeys(FIELDS, ""), plot="<svg onload=x>"
    )
    require_inert_html(html)
    assert "&lt;svg onload=x&gt;" in html


FIELDS = ("title", "images", "split", "objects", "notices", "numbers", "classes", "basis")
