# environment: authoring
"""An earlier run's output is reused only if it is unchanged."""

import os
import shutil
from pathlib import Path

import pytest
from kfp import dsl
from rich.console import Console
from small_steps import container

from boxwright.core.runtime import digests
from boxwright.core.runtime.step_io import FILES, STATES
from boxwright.lineage import graph, records, verify
from boxwright.local import cache_check, kfp_local

# A folder with a file and a folder in it; `read` counts them.
MAKE = """
import sys, pathlib
from boxwright.core.runtime.step_io import Result, run_and_emit
made, executor_input = sys.argv[1:]
def run():
    for name in ("notes.txt", "checkpoint/weights.bin"):
        file = pathlib.Path(made, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return Result()
run_and_emit(run, executor_input)
"""
READ = """
import sys, pathlib
from boxwright.core.runtime.step_io import Result, run_and_emit
given, made, executor_input = sys.argv[1:]
def run():
    pathlib.Path(made).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(made).write_text(str(len(list(pathlib.Path(given).iterdir()))))
    return Result()
run_and_emit(run, executor_input)
"""


@dsl.container_component
def make(made: dsl.Output[dsl.Model]):
    return container(MAKE, made.path)


@dsl.container_component
def read(given: dsl.Input[dsl.Model], made: dsl.Output[dsl.Metrics]):  # its metadata have no digest
    return container(READ, given.path, made.path)


@dsl.pipeline(name="pair")
def pair():
    read(given=make().output)


def run(out: Path) -> tuple[list[records.Task], set[str]]:
    """The tasks, and the names of those that ran."""
    tasks = kfp_local.run(pair, {}, out, Console(quiet=True))
    return tasks, {task.name for task in tasks if not task.cached}


def lose_a_folder(model: Path) -> None:
    shutil.rmtree(model / "checkpoint")


def lose_a_file(model: Path) -> None:
    (model / "notes.txt").unlink()


def cut_a_file(model: Path) -> None:
    os.truncate(model / "notes.txt", 3)


def change_a_byte(model: Path) -> None:
    """Changes a file, keeps its size, and sets its time back."""
    change_a_byte_of(model / "notes.txt", "NOTES.TXT")


def lose_the_list(model: Path) -> None:
    (model.parent / FILES).unlink()


@pytest.mark.parametrize("damage", [lose_a_folder, lose_a_file, cut_a_file, change_a_byte, lose_the_list])
def test_a_step_whose_files_are_damaged_runs_again(tmp_path, damage):
    out = tmp_path.resolve() / "run"
    first, _ = run(out)
    damage(out / first[0].outputs["made"].path)
    second, again = run(out)
    assert again == {"make", "read"}
    assert second[0].outputs["made"].digest == first[0].outputs["made"].digest
    assert not list(verify.faults(graph.build(second), out))
    assert run(out)[1] == set(), "the repeated output is reused in turn"


def test_the_last_artifact_is_checked_too(tmp_path):
    out = tmp_path.resolve() / "run"
    first, _ = run(out)
    with (out / first[1].outputs["made"].path).open("a") as file:
        file.write("garbage")
    assert run(out)[1] == {"read"}


def test_a_repeated_step_is_reported(tmp_path, capsys):
    out = tmp_path.resolve() / "run"
    lose_a_file(out / run(out)[0][0].outputs["made"].path)
    kfp_local.run(pair, {}, out, Console(width=200))
    assert "outputs of make from an earlier run are missing or changed; it runs again" in capsys.readouterr().out


def copied_elsewhere(model: Path) -> None:
    shutil.copytree(model, model.with_name("copy"))
    shutil.rmtree(model)
    shutil.copytree(model.with_name("copy"), model)


def touched(model: Path) -> None:
    (model / "notes.txt").touch()


def beside(model: Path) -> None:
    (model / "checkpoint" / "mine.txt").touch()


@pytest.mark.parametrize("harmless", [copied_elsewhere, touched, beside])
def test_the_same_content_is_kept(tmp_path, harmless):
    model = tmp_path / "made"
    (model / "checkpoint").mkdir(parents=True)
    (model / "notes.txt").write_text("notes")
    each = digests.of_each(model)
    (tmp_path / FILES).write_text(f'{{"made": {{"notes.txt": "{each["notes.txt"]}"}}}}')
    harmless(model)
    assert cache_check.unchanged(model, digests.of_files(each))


def test_a_changed_list_of_digests_is_ignored(tmp_path):
    (tmp_path / "page").write_text("page")
    digest = digests.of_path(tmp_path / "page")
    (tmp_path / "page").write_text("another")
    (tmp_path / FILES).write_text(f'{{"page": {{".": "{digests.of_path(tmp_path / "page")}"}}}}')
    assert not cache_check.unchanged(tmp_path / "page", digest)


def test_untouched_files_are_not_read(tmp_path, monkeypatch):
    (tmp_path / "page").write_text("page")
    digest = digests.of_path(tmp_path / "page")
    (tmp_path / FILES).write_text(f'{{"page": {{".": "{digest}"}}}}')
    (tmp_path / STATES).write_text(f'{{"page": "{digests.of_state(tmp_path / "page", ["."])}"}}')
    monkeypatch.setattr(digests, "of_file", lambda file: pytest.fail(f"{file} was read"))
    assert cache_check.unchanged(tmp_path / "page", digest)


def test_files_without_a_digest_in_the_metadata_are_checked(tmp_path):
    """The metadata of metrics hold measurements only."""
    (tmp_path / "page").write_text("page")
    assert not cache_check.unchanged(tmp_path / "page", "")
    (tmp_path / FILES).write_text(f'{{"page": {{".": "{digests.of_path(tmp_path / "page")}"}}}}')
    assert cache_check.unchanged(tmp_path / "page", "")
    change_a_byte_of(tmp_path / "page", "PAGE")
    assert not cache_check.unchanged(tmp_path / "page", "")


@pytest.mark.parametrize("record", [FILES, STATES])
def test_a_change_while_the_clock_was_set_back_is_noticed(record, tmp_path):
    """The records are dated into the future, as if the clock had been set back since."""
    (tmp_path / "page").write_text("page")
    digest = digests.of_path(tmp_path / "page")
    (tmp_path / FILES).write_text(f'{{"page": {{".": "{digest}"}}}}')
    (tmp_path / STATES).write_text(f'{{"page": "{digests.of_state(tmp_path / "page", ["."])}"}}')
    change_a_byte_of(tmp_path / "page", "PAGE")
    os.utime(tmp_path / record, (4e9, 4e9))
    assert not cache_check.unchanged(tmp_path / "page", digest)


def change_a_byte_of(file: Path, text: str) -> None:
    before = file.stat()
    file.write_text(text)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
