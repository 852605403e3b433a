# environment: authoring
"""The modules that can be imported, found in the source: a table of all forms of import."""

import ast
from pathlib import Path

import pytest

from boxwright.core.runtime import environments, import_closure

PACKAGE = Path(environments.__file__).parents[2]
# The only modules that load others by a computed name. `import_closure` handles them.
# child_process loads the module of a function that its caller has imported.
LOADERS = {
    "boxwright",
    "boxwright.cli",
    "boxwright.core.registry",
    "boxwright.convert.formats",
    "boxwright.core.foreign_files.child_process",
}


def reached(folder: Path, sources: dict[str, str]) -> set[str]:
    """Modules that `boxwright.a.step` can import, without the packages' own `__init__`."""
    everything = {f"{above}/__init__.py": "" for name in sources for above in Path(name).parents} | sources
    for name, text in everything.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    found = import_closure.files(["boxwright.a.step"], folder)
    return {str(file.relative_to(folder)) for file in found if file.name != "__init__.py"} - {"a/step.py"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import os, numpy", set()),
        ("import boxwright.b.one", {"b/one.py"}),
        ("from boxwright.b import one, two", {"b/one.py", "b/two.py"}),
        ("from boxwright.b.one import function as f", {"b/one.py"}),
        ("from . import beside", {"a/beside.py"}),
        ("from ..b.one import function", {"b/one.py"}),
        ("def f():\n  if True:\n    from boxwright.b import one", {"b/one.py"}),
        ("if TYPE_CHECKING:\n  from boxwright.b import one\nelse:\n  from boxwright.b import two", {"b/two.py"}),
        ("from boxwright.b import chain", {"b/chain.py", "b/one.py"}),
        ("run(['-m', 'boxwright.b.one'])", {"b/one.py"}),
        ("load('boxwright.b.one:main')", {"b/one.py"}),
        ("text = 'see boxwright.b.one'", set()),
        ("load('boxwright.b')", set()),
        ("import pkgutil\nload('boxwright.c')", {"c/one.py", "c/d/two.py"}),
        ("import importlib\nfrom boxwright import c\nload(c)", {"c/one.py", "c/d/two.py"}),
        ("from boxwright.core import registry\nfrom boxwright import c\nregistry.load(c)",
         {"c/one.py", "c/d/two.py", "core/registry.py"}),
        ("import pkgutil\npkgutil.walk_packages(__path__)", {"a/beside.py"}),
        ("from boxwright import all_of_itself", {"all_of_itself/one.py"}),
    ],
)  # fmt: skip
def test_modules_that_an_import_reaches(tmp_path, text, found):
    sources = {"a/step.py": text, "a/beside.py": "", "b/one.py": "", "b/two.py": "", "c/one.py": "", "c/d/two.py": ""}
    sources |= {
        "b/chain.py": "import boxwright.b.one",
        "core/registry.py": "import pkgutil",
        "all_of_itself/one.py": "",
    }
    sources |= {"all_of_itself/__init__.py": "import pkgutil\nnames = pkgutil.iter_modules(__path__)"}
    assert reached(tmp_path, sources) == found


def test_packages_of_modules_are_included(tmp_path):
    reached(tmp_path, {"a/step.py": "import boxwright.b.c.one", "b/c/one.py": ""})
    found = import_closure.files(["boxwright.a.step", "boxwright.absent"], tmp_path)
    assert [str(file.relative_to(tmp_path)) for file in found] == [
        "__init__.py", "a/__init__.py", "a/step.py", "b/__init__.py", "b/c/__init__.py", "b/c/one.py"
    ]  # fmt: skip


def test_only_known_modules_load_others_by_name():
    """Covers the code that an image runs. If you add such a module, read `import_closure` and add it here."""
    files = {file for name in environments.HOST for file in environments.modules(name)}
    assert {
        name for file in files if loads_by_name(file) for name in [import_closure.module_name(file, PACKAGE)]
    } <= LOADERS


def loads_by_name(file: Path) -> bool:
    nodes = list(ast.walk(ast.parse(file.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    return "pkgutil" in names or bool(calls & {"__import__", "importlib.import_module", "import_module"})


@pytest.mark.parametrize("environment", sorted(environments.HOST))
def test_no_image_runs_the_clients_code(environment):
    folders = {file.relative_to(PACKAGE).parts[0] for file in environments.modules(environment)}
    assert not folders & {"demo", "local", "cluster", "lineage"}
    steps = {step for step, name in environments.STEPS.items() if name == environment}
    assert steps <= folders
