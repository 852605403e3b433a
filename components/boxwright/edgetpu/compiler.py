"""Runs `edgetpu_compiler` if it is installed, and reads its log."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from boxwright.core.artifacts.edgetpu import Log, LogRow
from boxwright.core.foreign_files import child_process
from boxwright.core.runtime import limits, printable, search_paths
from boxwright.core.runtime.errors import UserError, brief
from boxwright.edgetpu import tflite_operators

PROGRAM = "edgetpu_compiler"
MAPPED = "Mapped to Edge TPU"
_CUSTOM_OP = "edgetpu-custom-op"
# The compiler has its own timeout of 180 s. This one is for a compiler that hangs.
_TIMEOUT_SECONDS = 600
# Bytes of the log that are read: a log has 4 KiB. A compiler that prints more is ended.
LOG_BYTES = limits.MIB


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of compiling. reason: why there is no compiled file, or `compiled`. log: None if the compiler is missing."""

    compiled: bool
    reason: str
    version: str | None = None
    log: str | None = None


def compile_file(file: Path, folder: Path) -> Outcome:
    """Compiles FILE.tflite to FOLDER/FILE_edgetpu.tflite.

    The compiler writes into a temporary folder. Its output file is kept only if it puts an operator on the Edge TPU: else it is a
    copy of the uncompiled model.
    """
    program = shutil.which(PROGRAM, path=search_paths.absolute(os.environ.get("PATH", os.defpath)))
    if program is None:
        return Outcome(compiled=False, reason=f"{PROGRAM} is not installed here (it exists for x86-64 Linux only)")
    with tempfile.TemporaryDirectory(prefix="boxwright-edgetpu-") as temporary:
        # Absolute paths: a relative one may begin with a dash, and would be read as an option.
        command = [program, "-s", "-o", temporary, str(file.resolve())]
        try:
            code, log = _run(command, temporary)
        except OSError as error:
            return Outcome(compiled=False, reason=f"{PROGRAM} failed to run: {brief(error)}", log="")
        target = Path(temporary) / f"{file.stem}_edgetpu.tflite"
        failure = _failure(code, log, target)
        if not failure:
            shutil.copyfile(target, folder / target.name)
    return Outcome(compiled=not failure, reason=failure or "compiled", version=parse(log).version, log=log)


def _run(command: list[str], folder: str) -> tuple[int, str]:
    """Runs the compiler with its children as a group of processes; returns its exit code and up to LOG_BYTES of its log."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=child_process.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    timer = threading.Timer(_TIMEOUT_SECONDS, _end, [process.pid])
    timer.start()
    try:
        with process:
            log = process.stdout.read(LOG_BYTES) if process.stdout else b""
            if len(log) == LOG_BYTES:
                _end(process.pid)
        return process.returncode, printable.visible(log.decode(errors="replace"))
    finally:
        timer.cancel()
        _end(process.pid)


def _end(group: int) -> None:
    """Ends the compiler and the process that it starts."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _failure(code: int, log: str, target: Path) -> str | None:
    """Why compilation failed; None if the target is a compiled model."""
    if code != 0:
        last = log.strip().splitlines()[-1:] or ["it printed nothing"]
        return f"{PROGRAM} ended with exit code {code}: {last[0][:200]}"
    if target.is_symlink() or not target.is_file():
        return f"{PROGRAM} exited with code 0 but wrote no {target.name}"
    try:
        ops, _ = tflite_operators.read(target)
    except UserError as error:
        return f"{PROGRAM} wrote a file that cannot be read: {brief(error)}"
    return None if any(op.name == _CUSTOM_OP for op in ops) else f"{PROGRAM} put no operator on the Edge TPU"


def parse(log: str) -> Log:
    """The compiler's log: version, memory sizes as text, counts, and the table of operators. None: not in the log."""
    rows = re.findall(r"^([A-Z][A-Z0-9_]+) +(\d{1,9}) +(\S.*)$", log, re.MULTILINE)
    return Log(
        version=_found(r"Edge TPU Compiler version (\S+)", log),
        on_chip_used=_found(r"On-chip memory used for caching model parameters: (\S+)", log),
        on_chip_left=_found(r"On-chip memory remaining for caching model parameters: (\S+)", log),
        off_chip=_found(r"Off-chip memory used for streaming uncached model parameters: (\S+)", log),
        subgraphs=_number(r"Number of Edge TPU subgraphs: (\d{1,9})", log),
        operators=_number(r"Total number of operations: (\d{1,9})", log),
        on_tpu=_number(r"Number of operations that will run on Edge TPU: (\d{1,9})", log),
        on_cpu=_number(r"Number of operations that will run on CPU: (\d{1,9})", log),
        ops=tuple(LogRow(op=op, count=int(count), status=status.strip()) for op, count, status in rows),
    )


def _found(pattern: str, log: str) -> str | None:
    match = re.search(pattern, log)
    return match[1] if match else None


def _number(pattern: str, log: str) -> int | None:
    found = _found(pattern, log)
    return None if found is None else int(found)
