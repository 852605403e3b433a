# environment: authoring
"""`import boxwright` in any Python: what it imports, and that its functions take what the command line takes."""

import inspect
import pickle
import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path
from typing import get_type_hints

import pytest

import boxwright
from boxwright import api, graph_flags, graphs
from boxwright.api import findings, keywords
from boxwright.api.commands import TASKS
from boxwright.core import findings as models
from boxwright.core.artifacts import diagnosis
from boxwright.core.runtime import environments, flags
from boxwright.diagnose import config as of_the_step

COMPONENTS = Path(boxwright.__file__).parents[1]
FUNCTIONS = ("diagnose", "validate", "evaluate", "run")


def in_plain_python(code: str) -> str:
    """What the code prints in a Python that has the standard library and Boxwright only."""
    code = f"import sys; sys.path.insert(0, {str(COMPONENTS)!r})\n{code}"
    return subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, capture_output=True, text=True).stdout


def test_import_loads_only_what_is_used():
    loaded = "print(*(name for name in sys.modules if name.startswith('boxwright')))"
    assert in_plain_python(f"import boxwright\n{loaded}").split() == ["boxwright"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_need_the_standard_library_only(name):
    code = f"import boxwright\nboxwright.{name}\nprint(*(name.partition('.')[0] for name in sys.modules))"
    assert set(in_plain_python(code).split()) - set(sys.stdlib_module_names) == {"boxwright"} | {"__main__"}


def test_function_stays_after_its_step_is_imported():
    assert callable(boxwright.diagnose) and inspect.isfunction(boxwright.diagnose)
    assert of_the_step.Config is sys.modules["boxwright.diagnose.config"].Config


def test_package_lists_the_names_of_the_interface():
    assert boxwright.__all__ == api.__all__
    assert set(boxwright.__all__) <= set(dir(boxwright))
    with pytest.raises(AttributeError, match="module 'boxwright' has no attribute 'diagnos'"):
        boxwright.diagnos  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]  (it is what is tested)


def test_package_and_error_can_be_pickled():
    assert pickle.loads(pickle.dumps(boxwright)) is boxwright
    error = pickle.loads(pickle.dumps(boxwright.Error("no images")))
    assert isinstance(error, boxwright.Error) and str(error) == "no images"


@pytest.mark.parametrize("name", environments.HOST)
def test_interface_is_in_no_image(name):
    assert not [file for file in environments.modules(name) if "api" in file.relative_to(COMPONENTS).parts]


@pytest.mark.parametrize(
    ("plain", "model"),
    [
        (findings.Finding, models.Finding),
        (findings.Evidence, models.Evidence),
        (findings.Prediction, diagnosis.Prediction),
    ],
)
def test_dataclasses_have_the_fields_of_the_models(plain, model):
    defaults = {name: MISSING if one.is_required() else one.default for name, one in model.model_fields.items()}
    assert {one.name: one.default for one in fields(plain)} == defaults
    kinds, expected = get_type_hints(plain), get_type_hints(model)
    renamed = {"models.Evidence": "findings.Evidence"}
    for name in set(kinds) - {"evidence"}:
        assert str(kinds[name]) == renamed.get(str(expected[name]), str(expected[name])), name


@pytest.mark.parametrize(("name", "graph"), [("diagnose", "diagnose"), ("run", "finetune")])
def test_keywords_are_the_flags_of_the_command(name, graph):
    function = getattr(boxwright, name)
    known = {flag.name: flag for flag in graph_flags.of_run(graph)}
    parameters = inspect.signature(function).parameters
    assert set(parameters) == set(known)
    for word, parameter in list(parameters.items())[1:]:
        default = inspect.Parameter.empty if known[word].default is MISSING else known[word].default
        assert (parameter.default, parameter.annotation) == (default, known[word].kind)
        assert known[word].text in function.__doc__


