# environment: data
"""What tests have worker processes do; they find it by this module's name."""

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
    """Pages that the system had to give, each round for 32 arrays of 256 KiB that are made and dropped."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(rounds):
        _ = [np.ones(1 << 18, np.uint8) for _ in range(32)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def odd(number: int) -> int:
    if number % 2 == 0:
        raise ZeroDivisionError
    return number
