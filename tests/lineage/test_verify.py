# environment: authoring
"""`boxwright verify` on a small pipeline: all ways in which an artifact can differ from the step's output."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kfp import dsl
from rich.console import Console
from small_steps import container

from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError
from boxwright.lineage import graph, records, verify
from boxwright.local import kfp_local

# Outputs: a folder with two files and a subfolder, and a single file. Another task reads both.
MAKE = """
import sys, pathlib
from boxwright.core.runtime.step_io import Result, run_and_emit
folder, page, executor_input = sys.argv[1:]
def run():
    for name in ("a.bin", "deep/b.bin"):
        file = pathlib.Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode() * 1000)
    pathlib.Path(page).write_text("page")
    return Result(artifacts={"folder": {"digest": "the step's own"}})
run_and_emit(run, executor_input)
"""
JOIN = """
import sys, pathlib
from boxwright.core.runtime.step_io import Result, run_and_emit
folder, page, joined, executor_input = sys.argv[1:]
def run():
    pathlib.Path(joined).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(joined).write_text(pathlib.Path(page).read_text() + str(len(list(pathlib.Path(folder).iterdir()))))
    return Result()
run_and_emit(run, executor_input)
"""


@dsl.container_component
def make(folder: dsl.Output[dsl.Dataset], page: dsl.Output[dsl.HTML]):
    return container(MAKE, folder.path, page.path)


@dsl.container_component
def join(folder: dsl.Input[dsl.Dataset], page: dsl.Input[dsl.HTML], joined: dsl.Output[dsl.Artifact]):
    return container(JOIN, folder.path, page.path, joined.path)


@dsl.pipeline(name="small")
def small():
    made = make()
    first = join(folder=made.outputs["folder"], page=made.outputs["page"]).set_display_name("first")
    join(folder=made.outputs["folder"], page=first.outputs["joined"]).set_display_name("second")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("verify").resolve() / "run"
    kfp_local.run(small, {}, out, Console(quiet=True))
    return out


@pytest.fixture
def out(whole, tmp_path) -> Path:
    """A copy in another folder. The copy has no faults."""
    return shutil.copytree(whole, tmp_path / "moved")


def path(out: Path, artifact: str) -> Path:
    return out / graph.build(records.read(out)).artifacts[artifact].path


def found(out: Path) -> list[tuple[str, str]]:
    return [(fault.artifact, fault.what) for fault in verify.faults(graph.build(records.read(out)), out)]


def flip_one_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_an_unchanged_run_has_no_faults(out, capsys):
    verify.main([str(out)])
    assert "all 4 artifacts are unchanged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("artifact", "file", "after"),
    [
        ("make.folder", "a.bin", ["first.joined", "second.joined"]),
        ("make.folder", "deep/b.bin", ["first.joined", "second.joined"]),
        ("make.page", "", ["first.joined", "second.joined"]),
        ("first.joined", "", ["second.joined"]),
        ("second.joined", "", []),
    ],
)
def test_one_byte_changed(out, artifact, file, after):
    flip_one_byte(changed := path(out, artifact) / file)
    made = graph.build(records.read(out))
    (fault,) = verify.faults(made, out)
    assert (fault.artifact, fault.what, fault.detail) == (artifact, "changed", str(changed.relative_to(out)))
    assert verify.doubtful(made, [fault]) == after


def test_file_deleted_and_file_added(out):
    (path(out, "make.folder") / "a.bin").unlink()
    (path(out, "make.folder") / "deep" / "new.bin").write_text("new")
    assert found(out) == [("make.folder", "missing"), ("make.folder", "unexpected")]


def test_artifacts_deleted(out):
    shutil.rmtree(path(out, "make.folder"))
    path(out, "first.joined").unlink()
    assert found(out) == [("make.folder", "missing"), ("first.joined", "missing")]
    made = graph.build(records.read(out))
    assert verify.doubtful(made, list(verify.faults(made, out))) == ["second.joined"]


def test_two_artifacts_swapped(out):
    one, two = path(out, "make.page"), path(out, "first.joined")
    before = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(before)
    details = [fault.detail for fault in verify.faults(graph.build(records.read(out)), out)]
    assert [detail.partition(": ")[2] for detail in details] == [
        "it now has the content of first.joined",
        "it now has the content of make.page",
    ]


def test_two_files_of_one_artifact_swapped(out):
    folder = path(out, "make.folder")
    (folder / "a.bin").rename(folder / "aside")
    (folder / "deep" / "b.bin").rename(folder / "a.bin")
    (folder / "aside").rename(folder / "deep" / "b.bin")
    (fault,) = verify.faults(graph.build(records.read(out)), out)
    assert fault.what == "changed" and "a.bin" in fault.detail and "b.bin" in fault.detail


@pytest.mark.parametrize("spoilt", ["gone", "[]", "{", '{"folder": {"a.bin": "0"}}'])
def test_without_file_digests_the_artifact_is_named(out, spoilt):
    files = path(out, "make.folder").parent / "digests.json"
    files.unlink() if spoilt == "gone" else files.write_text(spoilt)
    assert found(out) == []
    flip_one_byte(path(out, "make.folder") / "a.bin")
    assert found(out) == [("make.folder", "changed")]


def test_made_from_another_input(out):
    """The records of two runs were mixed: every file matches its record, but one was made from another input."""
    file = out / records.FILE
    text = json.loads(file.read_text())
    page = text["tasks"][0]["outputs"]["page"]
    (out / page["path"]).write_text("another page")
    page["digest"] = digests.of_path(out / page["path"])
    file.write_text(json.dumps(text))
    assert found(out) == [("first.joined", "inconsistent")]


def test_a_changed_copy_of_the_report(out):
    file = out / records.FILE
    text = json.loads(file.read_text())
    outputs = text["tasks"][2]["outputs"]
    outputs["report"] = outputs.pop("joined")
    file.write_text(json.dumps(text))
    shutil.copy(out / outputs["report"]["path"], out / "report.html")
    assert found(out) == []
    flip_one_byte(out / "report.html")
    assert found(out) == [("second.report", "changed")]


def test_an_input_that_no_task_made(out):
    file = out / records.FILE
    text = json.loads(file.read_text())
    del text["tasks"][0]
    file.write_text(json.dumps(text))
    assert set(found(out)) == {("first.joined", "inconsistent"), ("second.joined", "inconsistent")}


def test_the_next_run_repairs_a_change(tmp_path):
    out = tmp_path.resolve() / "run"
    for _ in range(2):
        kfp_local.run(small, {}, out, Console(quiet=True))
    assert found(out) == []
    flip_one_byte(path(out, "make.page"))
    assert found(out) == [("make.page", "changed")]
    tasks = kfp_local.run(small, {}, out, Console(quiet=True))
    assert not tasks[0].cached and found(out) == []


def test_at_most_five_files_are_named():
    assert verify.named("p", [str(i) for i in range(7)]) == "p/0, p/1, p/2, p/3, p/4 and 2 more"


def test_command(out, tmp_path):
    script = Path(sys.prefix) / "bin" / "boxwright"
    flip_one_byte(path(out, "make.page"))
    environment = os.environ | {"PATH": "", "COLUMNS": "200"}
    ended = subprocess.run([script, "verify", out], capture_output=True, text=True, env=environment)
    assert ended.returncode == 1 and "make.page" in ended.stdout and "also affected" in ended.stdout
    assert "first.joined, second.joined" in ended.stdout
    with pytest.raises(UserError, match="is not the folder of a run"):
        verify.main([str(tmp_path)])
