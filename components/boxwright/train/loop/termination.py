"""Lets a training end at SIGTERM without losing steps. Docker and Kubernetes send it some seconds before they kill."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deferred() -> Iterator[None]:
    """Inside the block, SIGTERM waits, so that the block is done completely. It takes effect at the end of the block.

    Python handles signals in the main thread only; in any other thread, this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: arrived.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
        if arrived:
            signal.raise_signal(signal.SIGTERM)
