"""Calls a function of ours on a stranger's file in a child process. A crash there becomes a sentence here.

Native libraries (TensorFlow, LiteRT, codecs) can abort, segfault or allocate without end on a damaged file. The child is a fresh
Python process, never a fork of this one. It has limits of memory, time and file size, writes no core dump, and inherits none of
the environment variables that may hold a secret. It protects against crashes. It is no sandbox: the child has this user's rights.
"""

import importlib
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
    bounds = bounds or Bounds()
    asked = {"module": function.__module__, "name": function.__name__, "arguments": arguments} | vars(bounds)
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", __name__],
            input=json.dumps(asked, default=str).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment() | _OWN,
            timeout=bounds.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_slow(what, bounds) from None
    except OSError as error:
        raise UserError(
            f"{what} cannot be tried in a process of its own ({error.strerror}); close other programs"
        ) from None
    return _result(ended, what, bounds)


def environment() -> dict[str, str]:
    """The variables that a child may have: none of them holds a secret, and no search path leads to the current folder."""
    given = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return given | {name: search_paths.absolute(given[name]) for name in search_paths.VARIABLES if name in given}


def _result(ended: "subprocess.CompletedProcess[bytes]", what: object, bounds: Bounds) -> Any:
    if ended.returncode == -signal.SIGXCPU:
        raise _too_slow(what, bounds)
    if ended.returncode < 0:
        crash = signal.Signals(-ended.returncode)
        more = ", often for want of memory" if crash is signal.SIGKILL else ""
        raise UserError(f"{what} is damaged: reading it crashed (signal {crash.value}, {crash.name}{more}); {_AGAIN}")
    answer = json.loads(ended.stdout) if ended.stdout else {"failed": f"exit code {ended.returncode}"}
    if "refused" in answer:
        raise UserError(answer["refused"])
    if "memory" in answer:
        most = limits.in_words(bounds.memory)
        raise UserError(f"{what} is damaged or too large: reading it needs more than {most} of memory; {_AGAIN}")
    if "failed" in answer:
        raise UserError(f"{what} is damaged: reading it failed ({answer['failed']}); {_AGAIN}")
    return answer["result"]


def _too_slow(what: object, bounds: Bounds) -> UserError:
    return UserError(f"{what} is damaged or too large: reading it takes more than {bounds.seconds} s; {_AGAIN}")


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        function = getattr(importlib.import_module(asked["module"]), asked["name"])
        return {"result": function(*asked["arguments"])}
    except UserError as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"memory": True}
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {brief(error)}"}


def _limit(asked: dict[str, Any]) -> None:
    """Sets the limits of this process. The limit of CPU time ends it even if the parent was killed."""
    wanted = {
        resource.RLIMIT_AS: asked["memory"],
        resource.RLIMIT_CPU: asked["seconds"] + 1,
        resource.RLIMIT_FSIZE: asked["file_bytes"],
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, hard))


def main() -> None:
    """The child: reads the request from standard input, and writes the answer to standard output as JSON.

    What libraries print to standard output goes to standard error, which is discarded.
    """
    asked = json.load(sys.stdin)
    answers = os.dup(1)
    os.dup2(2, 1)
    _limit(asked)
    with os.fdopen(answers, "w", encoding="utf-8") as file:
        json.dump(_answer(asked), file)


if __name__ == "__main__":
    main()
