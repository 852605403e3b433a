# environment: authoring
"""The `boxwright` command as a process, and the functions that preprocess its flags."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from boxwright.cli import COMMANDS
from boxwright.command_line.step_arguments import as_switches, attached, not_named, split_executor_input
from boxwright.core.runtime.environments import STEPS

SCRIPT = Path(sys.prefix) / "bin" / "boxwright"


@dataclass
class Flags:
    records: Path
    stock: bool = False
    batch_size: int = 8
    dry_run: bool = True


@pytest.mark.parametrize(
    ("given", "switches"),
    [
        (["--stock", "true"], ["--stock"]),
        (["--stock", "False"], ["--no-stock"]),
        (["--dry-run", "false", "--batch-size", "4"], ["--no-dry-run", "--batch-size", "4"]),
        (["--stock"], ["--stock"]),
        (["--stock", "--records", "true"], ["--stock", "--records", "true"]),
        (["--records", "true", "--stock", "TRUE"], ["--records", "true", "--stock"]),
        ([], []),
    ],
)
def test_bools_are_read_as_kfp_passes_them(given, switches):
    assert as_switches(given, Flags) == switches


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--beam-options", "--runner=X", "--seed", "1"], ["--beam-options=--runner=X", "--seed", "1"]),
        (["--beam-options", "--runner X --y 1"], ["--beam-options=--runner X --y 1"]),
        (["--beam-options", "", "--fix", "clip"], ["--beam-options=", "--fix", "clip"]),  # as KFP passes the default
        (["--beam-options=--runner=X"], ["--beam-options=--runner=X"]),
        (["--beam-options"], ["--beam-options"]),
    ],
)
def test_the_value_of_beam_options_is_attached(given, words):
    assert attached(given) == words


@pytest.mark.parametrize(
    ("words", "given", "added"),
    [
        ([], {"batch_size": 4.0, "stock": True}, ["--stock", "true", "--batch-size", "4"]),
        (["--batch-size", "2", "--records=x"], {"batch_size": 4.0, "records": "y"}, []),
        ([], {"dry_run": None, "of_the_graph": 1.0}, []),
        ([], {"records": {"of": ["a", 0.5]}}, ["--records", '{"of": ["a", 0.5]}']),
    ],
)
def test_parameters_that_the_command_does_not_name(words, given, added):
    """As KFP's driver would have put them into it."""
    assert not_named(words, given, Flags) == added


def test_executor_input_is_split_off():
    assert split_executor_input(["--a", "1", "--executor-input", "{}", "--b", "2"]) == ("{}", ["--a", "1", "--b", "2"])
    assert split_executor_input(["--a", "1"]) == (None, ["--a", "1"])
    assert split_executor_input(["--executor-input"]) == (None, ["--executor-input"]), "for the parser to refuse"


def test_a_closed_pipe_is_no_error():
    """For example in `boxwright --help | head -1`."""
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(SCRIPT, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert ended.returncode == 141 and not ended.stderr


@pytest.mark.parametrize("words", ["--version", "run --help"])
def test_a_closed_output_is_no_error(words):
    """For example in a job without standard output."""
    ended = subprocess.run(["sh", "-c", f'"$0" {words} >&-', SCRIPT], stderr=subprocess.PIPE, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"]])
def test_a_full_disk_is_reported_in_a_sentence(words):
    with open("/dev/full", "wb") as full:
        ended = subprocess.run([SCRIPT, *words], stdout=full, stderr=subprocess.PIPE, text=True)
    command, said = f"boxwright {words[0]}", "standard output cannot be written: No space left on device"
    assert (ended.returncode, ended.stderr) == (2, f"\nerror: {command}: {said}\n")


def boxwright(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("words", [("convert", "--help"), ("run", "--help")])
def test_help_shows_the_choices(words):
    assert "--format {auto,coco," in boxwright(*words).stdout


def test_help_lists_every_command():
    shown = boxwright("--help")
    assert shown.returncode == 0
    for name in (*COMMANDS, *STEPS):
        assert f"\n  {name} " in shown.stdout


def test_alone_it_says_what_to_type_next_in_five_lines():
    shown = boxwright()
    assert shown.returncode == 0 and len(shown.stdout.splitlines()) == 5
    assert "boxwright diagnose --data" in shown.stdout and "boxwright --help" in shown.stdout


@pytest.mark.parametrize(
    ("word", "meant"),
    [("trian", " did you mean `boxwright train`?"), ("diagnos", " did you mean `boxwright diagnose`?"), ("zzz", "")],
)
def test_an_unknown_command_names_the_nearest_one(word, meant):
    ended = boxwright(word)
    said = f"error: boxwright {word}: there is no command {word!r};{meant} `boxwright --help` lists them"
    assert (ended.returncode, ended.stderr.strip()) == (2, said)


def test_a_steps_error_is_one_paragraph(tmp_path):
    (tmp_path / "empty").mkdir()
    ended = boxwright("convert", "--data", str(tmp_path / "empty"))
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr and "\nerror: boxwright convert: " in "\n" + ended.stderr


def test_a_letter_that_the_terminal_lacks_is_escaped():
    program = "import sys; from boxwright import cli; cli.usage = lambda: '猫'; sys.argv[1:] = ['help']; cli.main()"
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    ended = subprocess.run([sys.executable, "-P", "-c", program], env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "\\u732b\n"), ended.stderr


STEP = """
import time
from boxwright.cli import end_with_parent
end_with_parent()
time.sleep(1)
print("still there", flush=True)
time.sleep(30)
"""
RUNNER = """
import os, subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1]], env=os.environ | {"BOXWRIGHT_RUNNER": str(os.getpid())})
"""


def test_a_step_ends_with_the_runner_that_started_it():
    with subprocess.Popen([sys.executable, "-c", RUNNER, STEP], stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout and runner.stdout.readline() == "still there\n"
        runner.kill()
        killed = time.monotonic()
        # The pipe closes when both the runner and the step have ended.
        assert runner.stdout.read() == ""
    assert time.monotonic() - killed < 10
