# environment: data
"""Folders for unfinished outputs: private, locked, and kept after a kill."""

import os
import stat
import subprocess
import sys

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import work_dirs

URI = "gs://archive/model"


def test_same_uri_gives_same_folder_after_failure(tmp_path):
    with pytest.raises(ValueError), work_dirs.resumable(URI, tmp_path / "cache") as first:
        (first / "state").write_text("half")
        raise ValueError
    with work_dirs.resumable(f"{URI}/", tmp_path / "cache") as again:
        assert again == first and (again / "state").read_text() == "half"
    assert list((tmp_path / "cache").iterdir()) == []


def test_other_uri_gives_other_folder(tmp_path):
    with work_dirs.resumable(URI, tmp_path) as one, work_dirs.resumable("gs://archive/other", tmp_path) as other:
        assert one != other


def test_folder_is_private(tmp_path):
    with work_dirs.resumable(URI, tmp_path / "deep" / "cache") as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_failure_without_files_leaves_nothing(tmp_path):
    with pytest.raises(UserError, match="wrong flag"), work_dirs.resumable(URI, tmp_path) as folder:
        (folder / "empty").mkdir()
        raise UserError("wrong flag")
    assert list(tmp_path.iterdir()) == []


def test_second_process_is_refused(tmp_path):
    code = f"""
from pathlib import Path
from boxwright.core.storage import work_dirs
with work_dirs.resumable({URI!r}, Path({str(tmp_path)!r})):
    pass
"""
    with work_dirs.resumable(URI, tmp_path):
        ended = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert f"{URI}: another process on this machine is writing this output" in ended.stderr
    assert subprocess.run([sys.executable, "-P", "-c", code]).returncode == 0


def test_link_to_a_foreign_folder_is_refused(tmp_path):
    with work_dirs.resumable(URI, tmp_path / "cache") as folder:
        pass
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="set BOXWRIGHT_CACHE"), work_dirs.resumable(URI, tmp_path / "cache"):
        pass


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_folder_of_another_user_is_refused(tmp_path):
    with work_dirs.resumable(URI, tmp_path) as folder:
        pass
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    with pytest.raises(UserError, match="belongs to another user"), work_dirs.resumable(URI, tmp_path):
        pass


def test_cache_that_is_a_file(tmp_path):
    (tmp_path / "cache").touch()
    refused = pytest.raises(UserError, match=rf"{URI}: its files cannot be prepared in .*; set BOXWRIGHT_CACHE")
    with refused, work_dirs.resumable(URI, tmp_path / "cache"):
        pass
