# environment: authoring
"""Files contain data, never code: Boxwright reads no pickles and evaluates no text. One place runs a graph of a file."""

import ast
from collections.abc import Iterator

import source_code
from source_code import SOURCES, name_of

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
    "torch",
    "jsonpickle",
    "pandas.io.pickle",
}
FUNCTIONS = {"eval", "exec", "compile"}
CALLS = {
    *("eval", "exec", "compile_command", "execfile", "read_pickle", "to_pickle", "unsafe_load", "full_load"),
    *("load_model", "load_weights", "import_meta_graph", "import_graph_def", "model_from_json", "model_from_yaml"),
    *("from_config", "SavedModelLoader", "load_library", "load_op_library", "py_function", "numpy_function", "py_func"),
}
# The only place that runs a graph of a file: in a child process that cannot write, after each operation was found in a list
# of those that compute (tests/examine/running/test_graph_operations).
CHECKED_GRAPHS = {
    "components/boxwright/examine/running/tensorflow_graph.py": [
        "tf.saved_model.load(str(folder))",
        "tf.import_graph_def(graph, name='')",
    ]
}
FULL_NAMES = {"np.load", "numpy.load", "tf.saved_model.load", "torch.load", "joblib.load"}


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
    text, called = ast.unparse(call), _called(call)
    function = called in FUNCTIONS and isinstance(call.func, ast.Name)  # re.compile is none of them
    named_loader = "Loader" in {word.arg for word in call.keywords} or len(call.args) > 1
    loads_any_tag = text.startswith("yaml.load") and not named_loader
    if function or loads_any_tag or called in CALLS or ast.unparse(call.func) in FULL_NAMES:
        yield text


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _argument(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return str(first.value) if isinstance(first, ast.Constant) else ""


def test_product_runs_no_code_from_files():
    assert SOURCES
    assert {name_of(file): found for file in SOURCES if (found := list(faults(file.read_text())))} == CHECKED_GRAPHS


def test_only_a_graph_of_our_own_is_converted():
    """The TFLite converter loads a SavedModel: the one that export writes into its own temporary folder."""
    calls = (
        (file, node) for file in SOURCES for node in ast.walk(source_code.parsed(file)) if isinstance(node, ast.Call)
    )
    places = [name_of(file) for file, call in calls if ast.unparse(call.func).endswith("from_saved_model")]
    assert places == ["components/boxwright/export/tflite_conversion.py"]


def test_every_way_of_running_code_is_found():
    for text in (
        "import pickle", "import dill as d", "from pickle import loads", "from pandas.io import pickle", "import shelve",
        "def f():\n  import marshal", "__import__('pickle')", "importlib.import_module('cloudpickle')", "eval('1')",
        "exec(text)", "np.load(file)", "np.load(file, allow_pickle=True)", "pd.read_pickle(file)", "yaml.load(text)",
        "joblib = 1\nimport joblib", "yaml.unsafe_load(text)", "np.load(f, allow_pickle=False)", "import torch",
        "tf.saved_model.load(folder)", "tf.keras.models.load_model(file)", "tf.py_function(f, x, y)", "frame.eval(text)",
    ):  # fmt: skip
        assert list(faults(text)), text
    for text in (
        "re.compile('a')",
        "model.compile()",
        "json.load(file)",
        "yaml.load(text, Loader)",
        "pickled = 1",
    ):
        assert not list(faults(text)), text