def test_flags_of_a_graph_are_its_parameters():
    for graph in graphs.NAMES:
        inputs = graphs.load(graph).component_spec.inputs
        assert [flag.name for flag in graph_flags.of_graph(graph)] == [
            name for name in inputs if name not in graph_flags.NOT_HERE
        ]


@pytest.mark.parametrize("graph", graphs.NAMES)
def test_progress_knows_the_number_of_tasks(graph):
    """Of a run whose data are ready. `refusal` runs in place of the others if they are not."""
    spec = graphs.load(graph).pipeline_spec
    dags = [component.dag for component in (*spec.components.values(), spec.root) if component.HasField("dag")]
    tasks = [task for dag in dags for name, task in dag.tasks.items() if task.component_ref.name in executed(spec)]
    assert len([task for task in tasks if "refusal" not in task.component_ref.name]) == TASKS[graph]


def executed(spec) -> set[str]:
    return {name for name, component in spec.components.items() if component.executor_label}


@pytest.mark.parametrize(
    ("function", "keyword", "meant"),
    [
        ("diagnose", "step", "; did you mean steps?"),
        ("run", "batch-size", "; did you mean batch_size?"),
        ("validate", "box_as", "; did you mean boxes_as?"),
        ("evaluate", "splits", "; did you mean split?"),
        ("diagnose", "qqq", "; help(boxwright.diagnose) lists them"),
    ],
)
def test_wrong_keyword_names_the_nearest(function, keyword, meant):
    with pytest.raises(TypeError) as raised:
        getattr(boxwright, function)("data", **{keyword: 1})
    assert str(raised.value) == f"boxwright.{function}() has no argument {keyword!r}{meant}"


def test_missing_keyword_is_refused_before_anything_runs():
    with pytest.raises(TypeError, match=r"missing a required.* argument: 'out'"):
        boxwright.run("data")


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("data", ["a", Path("b c")], "--data=a,b c"),
        ("group", "-x (a)", "--group=-x (a)"),
        ("batch_size", 4, "--batch-size=4"),
        ("stock", True, "--stock"),
        ("stock", False, "--no-stock"),
        ("boxes_as", "", "--boxes-as="),
        ("fix", "drop", "--fix=drop"),
    ],
)
def test_words_of_the_command_line(name, value, word):
    assert keywords.word(graph_flags.known()[name], value) == word


@pytest.mark.parametrize(
    ("name", "value"), [("batch_size", "4"), ("stock", 1), ("steps", True), ("group", 3), ("fix", 1)]
)
def test_value_of_another_type_is_refused(name, value):
    with pytest.raises(TypeError, match=rf"^{name}={value!r}: expected (int|bool|a text), got {type(value).__name__}$"):
        keywords.word(graph_flags.known()[name], value)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"fix": "mend"}, "--fix mend: expected one of clip, drop, fail"),
        ({"batch_size": 0, "seed": -1}, "--batch-size 0: expected 1 or more; --seed -1: expected 0 or more"),
        ({"model": "yolo"}, "--model yolo: expected one of ssd_mobilenet_v1_ppn, "),
    ],
)
def test_refused_value_is_told_as_the_command_line_does(given, sentence):
    with pytest.raises(boxwright.Error) as raised:
        boxwright.diagnose("data", **given)
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize("call", [boxwright.diagnose, boxwright.validate, lambda data: boxwright.run(data, out="o")])
@pytest.mark.parametrize("data", ["", [], " "])
def test_empty_data_are_refused(call, data, tmp_path, monkeypatch):
    """The current folder would be read."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(boxwright.Error, match=r"^--data is empty; give a folder"):
        call(data)


def test_flag_of_every_step_has_a_type_that_words_know():
    known = [*graph_flags.of_run("finetune"), *graph_flags.of_run("diagnose")]
    known += [flag for name in ("convert", "validate", "evaluate") for flag in flags.flags(config_of(name))]
    assert [flag.name for flag in known if flag.kind not in (str, int, bool, Path) and not flag.choices] == []


def config_of(step: str) -> type:
    return sys.modules[f"boxwright.{step}.config"].Config
