# environment: data
"""Runs several `boxwright` commands in one separate process, so that libraries are imported only once."""

import json
import subprocess
import sys
from dataclasses import dataclass

_CODE = """
import importlib, json, sys
from boxwright import cli
commands, imports = json.loads(sys.stdin.read())
for words in commands:
    sys.argv = ["boxwright", *words]
    try:
        cli.main()
    except SystemExit as end:
        if end.code:
            raise
for name in imports:
    importlib.import_module(name)
print("\\nmodules:", json.dumps([name for name in sys.modules if name.split(".")[0] == "boxwright"]))
"""


@dataclass(frozen=True)
class Ran:
    """modules: our modules that the process had imported when it ended."""

    stdout: str
    stderr: str
    modules: set[str]


def run(*commands: list[str], imports: tuple[str, ...] = ()) -> Ran:
    """Runs the commands; each must succeed. imports: modules to import afterwards."""
    line = [sys.executable, "-P", "-c", _CODE]
    ended = subprocess.run(line, input=json.dumps([commands, imports]), capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    printed, _, modules = ended.stdout.rpartition("\nmodules:")
    return Ran(printed, ended.stderr, set(json.loads(modules)))
