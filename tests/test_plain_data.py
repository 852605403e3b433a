# environment: authoring
"""Files contain data, never code: Boxwright reads no pickles and evaluates no text."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("components/**/*.py"), *ROOT.glob("pipelines/*.py")])
# Each of these can run code from the data that it reads.
MODULES = {
    "pickle",
    "_pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "joblib",
    "jsonpickle",
    "pandas.io.pickle",
}
CALLS = {"eval", "exec", "compile", "read_pickle", "to_pickle", "unsafe_load", "full_load"}


def faults(text: str) -> Iterator[str]:
    """Every import and call in Python source that could run code from a file."""
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        if isinstance(node, ast.Call):
            names = [_argument(node)] if _called(node) in ("__import__", "import_module") else []
            yield from _faulty_call(node)
        yield from (name for name in names if MODULES & {name, name.partition(".")[0]})


def _faulty_call(call: ast.Call) -> Iterator[str]:
    text, keywords = ast.unparse(call), {word.arg: ast.unparse(word.value) for word in call.keywords}
    method = isinstance(call.func, ast.Attribute)
    if _called(call) in CALLS and not (method and _called(call) in ("compile", "eval", "exec")):
        yield text
    if text.startswith(("np.load(", "numpy.load(")) and keywords.get("allow_pickle") != "False":
        yield text
    if text.startswith("yaml.load") and "Loader" not in keywords and len(call.args) < 2:
        yield text


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _argument(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return str(first.value) if isinstance(first, ast.Constant) else ""


def test_product_runs_no_code_from_files():
    assert SOURCES
    assert {str(file.relative_to(ROOT)): found for file in SOURCES if (found := list(faults(file.read_text())))} == {}


def test_every_way_of_running_code_is_found():
    for text in (
        "import pickle", "import dill as d", "from pickle import loads", "from pandas.io import pickle", "import shelve",
        "def f():\n  import marshal", "__import__('pickle')", "importlib.import_module('cloudpickle')", "eval('1')",
        "exec(text)", "np.load(file)", "np.load(file, allow_pickle=True)", "pd.read_pickle(file)", "yaml.load(text)",
        "joblib = 1\nimport joblib", "yaml.unsafe_load(text)",
    ):  # fmt: skip
        assert list(faults(text)), text
    for text in (
        "np.load(f, allow_pickle=False)",
        "re.compile('a')",
        "model.compile()",
        "yaml.load(text, Loader)",
        "pickled = 1",
    ):
        assert not list(faults(text)), text
