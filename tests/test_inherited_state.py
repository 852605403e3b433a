# environment: authoring
"""The tests and `boxwright` do not depend on how they are started: in the background, by nohup or by CI."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from boxwright.core.runtime import environments

# Set for the tests that a test in this file starts in the background.
INSIDE = "BOXWRIGHT_TESTS_STARTED_ODDLY"
ODD = {
    "LANG": "de_DE",
    "TZ": "Asia/Tokyo",
    "COLUMNS": "20",
    "TERM": "dumb",
    "FORCE_COLOR": "1",
    "PYTHONWARNINGS": "error",
}
# Prints the state that a child process has inherited.
STATE = """
import os, signal, sys, time
print(signal.getsignal(signal.SIGINT) == signal.default_int_handler, signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
print(oct(os.umask(0)), time.tzname[0], sys.getfilesystemencoding(), *sorted(set(os.environ) & {"COLUMNS", "FORCE_COLOR"}))
"""


def as_in_the_background() -> None:
    """Starts a process as a shell without job control or nohup does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.umask(0o077)


def test_children_of_tests_inherit_a_known_state():
    said = subprocess.run([sys.executable, "-P", "-c", STATE], capture_output=True, text=True, check=True).stdout
    assert said == "True True\n0o22 UTC utf-8\n"


@pytest.mark.skipif(INSIDE in os.environ, reason="it is what starts this one")
def test_tests_started_in_the_background_pass():
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "-k", "known_state"]
    variables = os.environ | ODD | {INSIDE: "1"}
    ended = subprocess.run(command, preexec_fn=as_in_the_background, env=variables, capture_output=True, text=True)
    assert ended.returncode == 0 and "1 passed" in ended.stdout, ended.stdout + ended.stderr


def test_refuses_a_named_file_of_another_environment():
    named = f"{Path(__file__).parent / 'core' / 'augmentations' / 'test_augmentations.py'}::test_x"
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", named]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR and ".envs/data/bin/python" in ended.stderr, ended.stderr


@pytest.fixture
def data(tmp_path) -> Path:
    """A few generated images."""
    python = environments.home() / "data" / "bin" / "python"
    generator = [python, "-P", "-m", "boxwright.demo.generator", "--out", tmp_path / "data", "--images", "12"]
    subprocess.run(generator, check=True)
    return tmp_path / "data"


def test_a_run_in_the_background_stops_on_sigterm(data, tmp_path):
    """It ends at once with the exit code for SIGTERM, and no child process remains."""
    script = str(Path(sys.prefix) / "bin" / "boxwright")
    command = [script, "diagnose", "--data", str(data), "--out", str(tmp_path / "out"), "--init", "none"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, preexec_fn=as_in_the_background, start_new_session=True, **pipes) as run:
        assert run.stdout and "▶ convert" in run.stdout.readline()
        run.terminate()
        said = run.communicate(timeout=60)[0]
    assert (run.returncode, said) == (128 + signal.SIGTERM, "")
    late = time.monotonic() + 10
    while session_of(run.pid) and time.monotonic() < late:
        time.sleep(0.05)
    assert session_of(run.pid) == []


def session_of(leader: int) -> list[str]:
    """Command lines of the processes of a session, from Linux' /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == leader:
                found.append((folder / "cmdline").read_text())
        except OSError:
            continue
    return found
