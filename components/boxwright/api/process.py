"""Runs a command of the command line in another process, and ends it together with its children."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from boxwright.api.progress import Progress
from boxwright.core.runtime import environments
from boxwright.core.runtime.errors import UserError

# Seconds that a command has to end after Ctrl-C.
PATIENCE = 10
# Lines of the messages that an error quotes, and that are kept.
_TAIL, _KEPT = 30, 2000
# Variables with which a notebook asks for colours.
_OF_NOTEBOOKS = ("FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR")
_START = "import sys; sys.path.append(sys.argv.pop(1)); from boxwright.cli import main; main()"


class Error(UserError):
    """A command ended with an error. The text is what the command line prints."""


Error.__module__ = "boxwright"


def run(words: Sequence[str], progress: Progress) -> list[str]:
    """Runs `boxwright WORDS`. Returns its warnings.

    Raises Error if it fails, and KeyboardInterrupt after Ctrl-C or a notebook's stop button: then the process and all its
    children have ended.
    """
    errors: deque[str] = deque(maxlen=_KEPT)
    warnings: dict[str, None] = {}
    with _started(words) as process:
        for line, is_error in _lines(process):
            if is_error:
                errors.append(line)
            if line.startswith("warning: "):
                warnings[line.removeprefix("warning: ").strip()] = None
            progress.line(line)
    if process.returncode:
        raise Error(_sentence(words[0], process.returncode, "".join(errors)))
    return list(warnings)


@contextlib.contextmanager
def shown(title: str, total: int) -> Iterator[Progress]:
    """The progress of one or several commands."""
    progress = Progress(title, total)
    try:
        yield progress
    except BaseException as error:
        progress.end("stopped" if isinstance(error, KeyboardInterrupt) else "failed")
        raise
    progress.end("done")


def command() -> list[str]:
    """The words that start the command line: of the checkout, or of the package that this Python has imported."""
    ours = environments.in_checkout("authoring")
    if ours and (script := ours / "bin" / "boxwright").exists():
        return [str(script)]
    return [sys.executable, "-P", "-c", _START, str(environments.package_folder().parent)]


@contextlib.contextmanager
def _started(words: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """The process, in a group of its own. When the block ends, no process of the group is left."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*command(), *words],
        stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", errors="replace",
        env=_variables(os.environ), start_new_session=True,
    ) as process:  # fmt: skip
        group = threading.Thread(target=_end_children, args=(process.pid,), daemon=True)
        group.start()
        try:
            yield process
        except BaseException:
            _stop(process.pid, group)
            raise
        group.join()


def _variables(given: Mapping[str, str]) -> dict[str, str]:
    """BOXWRIGHT_RUNNER: the command ends if this process is killed."""
    kept = {name: value for name, value in given.items() if name not in _OF_NOTEBOOKS}
    ours = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "4000", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    return {**kept, **ours, "BOXWRIGHT_RUNNER": str(os.getpid())}


def _end_children(pid: int) -> None:
    """Waits until the command has ended, and kills what is left of its group.

    The process is not reaped before, so that no other process can have its number.
    """
    with contextlib.suppress(ChildProcessError):  # a caller that ignores SIGCHLD
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    _signal(pid, signal.SIGKILL)


def _stop(pid: int, group: threading.Thread) -> None:
    """Ends the group as Ctrl-C on a terminal does, and kills it if it takes longer than PATIENCE or Ctrl-C comes again."""
    try:
        _signal(pid, signal.SIGINT)
        group.join(PATIENCE)
    finally:
        _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _lines(process: subprocess.Popen[str]) -> Iterator[tuple[str, bool]]:
    """Each line that the process prints, and whether it is on standard error. Only the caller's thread may use a display."""
    found: queue.SimpleQueue[tuple[str, bool] | None] = queue.SimpleQueue()

    def read(stream: Iterable[str], is_error: bool) -> None:
        for line in stream:
            found.put((line, is_error))
        found.put(None)

    for stream, is_error in ((process.stdout, False), (process.stderr, True)):
        threading.Thread(target=read, args=(stream, is_error), daemon=True).start()
    ended = 0
    while ended < 2:
        if (line := found.get()) is None:
            ended += 1
        else:
            yield line


def _sentence(name: str, code: int, errors: str) -> str:
    """The error of the command line, or how the process ended and its last messages."""
    if code == 2 and "error: " in errors:
        return errors.rpartition("\nerror: ")[2].removeprefix("error: ").strip().removeprefix(f"boxwright {name}: ")
    how = f"was killed by signal {-code} (9: often out of memory)" if code < 0 else f"ended with exit code {code}"
    tail = "\n".join(errors.strip().splitlines()[-_TAIL:])
    return f"boxwright {name} {how}" + (f":\n{tail}" if tail else "")
