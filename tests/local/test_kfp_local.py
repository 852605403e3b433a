# environment: authoring
"""The local runner: real processes in the real host environments, small commands."""

import copy
import os
from pathlib import Path
from typing import Any

import pytest
from kfp import dsl
from rich.console import Console
from small_steps import container

from boxwright.core.runtime.environments import image
from boxwright.core.runtime.errors import UserError
from boxwright.lineage import command, records
from boxwright.local import kfp_local

# A minimal step that uses step_io like every step.
STEP = """
import sys, pathlib
from boxwright.core.runtime.step_io import Result, run_and_emit
out, text, executor_input = sys.argv[1:]
print("warning: mind the step", file=sys.stderr)
print("noise", file=sys.stderr)
def run():
    pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(out).write_text(text)
    return Result(artifacts={"made": {"length": len(text), "own": "d-" + text[:3]}}, parameters={"long": len(text) > 3})
run_and_emit(run, executor_input)
print("said by", pathlib.Path(sys.prefix).name, flush=True)
"""
READ = """
import sys, pathlib
from boxwright.core.runtime.step_io import Result, run_and_emit
given, out, executor_input = sys.argv[1:]
def run():
    pathlib.Path(out).write_text(pathlib.Path(given).read_text().upper())
    return Result()
pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
run_and_emit(run, executor_input)
"""
CRASH = "import sys; print('the reason', file=sys.stderr); sys.exit(3)"
REFUSE = "import sys; print('noise\\n\\nerror: boxwright refuse: use a spoon', file=sys.stderr); sys.exit(2)"
KILLED = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


@dsl.container_component
def make(text: str, made: dsl.Output[dsl.Dataset], long: dsl.OutputPath(bool)):  # pyright: ignore[reportInvalidTypeForm]  (kfp's own notation)
    return container(STEP, made.path, text)


@dsl.container_component
def read(given: dsl.Input[dsl.Dataset], upper: dsl.Output[dsl.Artifact]):
    return container(READ, given.path, upper.path, environment="train")


@dsl.container_component
def end(code: str):
    return dsl.ContainerSpec(image=image("edge"), command=["python"], args=["-c", code])


@dsl.pipeline(name="chain")
def chain(text: str):
    made = make(text=text)
    with dsl.If(made.outputs["long"] == True):  # noqa: E712
        read(given=made.outputs["made"]).set_display_name("read it")
    with (
        dsl.Else()
    ):  # without an Else, kfp.local 2.17 cannot find the parameter and silently evaluates the condition as false
        end(code="print('too short')")


@dsl.pipeline(name="ending")
def ending(code: str, after: str = "never"):
    first = end(code=code)
    make(text=after).after(first)


@dsl.pipeline(name="named-in-words", pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi")))
def placeholders(text: str):
    make(text=f"{text}").set_display_name("given")
    make(text=dsl.WORKSPACE_PATH_PLACEHOLDER).set_display_name("where")


@dsl.pipeline(name="tried-again")
def tried_again():
    end(code="print('done')").set_retry(num_retries=2)


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path.resolve() / "run"


def run(pipeline, out, **arguments):
    return kfp_local.run(pipeline, arguments, out, Console())


def test_chain_across_environments(out, capfd):
    tasks = run(chain, out, text="hello")
    assert [t.name for t in tasks] == ["make", "read it"]
    assert (out / tasks[1].outputs["upper"].path).read_text() == "HELLO"
    assert tasks[1].inputs == {"given": tasks[0].outputs["made"].path}
    assert tasks[0].outputs["made"].metadata["own"] == "d-hel"
    shown = capfd.readouterr()
    assert "said by data" in shown.out and "warning: mind the step" in shown.out
    assert "noise" not in shown.out + shown.err and "INFO" not in shown.out + shown.err
    assert "noise" in (out / "logs" / "make.log").read_text()


def test_a_run_does_not_change_the_graph(out):
    """A local run has no retries. A graph that is compiled after it still has them."""
    graph: Any = tried_again
    before = copy.deepcopy(graph.pipeline_spec)
    run(graph, out)
    assert graph.pipeline_spec == before


def test_condition_is_false(out):
    assert [t.name for t in run(chain, out, text="hi")] == ["make", "end"]


def test_a_gate_can_be_open_for_later_tasks(out):
    """The lineage keeps what the step said."""
    tasks = kfp_local.run(chain, {"text": "hi"}, out, Console(), seen_as={"long": True})
    assert [t.name for t in tasks] == ["make", "read it"]
    again = kfp_local.run(chain, {"text": "hi"}, out, Console())
    assert [t.name for t in again] == ["make", "end"] and again[0].cached


def test_a_second_run_repeats_nothing(out, capfd):
    first = run(chain, out, text="hello")
    again = run(chain, out, text="hello")
    assert [t.cached for t in first] == [False, False] and [t.cached for t in again] == [True, True]
    assert [t.outputs for t in again] == [t.outputs for t in first]
    assert records.read(out) == again
    capfd.readouterr()
    command.main([str(out)])
    printed = capfd.readouterr().out
    assert (
        "← given from make.made" in printed and first[0].outputs["made"].digest in printed and "text=hello" in printed
    )


def test_lineage_holds_values_and_no_placeholders(out):
    tasks = run(placeholders, out, text="hello")
    assert {task.name: task.parameters for task in tasks} == {"given": {"text": "hello"}, "where": {}}
    assert {task.pipeline for task in tasks} == {"named-in-words"}


def test_a_changed_argument_or_lost_artifact_runs_again(out):
    tasks = run(chain, out, text="hello")
    (out / tasks[1].outputs["upper"].path).unlink()
    assert [t.cached for t in run(chain, out, text="hello")] == [True, False]
    assert [t.cached for t in run(chain, out, text="other")] == [False, False]


def test_a_users_error_ends_the_run(out, capfd):
    with pytest.raises(UserError, match=r"^refuse: use a spoon$"):
        run(ending, out, code=REFUSE)
    assert "said by" not in capfd.readouterr().out


def test_crash_shows_the_end_of_the_log(out):
    with pytest.raises(kfp_local.StepCrashed, match=r"the reason\n\nend ended with exit code 3; full log: .*/end\.log"):
        run(ending, out, code=CRASH)


def test_a_killed_step_names_its_signal(out):
    with pytest.raises(kfp_local.StepCrashed, match="end was killed by signal 9"):
        run(ending, out, code=KILLED)


def test_step_knows_its_runner(out):
    code = "import os, sys; sys.exit(0 if os.environ['BOXWRIGHT_RUNNER'] == str(os.getppid()) else 5)"
    run(ending, out, code=code, after="done")
    assert "BOXWRIGHT_RUNNER" not in os.environ


@pytest.mark.parametrize(
    ("image", "environment"),
    [
        ("registry.example:5000/team/boxwright/edge:0.1-abc", "train"),
        ("boxwright/data:0.1-abc", "data"),
        ("registry.example/team/data:1", None),
        ("registry.example/boxwright/label:1", None),
        ("python:3.11", None),
    ],
)
def test_host_environment_of_an_image(image, environment):
    assert kfp_local.environment_of(image) == environment


def test_a_lack_of_the_environment_is_told(monkeypatch, out, tmp_path):
    monkeypatch.setenv("BOXWRIGHT_ENVS", str(tmp_path))
    with pytest.raises(UserError, match="make install"):
        run(ending, out, code="")


def test_rejects_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(UserError, match="is not the folder of a run"):
        command.main([str(tmp_path)])
