# environment: authoring
"""No module has a call that runs code from a file: pickle, eval, SavedModels, Keras files, graphs."""

import ast

import source_code
from source_code import SOURCES, name_of

# The last part of a call's name. `load` alone is json's and ours, so its modules are listed below.
CALLS = {
    *(
        "eval",
        "exec",
        "compile_command",
        "execfile",
        "load_model",
        "load_weights",
        "import_meta_graph",
        "import_graph_def",
    ),
    *(
        "py_function",
        "numpy_function",
        "py_func",
        "read_pickle",
        "unsafe_load",
        "full_load",
        "load_library",
        "load_op_library",
    ),
    *("model_from_json", "model_from_yaml", "from_config", "SavedModelLoader"),
}
FULL_NAMES = {"tf.saved_model.load", "torch.load", "joblib.load", "dill.load", "dill.loads", "np.load", "numpy.load"}
MODULES = {"pickle", "cPickle", "marshal", "shelve", "joblib", "dill", "torch", "cloudpickle"}


def test_no_module_can_run_code_from_a_file():
    offenders = [
        f"{name_of(file)}:{call.lineno} {ast.unparse(call.func)}"
        for file in SOURCES
        for call in ast.walk(source_code.parsed(file))
        if isinstance(call, ast.Call)
        and (ast.unparse(call.func).rpartition(".")[2] in CALLS or ast.unparse(call.func) in FULL_NAMES)
    ]
    assert offenders == []


def test_no_module_imports_a_pickler():
    assert [name_of(file) for file in SOURCES if source_code.packages(file) & MODULES] == []


def test_only_a_graph_of_our_own_is_converted():
    """The TFLite converter loads a SavedModel: the one that export writes into its own temporary folder."""
    places = [
        name_of(file)
        for file in SOURCES
        for call in ast.walk(source_code.parsed(file))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("from_saved_model")
    ]
    assert places == ["components/boxwright/export/tflite_conversion.py"]
