"""Runs `edgetpu_compiler` if it is installed, and reads its log."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from boxwright.core import tflite
from boxwright.core.artifacts.edgetpu import Log, LogRow
from boxwright.core.runtime import search_paths

PROGRAM = "edgetpu_compiler"
MAPPED = "Mapped to Edge TPU"
_CUSTOM_OP = "edgetpu-custom-op"
# The compiler has its own timeout of 180 s. This one is for a compiler that hangs.
_TIMEOUT_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of compiling. reason: why there is no compiled file, or `compiled`. log: None if the compiler is missing."""

    compiled: bool
    reason: str
    version: str | None = None
    log: str | None = None


def compile_file(file: Path, folder: Path) -> Outcome:
    """Compiles FILE.tflite to FOLDER/FILE_edgetpu.tflite.

    If the compiler puts no operator on the Edge TPU, its output file is removed, because it is a copy of the uncompiled model.
    """
    program = shutil.which(PROGRAM, path=search_paths.absolute(os.environ.get("PATH", os.defpath)))
    if program is None:
        return Outcome(compiled=False, reason=f"{PROGRAM} is not installed here (it exists for x86-64 Linux only)")
    try:
        command = [program, "-s", "-o", str(folder), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Outcome(compiled=False, reason=f"{PROGRAM} failed to run: {error}", log="")
    log = done.stdout + done.stderr
    target = folder / f"{file.stem}_edgetpu.tflite"
    failure = _failure(done.returncode, log, target)
    if failure:
        target.unlink(missing_ok=True)
    return Outcome(compiled=not failure, reason=failure or "compiled", version=parse(log).version, log=log)


def _failure(code: int, log: str, target: Path) -> str | None:
    """Why compilation failed; None if the target is a compiled model."""
    if code != 0:
        last = log.strip().splitlines()[-1:] or ["it printed nothing"]
        return f"{PROGRAM} ended with exit code {code}: {last[0]}"
    if not target.is_file():
        return f"{PROGRAM} exited with code 0 but wrote no {target.name}"
    model = tflite.read_model(target.read_bytes())
    if not any(tflite.op_name(model, op) == _CUSTOM_OP for op in tflite.operators(model)):
        return f"{PROGRAM} put no operator on the Edge TPU"
    return None


def parse(log: str) -> Log:
    """The compiler's log: version, memory sizes as text, counts, and the table of operators. None: not in the log."""
    rows = re.findall(r"^([A-Z][A-Z0-9_]+) +(\d+) +(\S.*)$", log, re.MULTILINE)
    return Log(
        version=_found(r"Edge TPU Compiler version (\S+)", log),
        on_chip_used=_found(r"On-chip memory used for caching model parameters: (\S+)", log),
        on_chip_left=_found(r"On-chip memory remaining for caching model parameters: (\S+)", log),
        off_chip=_found(r"Off-chip memory used for streaming uncached model parameters: (\S+)", log),
        subgraphs=_number(r"Number of Edge TPU subgraphs: (\d+)", log),
        operators=_number(r"Total number of operations: (\d+)", log),
        on_tpu=_number(r"Number of operations that will run on Edge TPU: (\d+)", log),
        on_cpu=_number(r"Number of operations that will run on CPU: (\d+)", log),
        ops=tuple(LogRow(op=op, count=int(count), status=status.strip()) for op, count, status in rows),
    )


def _found(pattern: str, log: str) -> str | None:
    match = re.search(pattern, log)
    return match[1] if match else None


def _number(pattern: str, log: str) -> int | None:
    found = _found(pattern, log)
    return None if found is None else int(found)
