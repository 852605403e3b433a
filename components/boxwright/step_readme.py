"""Writes every step's README from its docstring and its Config, so that the text cannot fall behind the code.

`make docs` runs it; tests/test_layout.py fails when a README is not what this writes.
"""

import ast
import importlib
import inspect
import itertools
from dataclasses import MISSING, Field, fields
from pathlib import Path

from boxwright.core.runtime.environments import STEPS


def render(step: str) -> str:
    """The README of a step, as Markdown."""
    package = importlib.import_module(f"boxwright.{step}")
    module = importlib.import_module(f"boxwright.{step}.step")
    texts = field_texts(module.Config)
    rows = [f"| `--{f.name.replace('_', '-')}` | {_default(f)} | {texts[f.name]} |" for f in fields(module.Config)]
    needed = " ".join(f"--{f.name.replace('_', '-')} …" for f in fields(module.Config) if f.default is MISSING)
    return "\n".join(
        [
            f"# {step}",
            "",
            "<!-- Written by `make docs` from step.py; edit that. -->",
            "",
            inspect.cleandoc(package.__doc__),
            "",
            inspect.cleandoc(module.__doc__),
            "",
            "```",
            f"boxwright {step} {needed}",
            f"docker run --rm --user $(id -u):$(id -g) -v $PWD:/data -w /data boxwright/{STEPS[step]}:TAG \\",
            f"  boxwright {step} {needed}",
            "```",
            "",
            "| flag | default | |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def field_texts(config: type) -> dict[str, str]:
    """The text under each field of a dataclass, as one line."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(config)).body if isinstance(node, ast.ClassDef))
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
    }


def _default(field: Field) -> str:
    if field.default is MISSING:
        return "required"
    return f"`{field.default}`" if str(field.default) else ""


def main() -> None:
    for step in STEPS:
        (Path(__file__).parent / step / "README.md").write_text(render(step), encoding="utf-8")


if __name__ == "__main__":
    main()
