# environment: authoring
"""Attack 13: names and logs of strangers do nothing to the terminal that shows them."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

# A window title, a clipboard, a hyperlink, a cleared screen, a line written over, a hidden end, a lone surrogate.
NAME = "a\x1b]0;PWNED\x07\x1b]52;c;Z28=\x07\x1b]8;;http://evil.example\x1b\\x\x1b[2J\x1b[95;103m\x9b31m\rb\x08\u202egpj.\u2066\u200f\u2028c"
SHOWN = r"a\x1b]0;PWNED\x07"
# The sequences of rich: colours, and the moves of a progress bar.
OURS = re.compile(r"\r?\x1b\[(?:[0-9;]*m|2K|1A|\?25[lh])")
BOXWRIGHT = (sys.executable, "-P", "-c", "from boxwright.cli import main; main()")
PRINTING = """
import logging, sys
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from boxwright.core.runtime import console
console.protect_terminal()
name = sys.argv[1]
print(name)
print(name, file=sys.stderr)
sys.stdout.writelines([name])
logging.error(name)
for markup in (False, True):
    shown = console.console(markup=markup)
    table = Table(title=escape(name))
    table.add_column(escape(name), overflow="fold")
    table.add_row(escape(name))
    table.add_row(Text(name))
    shown.print(table)
    shown.print(escape(name))
shown.print("[link=http://evil.example]x[/link]")
raise RuntimeError(name)
"""


def on_terminal(*command: str) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm-256color"}):
        os.close(theirs)
        written = b""
        try:
            while chunk := os.read(ours, 1 << 16):
                written += chunk
        except OSError:  # the terminal has closed
            pass
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


def in_pipe(*command: str) -> str:
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return ended.stdout.decode()


def require_inert(text: str) -> None:
    hidden = [one for one in OURS.sub("", text) if not one.isprintable() and one != "\n"]
    assert hidden == []
    assert "\x1b[95;103m" not in text


@pytest.mark.parametrize("show", [on_terminal, in_pipe])
def test_prints_tables_and_logs_do_nothing(show):
    text = show(sys.executable, "-P", "-c", PRINTING, NAME)
    require_inert(text)
    assert text.count(SHOWN) >= 6
    assert ("\x1b[" in text) == (show is on_terminal)  # our own colours stay


@pytest.mark.parametrize("show", [on_terminal, in_pipe])
def test_a_run_of_a_stranger_is_shown(show, tmp_path):
    (tmp_path / "lineage.json").write_text(json.dumps({"tasks": [task(NAME)]}), encoding="utf-8")
    for command in ("lineage", "verify"):
        text = show(*BOXWRIGHT, command, str(tmp_path))
        require_inert(text)
        assert SHOWN in text


@pytest.mark.parametrize("name", ["[link=http://evil.example]x[/link]", "[/x]"])
def test_markup_of_a_stranger_is_literal(name, tmp_path):
    (tmp_path / "lineage.json").write_text(json.dumps({"tasks": [task(name)]}), encoding="utf-8")
    text = on_terminal(*BOXWRIGHT, "lineage", str(tmp_path))
    require_inert(text)
    assert name in OURS.sub("", text)


def task(name: str) -> dict:
    return {
        "name": name, "cached": False, "seconds": 1.0, "parameters": {name: name}, "inputs": {name: name},
        "outputs": {"model": {"path": f"steps/{name}", "digest": "0" * 16, "metadata": {}}}, "error": name, "started": name,
    }  # fmt: skip


def test_compared_runs_are_shown(tmp_path):
    for number, folder in enumerate(folders := [tmp_path / "one", tmp_path / "other"]):
        folder.mkdir()
        (folder / "summary.json").write_text(json.dumps(summary(NAME, number)), encoding="utf-8")
    text = on_terminal(*BOXWRIGHT, "compare", *map(str, folders))
    require_inert(text)
    assert r"\x1b]0;" in text


def summary(name: str, number: int) -> dict:
    evaluation = {"AP": number, "AP50": number, "AR100": number, "per_class": {name: {"AP50": number}}}
    return {
        "verdict": f"{name}{number}", "dataset": {"digest": name}, "steps": number, "evaluation": {"float": evaluation},
        "seconds": {name: number}, "artifacts": {},
    }  # fmt: skip


@pytest.mark.parametrize("show", [on_terminal, in_pipe])
@pytest.mark.parametrize("words", [(NAME,), ("lineage", NAME), ("verify", NAME)])
def test_errors_are_inert(show, words):
    text = show(*BOXWRIGHT, *words)
    require_inert(text)
    assert "error: " in text and r"\x1b]0;" in text


def test_help_keeps_its_colours(tmp_path: Path):
    text = on_terminal(*BOXWRIGHT, "lineage", "--help")
    require_inert(text)
    assert "\x1b[" in text and r"\x1b" not in text
