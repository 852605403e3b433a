# environment: data
"""Output folders appear complete or not at all, and the user's files are never deleted."""

from pathlib import Path

import pytest

from boxwright.core.runtime.atomic_dirs import WRITTEN, staged
from boxwright.core.runtime.errors import UserError


def write(target, text="new"):
    with staged([target], ["mark"]) as (folder,):
        (folder / "mark").write_text(text)


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def test_replaces_an_earlier_output(tmp_path):
    with staged([tmp_path / "out"], ["mark"]) as (folder,):
        (folder / "mark").touch()
        (folder / "only then" / "empty").mkdir(parents=True)
    write(tmp_path / "out")
    assert names(tmp_path / "out") == [WRITTEN, "mark"] and (tmp_path / "out" / "mark").read_text() == "new"
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("dear", ["photo.jpg", "mark", "folder/mark", WRITTEN])
def test_refuses_a_foreign_folder(dear, tmp_path):
    """A file name proves nothing: a COCO file is often called dataset.json."""
    file = tmp_path / "own" / dear
    file.parent.mkdir(parents=True)
    file.write_text("dear")
    with pytest.raises(UserError, match=r"not an earlier output of this step"):
        write(tmp_path / "own")
    assert file.read_text() == "dear" and names(tmp_path) == ["own"]


@pytest.mark.parametrize("dear", ["notes.txt", "folder/notes.txt", "folder"])
def test_refuses_an_output_with_foreign_files(dear, tmp_path):
    write(tmp_path / "out", "old")
    file = tmp_path / "out" / dear
    file.parent.mkdir(exist_ok=True)
    file.write_text("dear") if file.suffix else file.mkdir()
    with pytest.raises(UserError, match=f"did not write .first: {dear}.*move them away"):
        write(tmp_path / "out")
    assert file.exists() and (tmp_path / "out" / "mark").read_text() == "old"


@pytest.mark.parametrize(("error", "said"), [(OSError(16, "busy"), UserError), (SystemExit(), SystemExit)])
def test_failed_swap_keeps_the_earlier_output(error, said, tmp_path, monkeypatch):
    write(tmp_path / "out", "old")
    rename = Path.rename

    def stop(path, target):
        if "-old" not in f"{path}{target}":
            raise error
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stop)
    with pytest.raises(said):
        write(tmp_path / "out")
    assert (tmp_path / "out" / "mark").read_text() == "old" and names(tmp_path) == ["out"]


def test_refuses_files_that_appear_during_the_step(tmp_path):
    with pytest.raises(UserError, match=r"not an earlier output of this step"), staged([tmp_path / "out"], ["mark"]):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "photo.jpg").write_text("dear")
    assert (tmp_path / "out" / "photo.jpg").read_text() == "dear" and names(tmp_path) == ["out"]


def test_refuses_the_output_of_another_step(tmp_path):
    write(tmp_path / "out")
    with pytest.raises(UserError, match="not an earlier output of this step"), staged([tmp_path / "out"], ["other"]):
        pass


@pytest.mark.parametrize("name", ["out", "out[1]"])
def test_removes_leftovers_of_killed_processes_only(name, tmp_path):
    killed = tmp_path / f".{name}.partial-1"
    killed.mkdir()
    (killed / "half").touch()
    with staged([tmp_path / name], ["mark"]) as (first,):
        assert not killed.exists()
        with staged([tmp_path / name], ["mark"]) as (second,):
            (second / "mark").write_text("second")
        (first / "mark").write_text("first")
    assert names(tmp_path) == [name] and (tmp_path / name / "mark").read_text() == "first"


def test_error_keeps_the_earlier_output(tmp_path):
    write(tmp_path / "out", "old")
    with pytest.raises(ZeroDivisionError), staged([tmp_path / "out", tmp_path / "two"], ["mark", "mark"]):
        1 / 0  # noqa: B018
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "mark").read_text() == "old"


def test_link_to_a_folder_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to("disk")
    write(tmp_path / "out")
    write(tmp_path / "out")
    assert (tmp_path / "out").is_symlink() and (tmp_path / "disk" / "mark").read_text() == "new"


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("a", "b/../a", "two outputs"),
        ("a", "a/b", "choose separate folders"),
        ("a/b/c", "a", "choose separate folders"),
    ],
)
def test_refuses_nested_and_equal_outputs(one, other, said, tmp_path):
    targets = [tmp_path / one, tmp_path / other]
    with pytest.raises(UserError, match=said), staged(targets, ["mark", "mark"]):
        pass
    assert names(tmp_path) == []
