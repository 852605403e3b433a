# environment: authoring
"""Rules for every source file and every test file. Each failure lists all offenders."""

import ast
import importlib.util
import re
import statistics
from collections import Counter
from pathlib import Path

import source_code
from source_code import ROOT, SOURCES, TESTS, name_of

PACKAGE = ROOT / "components" / "boxwright"
# kfp is installed in the authoring environment only.
MAY_IMPORT_KFP = ("kfp", "cluster", "local", "lineage")


def test_no_package_is_called_components_or_pipelines():
    assert importlib.util.find_spec("components") is None and importlib.util.find_spec("pipelines") is None


def test_only_graphs_and_what_runs_them_import_kfp():
    offenders = [
        name_of(file)
        for file in SOURCES
        if "kfp" in source_code.packages(file)
        and file.parent != ROOT / "pipelines"
        and file.parent.name not in MAY_IMPORT_KFP
    ]
    assert offenders == []


def test_steps_import_nothing_heavy_at_the_top():
    light = [file for file in SOURCES if file.name in ("config.py", "__init__.py")]
    heavy = {name_of(file): source_code.packages(file, everywhere=False) & set(source_code.HEAVY) for file in light}
    assert {name: found for name, found in heavy.items() if found} == {}


def test_modules_have_at_most_300_lines():
    lines = {
        name_of(file): len(file.read_text(encoding="utf-8").splitlines())
        for file in (*SOURCES, *(ROOT / "tests").rglob("*.py"))
    }
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_folders_have_at_most_13_modules():
    """Besides config.py and step.py, which every step has."""
    apart = ("__init__.py", "config.py", "step.py")
    count = Counter(name_of(file.parent) for file in SOURCES if file.name not in apart)
    assert {folder: number for folder, number in count.items() if number > 13} == {}


def test_functions_are_short():
    """Without docstrings: nine of ten have at most 20 lines, none has more than 60."""
    lengths = {
        f"{name_of(file)}:{function.lineno} {function.name}": source_code.length(function)
        for file in SOURCES
        for function in source_code.functions(file)
    }
    assert {name: length for name, length in lengths.items() if length > 60} == {}
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= 20


def test_own_modules_are_imported_at_the_top():
    offenders = [f"{name_of(file)} {lazy}" for file in SOURCES for lazy in source_code.lazy_imports(file)]
    assert offenders == []


def test_no_modules_import_each_other():
    assert source_code.circles(source_code.dependencies()) == []


def test_circles_are_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": {"a"}, "e": {"a", "f"}, "f": set()}
    assert source_code.circles(graph) == [["a", "b", "c", "d"]]
    assert source_code.circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def opens_text(call: ast.Call) -> bool:
    """Whether it opens a file as text: `open` and `Path.open` without "b" in their mode, read_text, write_text."""
    function = call.func
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    module = ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
    binary = any(isinstance(arg, ast.Constant) and "b" in str(arg.value) for arg in call.args)
    opens = name == "open" and module not in ("Image", "os", "tarfile", "archive") and not binary
    return opens or name in ("read_text", "write_text")


def test_text_files_are_opened_as_utf_8():
    offenders = [
        f"{name_of(file)}:{call.lineno} {ast.unparse(call)}"
        for file in SOURCES
        for call in ast.walk(source_code.parsed(file))
        if isinstance(call, ast.Call)
        and opens_text(call)
        and "encoding" not in {keyword.arg for keyword in call.keywords}
    ]
    assert offenders == []


def test_no_machine_path_and_no_registry_host():
    pattern = r"/(?:home|root|work|Users)/\w+|https?://[\w.-]*(?:pypi|registry|artifactory)[\w.-]*"
    files = [ROOT / "Makefile", *(file for file in ROOT.glob("images/*/*") if file.is_file()), *SOURCES]
    found = {name_of(file): re.findall(pattern, file.read_text(encoding="utf-8")) for file in files}
    assert {name: places for name, places in found.items() if places} == {}


def test_test_files_name_their_environment():
    offenders = [name_of(file) for file in TESTS if not environment(file)]
    assert offenders == []


def test_names_of_tests_are_below_60_characters():
    names = [f"{name_of(file)} {function.name}" for file in TESTS for function in source_code.functions(file)]
    assert [
        name for name in names if name.partition(" ")[2].startswith("test_") and len(name.partition(" ")[2]) >= 60
    ] == []


def environment(file: Path) -> re.Match | None:
    return re.match(r"# environment: (authoring|data|train)\n", file.read_text(encoding="utf-8"))
