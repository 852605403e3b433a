# environment: authoring
"""A changed input reruns exactly the tasks that depend on it. Tested with a small pipeline and with all real steps."""

import subprocess
import sys
from pathlib import Path

import pytest
from kfp import dsl
from rich.console import Console
from small_steps import container

from boxwright.core.runtime import environments
from boxwright.core.runtime.environments import image
from boxwright.lineage import graph, records, verify
from boxwright.local import kfp_local

STEP = """
import sys, pathlib
from boxwright.core.runtime.step_io import Result, run_and_emit
*given, text, out, executor_input = sys.argv[1:]
def run():
    pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(out).write_text(text + "".join(pathlib.Path(path).read_text() for path in given))
    return Result()
run_and_emit(run, executor_input)
"""


@dsl.container_component
def source(text: str, made: dsl.Output[dsl.Artifact]):
    return container(STEP, text, made.path)


@dsl.container_component
def one(given: dsl.Input[dsl.Artifact], text: str, made: dsl.Output[dsl.Artifact]):
    return container(STEP, given.path, text, made.path)


@dsl.container_component
def two(given: dsl.Input[dsl.Artifact], other: dsl.Input[dsl.Artifact], text: str, made: dsl.Output[dsl.Artifact]):
    return container(STEP, given.path, other.path, text, made.path)


@dsl.pipeline(name="diamond")
def diamond(top: str = "t", left: str = "l", right: str = "r", bottom: str = "b"):
    a = source(text=top).set_display_name("top")
    b = one(given=a.output, text=left).set_display_name("left")
    c = one(given=a.output, text=right).set_display_name("right")
    two(given=b.output, other=c.output, text=bottom).set_display_name("bottom")


@dsl.container_component
def fail(given: dsl.Input[dsl.Artifact]):
    return dsl.ContainerSpec(image=image("data"), command=["python"], args=["-c", "raise SystemExit(3)", given.path])


@dsl.pipeline(name="failing")
def failing(text: str = "t"):
    fail(given=source(text=text).set_display_name("top").output)


def ran(tasks: list[records.Task]) -> set[str]:
    return {task.name for task in tasks if not task.cached}


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({}, set()),
        ({"bottom": "x"}, {"bottom"}),
        ({"left": "x"}, {"left", "bottom"}),
        ({"right": "x"}, {"right", "bottom"}),
        ({"left": "x", "right": "x"}, {"left", "right", "bottom"}),
        ({"top": "x"}, {"top", "left", "right", "bottom"}),
    ],
)
def test_what_depends_on_a_changed_argument_runs_again(tmp_path, changed, again):
    out = tmp_path.resolve() / "run"
    first = kfp_local.run(diamond, {}, out, Console(quiet=True))
    second = kfp_local.run(diamond, changed, out, Console(quiet=True))
    assert (ran(first), ran(second)) == ({"top", "left", "right", "bottom"}, again)
    kept = {task.name: task.outputs for task in first if task.name not in again}
    assert {task.name: task.outputs for task in second if task.cached} == kept
    assert not list(verify.faults(graph.build(second), out))


def test_a_failed_run_keeps_its_finished_tasks(tmp_path):
    out = tmp_path.resolve() / "run"
    with pytest.raises(kfp_local.StepCrashed):
        kfp_local.run(failing, {}, out, Console(quiet=True))
    left = records.read(out)
    assert left[0].name == "top" and not list(verify.faults(graph.build(left), out))


def boxwright(*arguments: object) -> None:
    ended = subprocess.run(
        [Path(sys.prefix) / "bin" / "boxwright", *map(str, arguments)], capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def touch_up(jpeg: Path) -> None:
    """Adds a comment to a JPEG file. Its pixels stay the same."""
    content = jpeg.read_bytes()
    jpeg.write_bytes(content[:2] + b"\xff\xfe\x00\x03x" + content[2:])


@pytest.mark.slow
def test_changed_inputs_of_the_real_steps(tmp_path):
    """Three runs in one folder. Each reuses the results of the one before."""
    data, out = tmp_path / "data", tmp_path / "run"
    python = environments.home() / "data" / "bin" / "python"
    generator = [python, "-P", "-m", "boxwright.demo.generator", "--out", data, "--images", "24", "--seed", "0"]
    subprocess.run(generator, check=True)
    flags = ["--data", data, "--out", out, "--init", "none", "--steps", 20, "--batch-size", 2]

    boxwright("run", *flags)
    first = records.read(out)
    assert ran(first) == {task.name for task in first} >= {"convert", "train", "export", "report"}
    boxwright("verify", out)

    boxwright("run", *flags, "--calibration-images", 8)
    second = records.read(out)
    steps = {"convert", "validate", "diagnose", "augment", "train", "evaluate trained"}
    assert {task.name for task in second if task.cached} >= steps
    assert ran(second) >= {"export", "evaluate int8", "edgetpu", "report"}
    models = [next(task for task in tasks if task.name == "train").outputs for tasks in (first, second)]
    assert models[0] == models[1]
    boxwright("verify", out)

    touch_up(min(data.rglob("*.jpg")))
    boxwright("run", *flags, "--calibration-images", 8)
    third = records.read(out)
    assert ran(third) == {task.name for task in third}
    digests = [
        next(task for task in tasks if task.name == "convert").outputs["records"].digest for tasks in (second, third)
    ]
    assert digests[0] != digests[1]
    boxwright("verify", out)
