"""The `boxwright` command as a process, and the two functions that shape its flags."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from boxwright.cli import COMMANDS, as_switches, split_executor_input
from boxwright.core.environments import STEPS

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
def test_bools_as_kfp_passes_them(given, switches):
    assert as_switches(given, Flags) == switches


def test_executor_input_is_taken_out():
    assert split_executor_input(["--a", "1", "--executor-input", "{}", "--b", "2"]) == ("{}", ["--a", "1", "--b", "2"])
    assert split_executor_input(["--a", "1"]) == (None, ["--a", "1"])


def boxwright(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, timeout=120)


def test_help_lists_every_command():
    shown = boxwright("--help")
    assert shown.returncode == 0
    for name in (*COMMANDS, *STEPS):
        assert f"\n  {name} " in shown.stdout
    assert boxwright().stdout == shown.stdout


def test_unknown_command():
    ended = boxwright("trian")
    assert ended.returncode == 2
    assert ended.stderr.strip() == "error: boxwright trian: there is no command 'trian'; `boxwright --help` lists them"


def test_a_step_refuses_in_one_paragraph(tmp_path):
    (tmp_path / "empty").mkdir()
    ended = boxwright("convert", "--data", str(tmp_path / "empty"))
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr and "\nerror: boxwright convert: " in "\n" + ended.stderr
