# environment: train
"""Functions that a test calls in a child process. Most of them fail, each in its own way."""

import ctypes
import os
import sys
import time
from collections.abc import Callable

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError


def double(numbers: list[int]) -> list[int]:
    print("a library's message")
    return [2 * number for number in numbers]


def refuse(path: str) -> None:
    raise UserError(f"{path}: no")


def fail() -> None:
    raise IndexError("list index out of range")


def segfault() -> None:
    ctypes.string_at(0)


def abort() -> None:
    os.abort()


def allocate() -> int:
    return len(bytes(3 * limits.GIB))


def sleep() -> None:
    time.sleep(30)


def leave() -> None:
    os._exit(3)


def surroundings() -> dict:
    return {"environment": dict(os.environ), "path": sys.path, "tensorflow": "tensorflow" in sys.modules}


def write(path: str) -> None:
    with open(path, "wb") as file:
        file.write(bytes(2 * limits.MIB))


def serve() -> tuple[str, Callable[[bytes], bytes]]:
    return "ready", answer


def answer(request: bytes) -> bytes:
    """The request reversed. Some requests end the process in their own way."""
    ways = {b"segfault": segfault, b"abort": abort, b"sleep": sleep, b"fail": fail}
    ways.get(request, bytes)()
    return request[::-1]


def chatter() -> str:
    return "x" * (65 * limits.MIB)
