# environment: data
"""Functions that tests run in worker processes, which find them by the name of this module."""

import os
import resource
import signal
import time
from pathlib import Path

import numpy as np


def slow_square(number: int) -> int:
    time.sleep(0.01)
    return number**2


def slow_touch(file: str) -> None:
    time.sleep(0.01)
    Path(file).touch()


def killed(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def pages_touched(rounds: int) -> int:
    """Memory pages that the system provided. Each round makes and drops 32 arrays of 256 KiB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(rounds):
        _ = [np.ones(1 << 18, np.uint8) for _ in range(32)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def odd(number: int) -> int:
    if number % 2 == 0:
        raise ZeroDivisionError
    return number


def killed_by_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGSEGV)
    return number
