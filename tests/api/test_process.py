# environment: authoring
"""The other process: its errors, and that neither it nor its children outlive a stop, a kill or the end of the caller."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import boxwright
from boxwright.api import process
from boxwright.api.progress import Progress
from boxwright.core.runtime import environments

# A script of a user. It prints how the call ended.
CALLER = """
import sys, boxwright
try:
    boxwright.diagnose(sys.argv[1], out=sys.argv[2])
except KeyboardInterrupt:
    print("interrupted")
except boxwright.Error as error:
    print(error)
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("api") / "data"
    python = environments.home() / "data" / "bin" / "python"
    command = [python, "-P", "-m", "boxwright.demo.generator", "--out", folder, "--images", "8", "--seed", "0"]
    subprocess.run(command, check=True)
    return folder


@contextlib.contextmanager
def calling(data: Path, out: Path) -> Iterator[subprocess.Popen[str]]:
    """The script, while the step convert runs."""
    words = [sys.executable, "-P", "-c", CALLER, str(data), str(out)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as caller:
        try:
            wait(lambda: any("convert" in command for command in others(out, caller).values()))
            yield caller
        finally:
            caller.kill()


def others(out: Path, caller: subprocess.Popen[str]) -> dict[int, str]:
    """The command lines of the other processes that name the folder, by number."""
    found: dict[int, str] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(out) in command and int(entry.name) != caller.pid:
                found[int(entry.name)] = command
    return found


def wait(happened: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_interrupt_ends_the_command_and_its_steps(data, tmp_path):
    with calling(data, tmp_path / "out") as caller:
        caller.send_signal(signal.SIGINT)
        said, _ = caller.communicate(timeout=30)
        assert said == "interrupted\n" and caller.returncode == 0
        assert others(tmp_path / "out", caller) == {}


def test_killed_command_is_an_error_and_leaves_no_step(data, tmp_path):
    with calling(data, tmp_path / "out") as caller:
        (runner,) = (pid for pid, command in others(tmp_path / "out", caller).items() if " diagnose --data" in command)
        os.kill(runner, signal.SIGKILL)
        said, _ = caller.communicate(timeout=30)
        assert said.startswith("boxwright diagnose was killed by signal 9 (9: often out of memory)")
        assert others(tmp_path / "out", caller) == {}


def test_killed_caller_leaves_no_process(data, tmp_path):
    """As when a notebook's kernel is restarted."""
    with calling(data, tmp_path / "out") as caller:
        caller.kill()
        wait(lambda: others(tmp_path / "out", caller) == {}, 10)


def test_error_is_the_sentence_of_the_command_line(tmp_path):
    gone = tmp_path / "gone"
    command = [*process.command(), "diagnose", f"--data={gone}", f"--out={tmp_path / 'out'}"]
    printed = subprocess.run(command, capture_output=True, text=True).stderr
    with pytest.raises(boxwright.Error) as raised:
        boxwright.diagnose(gone, out=tmp_path / "out")
    assert str(raised.value).startswith(f"--data {gone}: this path does not exist")
    assert printed == f"\nerror: boxwright diagnose: {raised.value}\n"


def test_unknown_exit_code_quotes_the_last_messages(monkeypatch):
    monkeypatch.setattr(process, "command", lambda: [sys.executable, "-c", "raise SystemExit('first\\nlast')"])
    with pytest.raises(boxwright.Error, match=r"^boxwright run ended with exit code 1:\nfirst\nlast$"):
        process.run(["run"], Progress("run", 1))


def test_warnings_are_returned_once(monkeypatch):
    code = "import sys; print('warning: few images'); print('warning: few images', file=sys.stderr)"
    monkeypatch.setattr(process, "command", lambda: [sys.executable, "-c", code])
    assert process.run(["run"], Progress("run", 1)) == ["few images"]


def test_package_of_this_python_runs_without_a_checkout(monkeypatch):
    monkeypatch.setattr(process.environments, "in_checkout", lambda name: None)
    assert process.command()[:3] == [sys.executable, "-P", "-c"]
    printed = subprocess.run([*process.command(), "--version"], capture_output=True, text=True).stdout
    assert printed == f"{boxwright.__version__}\n"
