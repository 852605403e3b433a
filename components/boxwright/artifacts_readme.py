"""Writes README.md of core/artifacts from the models, so that the documentation is never out of date.

`make docs` runs it; a test fails when the README is not what this writes.
"""

import ast
import inspect
import itertools
import types
import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from boxwright.core import findings
from boxwright.core.artifacts import (
    dataset,
    diagnosis,
    edgetpu,
    errors,
    examination,
    metrics,
    parity,
    run_status,
    summary,
    training,
    validation,
)

README = Path(__file__).parent / "core" / "artifacts" / "README.md"
# File, the module that reads and writes it, and its model.
FILES: tuple[tuple[str, types.ModuleType, type[BaseModel]], ...] = (
    (summary.FILE, summary, summary.Summary),
    (dataset.FILE, dataset, dataset.Dataset),
    (dataset.QUARANTINE, dataset, dataset.Rejected),
    (validation.FILE, validation, validation.Validation),
    (diagnosis.FILE, diagnosis, diagnosis.Diagnosis),
    (training.HISTORY, training, training.History),
    (training.RESTORED, training, training.Restored),
    (metrics.FILE, metrics, metrics.Metrics),
    (errors.FILE, errors, errors.Errors),
    (examination.FILE, examination, examination.Examination),
    (parity.FILE, parity, parity.Parity),
    (edgetpu.FILE, edgetpu, edgetpu.EdgeTpu),
    (run_status.FILE, run_status, run_status.RunStatus),
)
# Described once, in a section of its own.
SHARED: tuple[type[BaseModel], ...] = (findings.Finding,)

HEAD = """# The files that cross a step

<!-- Written by `make docs` from the models in this folder; edit those. -->

Each file is a pydantic model in a module of this folder. Only that module reads and writes the file. All are JSON in UTF-8;
`quarantine.jsonl` has one JSON object a line. `NAME` in a field stands for a class, a split, a step or another key;
`[]` stands for each entry of a list. A field that this version does not know is an error."""


def render() -> str:
    """The README as Markdown."""
    files = [_section(name, _about(module, model), model) for name, module, model in FILES]
    shared = [_section(model.__name__, inspect.cleandoc(model.__doc__ or ""), model) for model in SHARED]
    files.insert(1 + [name for name, *_ in FILES].index(dataset.QUARANTINE), _reason_codes())
    return "\n\n".join([HEAD, *files, *shared]) + "\n"


def _about(module: types.ModuleType, model: type[BaseModel]) -> str:
    """What the file is: the model's own docstring, else that of its module. Then which step writes it."""
    return f"{inspect.cleandoc(model.__doc__ or module.__doc__ or '')}\n\nWritten by `boxwright {module.STEP}`."


def _reason_codes() -> str:
    """A table of the reason codes of `quarantine.jsonl`."""
    rows = [f"| `{code}` | {_KINDS[one.kind]} | {one.meaning} |" for code, one in dataset.REASONS.items()]
    text = (
        "Damage: the image or its annotation is broken. Fault: something to correct. validate stops when more than a fifth of "
        "the images or objects are lost to damage and faults. Choice: a flag leaves it out. Not meant for training: it is used "
        "once, or nothing lists it. Nothing wrong: left out on purpose."
    )
    return "\n".join(["### Reason codes", "", text, "", "| code | kind | meaning |", "|---|---|---|", *rows])


_KINDS: dict[dataset.Kind, str] = {
    "damage": "damage",
    "fault": "fault",
    "choice": "choice",
    "apart": "not meant for training",
    "none": "nothing wrong",
    "consequence": "follows from another line",
}


def _section(title: str, text: str, model: type[BaseModel]) -> str:
    """A heading, what it is, and a table with a row for each field."""
    rows = [f"| `{field}` | {kind} | {meaning} |" for field, kind, meaning in fields(model)]
    return "\n".join([f"## {title}", "", text, "", "| field | type | meaning |", "|---|---|---|", *rows])


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """(path, type, meaning) of each field. The fields of a nested model follow the field that holds it."""
    texts = field_texts(model)
    for name, field in model.model_fields.items():
        path = prefix + (field.serialization_alias or name)
        kind, ending, nested = _described(field.annotation)
        meaning = texts.get(name, "")
        if nested and nested not in SHARED:
            own = " ".join(inspect.cleandoc(nested.__doc__ or "").split())
            yield path, kind, f"{meaning} {own}".strip()
            yield from fields(nested, f"{path}{ending}.")
        else:
            yield path, kind, meaning


def _described(annotation: object) -> tuple[str, str, type[BaseModel] | None]:
    """The type in words, the ending of a part's path (`[]` or `.NAME`), and the model of the parts."""
    origin, given = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _described(given[0])
    if origin in (types.UnionType, typing.Union):
        found = [_described(one) for one in given if one is not type(None)]
        words = " or ".join(dict.fromkeys(kind for kind, _, _ in found))
        ending, nested = next(((e, m) for _, e, m in found if m), ("", None))
        return words + (" or null" if type(None) in given else ""), ending, nested
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in given), "", None
    if origin is tuple and len(given) == 2 and given[1] is not ... and given[0] == given[1]:
        return f"[{', '.join(_described(one)[0] for one in given)}]", "", None
    if origin in (tuple, list):
        kind, ending, nested = _described(given[0])
        return f"list of {kind}", f"[]{ending}", nested
    if origin is dict:
        kind, ending, nested = _described(given[1])
        return f"{kind} by name", f".NAME{ending}", nested
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        shared = annotation in SHARED
        return (f"[{annotation.__name__}](#{annotation.__name__.lower()})" if shared else "object"), "", annotation
    return _WORDS.get(annotation, str(annotation)), "", None


_WORDS: dict[object, str] = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def field_texts(model: type) -> dict[str, str]:
    """The text under each field of a class, as one line."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(model)).body if isinstance(node, ast.ClassDef))
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def main() -> None:
    README.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
