# environment: data
"""Names are printed literally, on any terminal."""

import os
import subprocess
import sys

NAMES = ["a[/m8]b", "bolt [m8]", ":cat:", "back\\", "猫"]
PROGRAM = """
from rich.table import Table
from boxwright.core.runtime import console
console.protect_terminal()
names = Table(title={names!r}[1])
for name in {names!r}:
    names.add_row(name)
console.console().print(names)
console.console().print("note: " + {names!r}[0])
print({names!r}[4])
"""


def printed(encoding: str) -> str:
    """The output of the program on a terminal with this encoding."""
    ended = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM.format(names=NAMES)],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.decode(encoding)


def test_prints_names_without_markup():
    shown = printed("utf-8")
    assert all(f" {name} " in shown for name in NAMES)
    assert shown.count("bolt [m8]") == 2 and "note: a[/m8]b" in shown


def test_prints_missing_letters_as_their_codes():
    assert printed("ascii").count("\\u732b") == 2
