"""The cores of this machine."""

import ctypes
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import Generic, TypeVar

T, R = TypeVar("T"), TypeVar("R")

# Of images: fewer are done before two processes have started.
FEW = 512
# Of mallopt(3), and what they are set to, in bytes: from what size on an array gets pages of its own, and how much free memory
# is kept. By default, each image's arrays were new pages, whose first touch took a quarter of the time.
_MALLOC = {-3: 32 << 20, -1: 64 << 20}

# Executors and how many processes each may start.
_open: dict[ProcessPoolExecutor, int] = {}


def count(wanted: int, images: int) -> int:
    """Processes for so many images. wanted: as the user has it, 0 for one a core."""
    return wanted or (len(os.sched_getaffinity(0)) if images >= FEW else 1)


@contextmanager
def pool(wanted: int) -> Iterator[ProcessPoolExecutor]:
    """Processes for every `each` inside, which would start its own otherwise, in a tenth of a second each time. They start when
    there is work. wanted: as in `count`."""
    if _open:
        yield next(iter(_open))
        return
    processes = count(wanted, FEW)
    # Not by a plain fork: Beam's threads may hold locks, which a copy of this process would wait for.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["boxwright.convert.writing.shard_file"])
    with ProcessPoolExecutor(processes, context, initializer=_settle) as opened:
        _open[opened] = processes
        try:
            yield opened
        finally:
            del _open[opened]
            opened.shutdown(cancel_futures=True)


def _settle() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits for this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Frozen, the modules are not walked through again and again in search of what no one holds.
    gc.freeze()
    with suppress(OSError, AttributeError):  # another C library than glibc
        for parameter, value in _MALLOC.items():
            ctypes.CDLL(None).mallopt(parameter, value)


def _end_with_parent() -> None:
    """A process that is killed cannot tell its workers, which would wait for work for ever."""
    multiprocessing.parent_process().join()
    os._exit(1)


class Prefetch(Generic[T, R]):
    """Work that is begun before it is known which of its items are wanted; of none, where they are few or no pool is open.

    A few chunks at a time are with the processes, so that other work need not wait for all of it.
    """

    def __init__(self, function: Callable[[T], R], items: Sequence[T], chunk: int):
        self._function = function
        self._chunks = (items[start : start + chunk] for start in range(0, len(items), chunk))
        self._work: list[Future[dict[T, R]]] = []
        self._lock = threading.RLock()
        for opened, processes in _open.items():
            if len(items) >= FEW and processes > 1:
                for _ in range(2 * processes):
                    self._go_on(opened)

    def _go_on(self, opened: ProcessPoolExecutor, _: Future | None = None) -> None:
        with self._lock, suppress(RuntimeError):  # the pool is broken or closed, which whoever waits for it says
            if some := next(self._chunks, None):
                future = opened.submit(_of_each, self._function, some)
                self._work.append(future)
                future.add_done_callback(partial(self._go_on, opened))

    def done(self) -> dict[T, R]:
        """What `function` gave, by item, for those that it came to until now and did not raise for. Raises BrokenProcessPool
        when a process was killed."""
        with self._lock:
            self._chunks = iter(())
        found: dict[T, R] = {}
        while self._work:
            found |= self._work.pop().result()
        return found


def _of_each(function: Callable[[T], R], items: Sequence[T]) -> dict[T, R]:
    found = {}
    for item in items:
        with suppress(Exception):  # raised again where the item turns out to be wanted
            found[item] = function(item)
    return found


def each(function: Callable[[T], R], items: Sequence[T], processes: int, chunk: int = 1) -> Iterator[R]:
    """What `function` gives for each item, in order, as it comes; in this process where one is enough. Raises BrokenProcessPool
    when one is killed."""
    if processes == 1 or len(items) <= chunk:
        yield from map(function, items)
        return
    with pool(processes) as opened:
        yield from opened.map(function, items, chunksize=chunk)
