# environment: train
"""A call in a child process: its result, and each way in which it can fail."""

from pathlib import Path

import child_functions
import pytest

from boxwright.core.foreign_files import child_process
from boxwright.core.foreign_files.child_process import Bounds
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """The child imports the functions from where this process found them."""
    monkeypatch.setitem(child_process._OWN, "PYTHONPATH", str(Path(child_functions.__file__).parent))


def test_returns_the_result():
    assert child_process.call(child_functions.double, [1, 2], what="x") == [2, 4]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (child_functions.fail, r"m\.bin is damaged: reading it failed \(IndexError: list index out of range\)"),
        (child_functions.segfault, r"m\.bin is damaged: reading it crashed \(signal 11, SIGSEGV\)"),
        (child_functions.abort, r"m\.bin is damaged: reading it crashed \(signal 6, SIGABRT\)"),
        (child_functions.leave, r"m\.bin is damaged: reading it failed \(exit code 3\)"),
        (child_functions.allocate, r"reading it needs more than 2 GiB of memory"),
        (child_functions.sleep, r"reading it takes more than 1 s"),
    ],
)
def test_a_failure_is_a_sentence(function, said):
    slow = 1 if function is child_functions.sleep else 60
    with pytest.raises(UserError, match=said):
        child_process.call(function, what="m.bin", bounds=Bounds(memory=2 * limits.GIB, seconds=slow))


def test_an_error_for_the_user_is_kept(tmp_path):
    with pytest.raises(UserError, match=r"x\.npz: no$"):
        child_process.call(child_functions.refuse, tmp_path / "x.npz", what="y")


def test_no_secret_and_no_current_folder_is_inherited(tmp_path, monkeypatch):
    monkeypatch.setenv("KFP_TOKEN", "secret")
    monkeypatch.chdir(tmp_path)
    found = child_process.call(child_functions.surroundings, what="x")
    assert "secret" not in found["environment"].values()
    assert not {"", str(tmp_path)} & set(found["path"]) and not found["tensorflow"]


def test_files_are_limited(tmp_path):
    with pytest.raises(UserError, match="File too large"):
        child_process.call(child_functions.write, tmp_path / "a", what="x", bounds=Bounds(file_bytes=limits.MIB))
    child_process.call(child_functions.write, tmp_path / "b", what="x", bounds=Bounds(file_bytes=3 * limits.MIB))


def test_a_service_answers_many_requests():
    service = child_process.Service(child_functions.serve, what="x")
    assert service.result == "ready"
    assert [service.ask(request) for request in (b"ab", b"", bytes(1 << 20))] == [b"ba", b"", bytes(1 << 20)]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (b"segfault", "signal 11, SIGSEGV"),
        (b"abort", "signal 6, SIGABRT"),
        (b"sleep", "takes more than 2 s"),
        (b"fail", "exit code 1"),
    ],
)
def test_a_service_that_fails_later_is_a_sentence(request_, said):
    """Only certain requests crash it: the beginning succeeds."""
    service = child_process.Service(child_functions.serve, what="m.bin", bounds=Bounds(seconds=2))
    assert service.ask(b"ab") == b"ba"
    with pytest.raises(UserError, match=rf"m\.bin is damaged.*{said}"):
        service.ask(request_)


def test_a_huge_answer_is_not_read():
    with pytest.raises(UserError, match="holds more than 64 MiB"):
        child_process.call(child_functions.chatter, what="x")
