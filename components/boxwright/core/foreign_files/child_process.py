"""Calls a function of ours on a stranger's file in a child process. A crash there becomes a sentence here.

Native libraries (TensorFlow, LiteRT, codecs) can abort, segfault or allocate without end on a damaged file. The child is a fresh
Python process, never a fork of this one. It has limits of memory, time and file size, writes no core dump, and inherits none of
the environment variables that may hold a secret. It protects against crashes. It is no sandbox: the child has this user's rights.
"""

import contextlib
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from boxwright.core.runtime import limits, search_paths
from boxwright.core.runtime.errors import UserError, brief

# The variables that a child inherits: where programs, libraries and temporary files are, and the language.
_INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ")
# One thread and no GPU: threads would add to the limit of memory, and a GPU has none.
_OWN = {
    "PYTHONSAFEPATH": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
_AGAIN = "copy it again, or make it again"
# Bytes of the number that says how long a message to or from a service is.
_LENGTH = 8
# Bytes of an answer: the list of 100,000 arrays has 10 MiB, the detections of an image 10 KiB.
ANSWER_BYTES = 64 * limits.MIB


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """memory: bytes of address space. seconds: of wall time. file_bytes: of the largest file that the child may write."""

    memory: int = 4 * limits.GIB
    seconds: int = 120
    file_bytes: int = 0


def call(function: Callable[..., Any], *arguments: Any, what: object, bounds: Bounds | None = None) -> Any:
    """Calls a function of a module of ours in a child process and returns its result.

    function: at the top of its module. arguments and result: what JSON can hold; a path is passed as text. what: the file, which
    begins the error's sentence.

    Raises UserError if the function does, if it raises another exception, if it crashes, or if it exceeds the bounds.
    """
    service = Service(function, *arguments, what=what, bounds=bounds)
    service.end()
    return service.result


class Service:
    """A child process that answers many requests about one file, so that the file is loaded only once, and never here.

    function: at the top of its module. It returns `result`, or a pair of `result` and a function that answers a request: bytes
    in, bytes out. The bounds hold for the beginning and for each answer.

    Raises UserError as `call` does. The process ends with this object.
    """

    def __init__(
        self, function: Callable[..., Any], *arguments: Any, what: object, bounds: Bounds | None = None
    ) -> None:
        self._what, self._bounds = what, bounds or Bounds()
        asked = {"module": function.__module__, "name": function.__name__, "arguments": arguments} | vars(self._bounds)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment() | _OWN,
            )
        except OSError as error:
            raise UserError(
                f"{what} cannot be tried in a process of its own ({error.strerror}); close other programs"
            ) from None
        self.end = weakref.finalize(self, _end, self._process)
        self.result = _result(json.loads(self.ask(json.dumps(asked, default=str).encode())), what, self._bounds)

    def ask(self, request: bytes) -> bytes:
        """The answer to a request. Raises UserError if the process crashes, or takes more than the seconds of the bounds."""
        try:
            _send(self._process.stdin, request)
            return _receive(self._process.stdout, ANSWER_BYTES)
        except (OSError, EOFError):
            raise _death(self._process.wait(), self._what, self._bounds) from None


def _send(stream: IO[bytes] | None, message: bytes) -> None:
    if stream is not None:
        stream.write(len(message).to_bytes(_LENGTH, "little") + message)
        stream.flush()


def _receive(stream: IO[bytes] | None, most: int) -> bytes:
    """The next message. Raises EOFError if the stream ends before, and UserError for more than `most` bytes."""
    start = stream.read(_LENGTH) if stream else b""
    length = int.from_bytes(start, "little")
    limits.check_size(length, most, "what was read of the file", "give another file")
    message = stream.read(length) if stream and len(start) == _LENGTH else b""
    if len(start) < _LENGTH or len(message) < length:
        raise EOFError
    return message


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()


def environment() -> dict[str, str]:
    """The variables that a child may have: none of them holds a secret, and no search path leads to the current folder."""
    given = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return given | {name: search_paths.absolute(given[name]) for name in search_paths.VARIABLES if name in given}


def _death(code: int, what: object, bounds: Bounds) -> UserError:
    """The error for a child that ended without an answer."""
    if code == -signal.SIGALRM:
        return UserError(f"{what} is damaged or too large: reading it takes more than {bounds.seconds} s; {_AGAIN}")
    if code >= 0:
        return UserError(f"{what} is damaged: reading it failed (exit code {code}); {_AGAIN}")
    crash = signal.Signals(-code)
    more = ", often for want of memory" if crash is signal.SIGKILL else ""
    return UserError(f"{what} is damaged: reading it crashed (signal {crash.value}, {crash.name}{more}); {_AGAIN}")


def _result(answer: dict[str, Any], what: object, bounds: Bounds) -> Any:
    if "refused" in answer:
        raise UserError(answer["refused"])
    if "memory" in answer:
        most = limits.in_words(bounds.memory)
        raise UserError(f"{what} is damaged or too large: reading it needs more than {most} of memory; {_AGAIN}")
    if "failed" in answer:
        raise UserError(f"{what} is damaged: reading it failed ({answer['failed']}); {_AGAIN}")
    return answer["result"]


def _answer(asked: dict[str, Any]) -> tuple[dict[str, Any], Callable[[bytes], bytes] | None]:
    """The answer to the first request, and the function that answers the others."""
    try:
        result = getattr(importlib.import_module(asked["module"]), asked["name"])(*asked["arguments"])
        serves = isinstance(result, tuple) and len(result) == 2 and callable(result[1])
        return ({"result": result[0]}, result[1]) if serves else ({"result": result}, None)
    except UserError as error:
        return {"refused": str(error)}, None
    except MemoryError:
        return {"memory": True}, None
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {brief(error)}"}, None


def _limit(asked: dict[str, Any]) -> None:
    """Sets the limits of this process."""
    wanted = {
        resource.RLIMIT_AS: asked["memory"],
        resource.RLIMIT_FSIZE: asked["file_bytes"],
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, hard))


def main() -> None:
    """The child: answers the requests of its standard input on standard output, until its input ends.

    What libraries print to standard output goes to standard error, which is discarded.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asked = json.loads(_receive(sys.stdin.buffer, ANSWER_BYTES))
    _limit(asked)
    answer, serve = _in_time(asked["seconds"], _answer, asked)
    _send(answers, json.dumps(answer).encode())
    with contextlib.suppress(EOFError):
        while serve:
            request = _receive(sys.stdin.buffer, limits.GIB)
            _send(answers, _in_time(asked["seconds"], serve, request))


def _in_time(seconds: int, function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls the function. An alarm ends this process if it takes too long, also if the parent was killed meanwhile."""
    signal.alarm(seconds)
    try:
        return function(*arguments)
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    main()
