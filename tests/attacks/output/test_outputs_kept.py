# environment: authoring
"""Attacks 15 and 23: no output replaces, changes or removes a file of somebody's, also not through a link."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from boxwright.augment.config import Config as Augment
from boxwright.cluster import compile as compiling
from boxwright.convert.config import Config as Convert
from boxwright.core.runtime import text_files
from boxwright.core.runtime.atomic_dirs import WRITTEN, staged
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import step_paths
from boxwright.local import kfp_local, work_folder


def write(target: Path, text: str = "new") -> None:
    with staged([target], ["*.pbtxt"]) as (folder,):
        (folder / "train.pbtxt").write_text(text)


def tree(folder: Path) -> dict[str, str]:
    """Every file and link below a folder, with its text or where it leads."""
    return {
        str(path.relative_to(folder)): f"-> {path.readlink()}"
        if path.is_symlink()
        else path.read_text(errors="replace")
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def somebodys_folder(place: Path) -> None:
    place.mkdir()
    (place / "train.pbtxt").write_text("precious")


def somebodys_file(place: Path) -> None:
    place.write_text("precious")


def link_to_a_folder(place: Path) -> None:
    somebodys_folder(place.with_name("theirs"))
    place.symlink_to("theirs")


def link_to_a_file(place: Path) -> None:
    somebodys_file(place.with_name("theirs"))
    place.symlink_to("theirs")


def list_in_another_encoding(place: Path) -> None:
    somebodys_folder(place)
    (place / WRITTEN).write_bytes(b"\xff\xfe\x00train.pbtxt\n")


def list_that_is_a_link(place: Path) -> None:
    somebodys_folder(place)
    (place.with_name("list")).write_text("train.pbtxt\n")
    (place / WRITTEN).symlink_to("../list")


@pytest.mark.parametrize(
    "made",
    [somebodys_folder, somebodys_file, link_to_a_folder, link_to_a_file, list_in_another_encoding, list_that_is_a_link],
)
def test_what_is_not_an_earlier_output_stays(made, tmp_path):
    made(tmp_path / "out")
    before = tree(tmp_path)
    with pytest.raises(UserError, match=r"not an earlier output of this step|files that this step did not write"):
        write(tmp_path / "out")
    assert tree(tmp_path) == before


def test_a_list_that_is_a_pipe_is_not_waited_for(tmp_path):
    somebodys_folder(tmp_path / "out")
    os.mkfifo(tmp_path / "out" / WRITTEN)
    with pytest.raises(UserError, match="not an earlier output of this step"):
        write(tmp_path / "out")


@pytest.mark.parametrize("leads_to", ["folder", "file", "nothing"])
def test_a_link_in_an_output_is_somebodys(leads_to, tmp_path):
    write(tmp_path / "out", "old")
    somebodys_folder(tmp_path / "folder")
    somebodys_file(tmp_path / "file")
    (tmp_path / "out" / "mine").symlink_to(tmp_path / leads_to)
    before = tree(tmp_path)
    with pytest.raises(UserError, match=r"did not write .first: mine.*move them away"):
        write(tmp_path / "out")
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", ["../theirs/train.pbtxt", "../theirs", "/etc/hostname", "..", "\udcff"])
def test_a_list_of_a_stranger_removes_nothing_outside(name, tmp_path):
    """The list names files outside, and a link that leads there."""
    somebodys_folder(tmp_path / "theirs")
    write(tmp_path / "out", "old")
    (tmp_path / "out" / "link").symlink_to("../theirs")
    listed = f"train.pbtxt\nlink\n{name}\n"
    (tmp_path / "out" / WRITTEN).write_bytes(listed.encode("utf-8", "surrogateescape"))
    write(tmp_path / "out")
    assert tree(tmp_path) == {
        "out/train.pbtxt": "new",
        f"out/{WRITTEN}": "train.pbtxt\n",
        "theirs/train.pbtxt": "precious",
    }


@pytest.mark.parametrize("leads_to", ["folder", "nothing"])
def test_a_link_with_the_name_of_a_leftover_is_not_followed(leads_to, tmp_path):
    somebodys_folder(tmp_path / "folder")
    (tmp_path / ".out.partial-0123abcd").symlink_to(leads_to)
    (tmp_path / ".out.partial-of-mine").mkdir()
    write(tmp_path / "out")
    assert (tmp_path / "folder" / "train.pbtxt").read_text() == "precious"
    assert (tmp_path / ".out.partial-of-mine").is_dir()


@pytest.mark.parametrize("existing", [True, False])
def test_two_steps_with_one_output_at_once(existing, tmp_path):
    """One of them wins or both do, one after the other; the loser gets a sentence, and nothing half written is left."""
    both = Barrier(2)
    if existing:
        write(tmp_path / "out", "old")

    def step(text: str) -> str:
        try:
            with staged([tmp_path / "out"], ["*.pbtxt"]) as (folder,):
                (folder / "train.pbtxt").write_text(text)
                both.wait(10)
        except UserError as error:
            return str(error)
        return text

    for _ in range(20):
        with ThreadPoolExecutor(2) as pool:
            ended = list(pool.map(step, ("one", "two")))
        said = [text for text in ended if text not in ("one", "two")]
        assert len(said) < 2 and all("at the same time" in text or "not an earlier output" in text for text in said)
        assert (tmp_path / "out" / "train.pbtxt").read_text() in ended
        assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_of_two_outputs_both_are_replaced_or_none(tmp_path):
    targets, marks = [tmp_path / "one", tmp_path / "two"], ["mark", "mark"]
    with pytest.raises(UserError, match="two exists and is not"), staged(targets, marks) as folders:
        for folder in folders:
            (folder / "mark").write_text("new")
        somebodys_folder(tmp_path / "two")
    assert tree(tmp_path) == {"two/train.pbtxt": "precious"}


@pytest.mark.parametrize("place", ["/", "~", "."])
def test_a_place_with_other_things_is_refused(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(UserError, match="not an earlier output of this step"):
        write(Path(place).expanduser())


@pytest.mark.parametrize("exists", [True, False])
def test_a_file_is_not_written_through_a_link(exists, tmp_path):
    if exists:
        somebodys_file(tmp_path / "theirs")
    (tmp_path / "report.html").symlink_to("theirs")
    before = tree(tmp_path)
    with pytest.raises(UserError, match="no file is written through a link"):
        text_files.write(tmp_path / "report.html", "new")
    assert tree(tmp_path) == before


RUN_LINKS = (
    ".lock",
    "report.html",
    "lineage.json",
    "recipe.yaml",
    "logs",
    "logs/kfp.log",
    "cache/key",
    "resume/train-1",
)


@pytest.mark.parametrize("name", RUN_LINKS)
def test_a_run_writes_through_no_link(name, tmp_path):
    """A downloaded run, which somebody resumes, may have links to files of the user."""
    somebodys_file(tmp_path / "theirs")
    link = tmp_path / "out" / name
    link.parent.mkdir(parents=True)
    (tmp_path / "out" / ".lock").touch()
    link.unlink(missing_ok=True)
    link.symlink_to(tmp_path / "theirs")
    before = tree(tmp_path)
    with (
        pytest.raises(UserError, match=f"{name} is a link, and a run writes through none"),
        work_folder.opened(str(tmp_path / "out")),
    ):
        pass
    assert tree(tmp_path) == before


def finished_run(out: Path, *names: str) -> None:
    with work_folder.opened(str(out)) as folder:
        for name in names:
            (folder / name).write_text("result")


def test_a_run_replaces_its_own_results(tmp_path):
    finished_run(tmp_path / "out", "recipe.yaml", "report.html")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    finished_run(tmp_path / "out", "recipe.yaml")
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize("out", ["/", "home", "home/../home"])
def test_a_run_has_a_folder_of_its_own(out, tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="choose a folder of its own"):
        work_folder.require_run_folder(Path(out))


@pytest.mark.parametrize("name", ["recipe.yaml", "diagnosis.html"])
def test_a_result_that_somebody_edited_or_added_stays(name, tmp_path):
    finished_run(tmp_path / "out", "recipe.yaml")
    (tmp_path / "out" / name).write_text("edited by hand")
    with pytest.raises(UserError, match=f"would overwrite {name}, which was changed after the last run"):
        finished_run(tmp_path / "out", name)
    assert (tmp_path / "out" / name).read_text() == "edited by hand"


def test_a_log_on_a_full_disk_is_no_traceback(tmp_path, monkeypatch, capsys):
    """Attack 21. What the run itself cannot write is an error of its own."""
    monkeypatch.setattr(logging, "raiseExceptions", False)  # as protect_terminal sets it
    (tmp_path / "kfp.log").symlink_to("/dev/full")
    with kfp_local._logged(tmp_path / "kfp.log"):
        logging.info("a line")
    assert capsys.readouterr().err == ""


AUGMENT = {"records": "records", "recipe": "recipe.yaml", "findings": "findings.json"}


@pytest.mark.parametrize(
    ("kind", "flags", "said"),
    [
        (Augment, AUGMENT | {"final_recipe": "recipe.yaml"}, "--final-recipe .*recipe.yaml would replace --recipe"),
        (Augment, AUGMENT | {"page": "records/../findings.json"}, "--page .* would replace --findings"),
        (Augment, AUGMENT | {"page": "same", "final_recipe": "./same"}, "same is given for --final-recipe and --page"),
        (Convert, {"data": "data", "records": "data"}, "--records .*data would replace --data"),
        (Convert, {"data": "more,data/inner", "tables": "data"}, "--tables .*data would replace --data .*inner"),
        (Convert, {"data": "data", "records": "."}, "--records .* would replace --data"),
    ],
)
def test_an_output_does_not_replace_an_input(kind, flags, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = kind(**{name: place if name == "data" else Path(place) for name, place in flags.items()})
    with pytest.raises(UserError, match=said):
        step_paths.run(lambda config: pytest.fail("the step was run"), config)


def test_compile_keeps_a_file_of_somebodys(tmp_path):
    (tmp_path / "diagnose.yaml").write_text("mine: true")
    with pytest.raises(UserError, match=r"diagnose\.yaml exists and is not a compiled pipeline"):
        compiling.compile_to(tmp_path, "diagnose")
    assert (tmp_path / "diagnose.yaml").read_text() == "mine: true"
    (tmp_path / "diagnose.yaml").unlink()
    for _ in range(2):
        compiling.compile_to(tmp_path, "diagnose")
