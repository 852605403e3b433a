# environment: authoring
"""Rules of the house (DESIGN): packages, imports, and components that say the same as their step."""

import ast
import importlib
import importlib.util
import re
import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from boxwright import step_readme
from boxwright.core.runtime.environments import STEPS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "components" / "boxwright"
SOURCES = [*ROOT.glob("components/**/*.py"), *ROOT.glob("pipelines/*.py")]
HEAVY = ("numpy", "tensorflow", "tf_keras", "object_detection", "apache_beam", "pyarrow", "pandas", "PIL", "matplotlib")


def imports(file: Path, everywhere: bool) -> set[str]:
    """Top-level packages that a file imports: anywhere in it, or only when it is imported."""
    tree = ast.parse(file.read_text())
    nodes = list(ast.walk(tree) if everywhere else tree.body)
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.partition(".")[0] for name in names}


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_the_package_has_one_name():
    assert importlib.util.find_spec("components") is None and importlib.util.find_spec("pipelines") is None


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_kfp_only_in_components_and_pipelines(file):
    allowed = (
        file.name == "component.py"
        or file.is_relative_to(ROOT / "pipelines")
        or file.parent.name in ("cluster", "local", "lineage")
    )
    assert allowed or not {"kfp", "google_cloud_pipeline_components"} & imports(file, everywhere=True)


@pytest.mark.parametrize(
    "file", [f for f in SOURCES if f.name in ("step.py", "component.py", "__init__.py")], ids=name_of
)
def test_steps_are_light_to_import(file):
    assert not set(HEAVY) & imports(file, everywhere=False)


@pytest.mark.parametrize("step", STEPS)
def test_step_imports_where_there_is_no_ml(step):
    """Also what it imports in turn: looked at in a process of its own."""
    code = f"import sys, boxwright.{step}.step; print(*(set({HEAVY!r}) & set(sys.modules)))"
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


def functions(file: Path):
    return [n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def first_line(function: ast.FunctionDef) -> int:
    """Where it starts; of a graph, behind the parameters and what describes them to the KFP UI."""
    graph = any("pipeline" in ast.unparse(decorator) for decorator in function.decorator_list)
    return function.body[1].lineno if graph else function.lineno


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_short_modules_and_functions(file):
    assert len(file.read_text().splitlines()) <= 300
    limit = 45 if file.name == "finetune.py" else 40  # one screen
    assert [f.name for f in functions(file) if f.end_lineno - first_line(f) + 1 > limit] == []


def opens_text(call: ast.Call) -> bool:
    """Whether it opens a file as text: `open` and `Path.open` without "b" in their mode, read_text, write_text."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    module = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    binary = any(isinstance(arg, ast.Constant) and "b" in str(arg.value) for arg in call.args)
    return name in ("read_text", "write_text") or (
        name == "open" and module not in ("Image", "os", "tarfile") and not binary
    )


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_text_files_are_utf_8_wherever_they_are_read(file):
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call) and opens_text(node)]
    assert [ast.unparse(call) for call in calls if "encoding" not in {keyword.arg for keyword in call.keywords}] == []


@pytest.mark.parametrize("file", [ROOT / "Makefile", *ROOT.glob("images/*/*"), *SOURCES], ids=name_of)
def test_no_absolute_machine_path_or_registry_host(file):
    found = re.findall(
        r"/(?:home|root|work|Users)/\w+|https?://[\w.-]*(?:pypi|registry|artifactory)[\w.-]*", file.read_text()
    )
    assert found == []
