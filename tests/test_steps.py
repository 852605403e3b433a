# environment: authoring
"""What every step has: a light import, a Config with a text for each field, a component and a README made from it."""

import ast
import importlib
import importlib.util
import re
import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
import source_code

from boxwright import step_readme
from boxwright.core.runtime.environments import STEPS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "components" / "boxwright"


def test_the_package_has_one_name():
    assert importlib.util.find_spec("components") is None and importlib.util.find_spec("pipelines") is None


@pytest.mark.parametrize("step", STEPS)
def test_step_imports_where_there_is_no_ml(step):
    """Also what it imports in turn: looked at in a process of its own."""
    code = f"import sys, boxwright.{step}.step; print(*(set({source_code.HEAVY!r}) & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout.strip()) == (0, ""), ended.stderr


@pytest.mark.parametrize("step", STEPS)
def test_component_is_thin(step):
    text = (PACKAGE / step / "component.py").read_text()
    assert len(text.splitlines()) <= 40
    assert "packages_to_install" not in text and "dsl.component\n" not in text


@pytest.mark.parametrize("step", STEPS)
def test_component_passes_the_flags_of_the_config(step):
    """Every flag is a field; every field without a default is passed; inputs and outputs of one component differ."""
    component = getattr(importlib.import_module(f"boxwright.{step}.component"), step)
    config = importlib.import_module(f"boxwright.{step}.step").Config
    spec = component.component_spec
    flags = {a for a in spec.implementation.container.args if isinstance(a, str) and re.fullmatch(r"--[a-z0-9-]+", a)}
    named = {"--" + f.name.replace("_", "-") for f in fields(config)}
    assert flags - {"--executor-input"} == named
    assert not set(spec.inputs or {}) & set(spec.outputs or {})


@pytest.mark.parametrize("step", STEPS)
def test_every_field_has_a_help_line(step):
    tree = ast.parse((PACKAGE / step / "step.py").read_text())
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Config").body
    for at, node in enumerate(body):
        if isinstance(node, ast.AnnAssign):
            after = body[at + 1] if at + 1 < len(body) else None
            assert isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant), node.target.id


@pytest.mark.parametrize("step", STEPS)
def test_a_path_with_a_default_is_an_output(step):
    """By that passing.py knows which ones to publish in a bucket."""
    config = importlib.import_module(f"boxwright.{step}.step").Config
    texts = step_readme.field_texts(config)
    for field in (f for f in fields(config) if f.type is Path):
        assert texts[field.name].startswith("Output") == (field.default is not MISSING), field.name


@pytest.mark.parametrize("step", STEPS)
def test_readme_is_what_make_docs_writes(step):
    assert (PACKAGE / step / "README.md").read_text() == step_readme.render(step), "run `make docs`"
