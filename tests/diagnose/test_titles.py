# environment: data
"""Titles are sentences for a tired engineer: short, in plain words, without ids and without names of settings."""

import ast
import re
from pathlib import Path

import pytest

import boxwright
from boxwright.core.findings import Finding
from boxwright.core.recipe import Recipe
from boxwright.diagnose import findings

LONGEST = 120
# Names that people give to classes, and that titles may hold.
CLASSES = ("cat", "dog")
# Abbreviations, and names of formats, that a title may begin with in small letters.
_SMALL = (*CLASSES, "val", "test", "train", "convert", "xml", "json")


def faults(title: str) -> list[str]:
    """Why a title is no plain sentence."""
    ids = {id for kind in findings.KINDS for id in kind.ids} | {name for name in Recipe.model_fields if "_" in name}
    words = re.findall(r"[\w-]+", title)
    found = [f"has the code {word}" for word in words if word in ids or "_" in word]
    found += ["is long"] if len(title) > LONGEST else []
    found += ["has no verb: it is no sentence"] if len(words) < 4 else []
    found += ["ends with a full stop"] if title.endswith(".") else []
    found += ["is quoted as code"] if "`" in title else []
    if not (title[0].isupper() or title[0].isdigit() or words[0] in _SMALL):
        found.append("begins with a small letter")
    return found


DATA = {
    "small and dark": {"side": {"cat": 0.06}, "brightness": {"test": 0.2}},
    "tiny and few": {"side": {"cat": 0.02}, "counts": {"train": 12, "val": 5, "test": 40}},
    "crowded": {"per_image": {"cat": 12, "dog": 12}},
    "imbalanced": {"counts": {"train": 300, "val": 40}, "per_image": {"cat": 2, "dog": 1 / 15}},
    "one size": {"side": {"cat": 0.7, "dog": 0.02}},
}


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("steps", [30, 50_000])
def test_titles_are_plain_sentences(make_data, diagnosed, data, steps):
    found = diagnosed(make_data(**DATA[data]), steps=steps)[0].findings
    assert {one.title: faults(one.title) for one in found if faults(one.title)} == {}


def written() -> dict[str, str]:
    """The titles of all findings that the code writes as one text, by place. Parts that are computed become a word."""
    found = {}
    root = Path(boxwright.__file__).parent
    for file in sorted(root.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and (title := title_of(call)):
                found[f"{file.relative_to(root)}:{call.lineno}"] = title
    return found


def title_of(call: ast.Call) -> str:
    """The text of the title of a Finding or a notice."""
    made = ast.unparse(call.func)
    if made == "notices.build" and len(call.args) > 1:
        return text(call.args[1])
    if made == "Finding":
        return next((text(word.value) for word in call.keywords if word.arg == "title"), "")
    return ""


def text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join("Some" if isinstance(part, ast.FormattedValue) else str(part.value) for part in node.values)  # type: ignore[attr-defined]  # a part is text or a value
    return ""


def test_titles_in_the_code_are_plain_sentences():
    """All of convert, validate, diagnose and report, also where no test data raise the finding."""
    titles = written()
    assert len(titles) > 60
    assert {place: (title, faults(title)) for place, title in titles.items() if faults(title)} == {}


def test_faults_are_seen():
    bad = "max_repeats is 3", "`augment` was not run at all", "few images are there", "Too few", "The data are bad."
    assert all(faults(title) for title in bad)
    assert faults("Random cropping loses or cuts 59% of the objects") == []
    made = Finding(id="a", cause="recipe", severity="low", title="x" * 200, claim="c")
    assert "is long" in faults(made.title)
