"""Output folders: whole or not there, and nothing of the user's is ever deleted."""

import pytest

from boxwright.core.errors import UserError
from boxwright.core.outputs import staged


def write(target, text="new"):
    with staged([target], ["mark"]) as (folder,):
        (folder / "mark").write_text(text)


def test_an_earlier_output_is_replaced(tmp_path):
    write(tmp_path / "out", "old")
    (tmp_path / "out" / "left over").touch()
    write(tmp_path / "out")
    assert [(file.name, file.read_text()) for file in (tmp_path / "out").iterdir()] == [("mark", "new")]


def test_a_folder_of_the_users_is_refused_and_left_alone(tmp_path):
    (tmp_path / "photo.jpg").write_text("dear")
    with pytest.raises(UserError, match=r"not an earlier output of this step \(no mark in it\)"):
        write(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["photo.jpg"]


def test_after_an_error_there_is_what_was_there_before(tmp_path):
    write(tmp_path / "out", "old")
    with pytest.raises(ZeroDivisionError), staged([tmp_path / "out", tmp_path / "two"], ["mark", "mark"]):
        1 / 0  # noqa: B018
    assert [file.name for file in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "mark").read_text() == "old"


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to("disk")
    write(tmp_path / "out")
    write(tmp_path / "out")
    assert (tmp_path / "out").is_symlink() and (tmp_path / "disk" / "mark").read_text() == "new"


def test_one_folder_for_two_outputs(tmp_path):
    with (
        pytest.raises(UserError, match="two outputs"),
        staged([tmp_path / "a", tmp_path / "b" / ".." / "a"], ["mark", "mark"]),
    ):
        pass
