"""Runs functions in processes on this machine."""

import ctypes
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from multiprocessing import synchronize
from typing import Generic, TypeVar

from boxwright.core.runtime import search_paths

T = TypeVar("T")
R = TypeVar("R")

# Below this number of images, one process finishes before others have started.
FEW = 512
# Parameters of mallopt(3) with their values in bytes: the array size from which memory is mapped separately, and how much free
# memory is kept. With the defaults, each image's arrays used new pages, and the first access to them took a quarter of the time.
_MALLOC = {-3: 32 << 20, -1: 64 << 20}

# In a worker, the lock that the pool's workers share for large images.
_large: AbstractContextManager = nullcontext()

# Open executors, with the number of processes that each may start.
_open: dict[ProcessPoolExecutor, int] = {}


def count(wanted: int, images: int) -> int:
    """The number of processes to use for this number of images. wanted: as the user gave it, 0 for one per core."""
    return wanted or (len(os.sched_getaffinity(0)) if images >= FEW else 1)


@contextmanager
def pool(wanted: int) -> Iterator[ProcessPoolExecutor]:
    """Lets all work inside share processes. Otherwise each piece of work starts its own, which takes a tenth of a second.

    The processes start when there is work. wanted: as in `count`.
    """
    if _open:
        yield current()
        return
    processes = count(wanted, FEW)
    _open[executor(processes)] = processes
    try:
        yield current()
    finally:
        current().shutdown(cancel_futures=True)
        _open.clear()


def executor(processes: int) -> ProcessPoolExecutor:
    """New processes that share a lock for large images."""
    search_paths.protect()  # the processes start as `python -c`
    # A plain fork would copy the locks that Beam's threads hold, and wait for them forever.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["boxwright.convert.writing.shard_file"])
    return ProcessPoolExecutor(processes, context, initializer=_init_worker, initargs=(context.Lock(),))


def current() -> ProcessPoolExecutor:
    """The executor of the open pool."""
    return next(iter(_open))


def restart() -> None:
    """Gives the open pool new processes, after one of them was killed."""
    for broken, processes in list(_open.items()):
        broken.shutdown(cancel_futures=True)
        del _open[broken]
        _open[executor(processes)] = processes


def alone() -> AbstractContextManager:
    """For work that needs much memory: inside, no other process of the pool is in such a block."""
    return _large


def _init_worker(large: synchronize.Lock) -> None:
    global _large
    _large = large
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by the process that waits for this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # The garbage collector then skips the objects of the imported modules.
    gc.freeze()
    with suppress(OSError, AttributeError):  # another C library than glibc
        for parameter, value in _MALLOC.items():
            ctypes.CDLL(None).mallopt(parameter, value)


def _end_with_parent() -> None:
    """Ends this worker when its parent dies. A killed parent cannot end its workers, which would wait for work forever."""
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)


class Prefetch(Generic[T, R]):
    """Starts work before it is known which items are needed. Nothing starts if there are few items or no pool is open.

    The processes hold only a few chunks at a time, so other work need not wait for all of them.
    """

    def __init__(self, function: Callable[[T], R], items: Sequence[T], chunk: int):
        self._function = function
        self._chunks = (items[start : start + chunk] for start in range(0, len(items), chunk))
        self._work: list[Future[dict[T, R]]] = []
        self._lock = threading.RLock()
        for opened, processes in _open.items():
            if len(items) >= FEW and processes > 1:
                for _ in range(2 * processes):
                    self._submit_next(opened)

    def _submit_next(self, opened: ProcessPoolExecutor, _: Future | None = None) -> None:
        with self._lock, suppress(RuntimeError):  # the pool is broken or closed; `done` raises the error
            if some := next(self._chunks, None):
                future = opened.submit(_call_each, self._function, some)
                self._work.append(future)
                future.add_done_callback(partial(self._submit_next, opened))

    def done(self) -> dict[T, R]:
        """The results by item, for the items that were finished by now. An item for which `function` raised an error has none.

        If a process was killed, the open pool gets new ones.
        """
        with self._lock:
            self._chunks = iter(())
        found: dict[T, R] = {}
        try:
            while self._work:
                found |= self._work.pop().result()
        except BrokenProcessPool:
            restart()
        return found


def _call_each(function: Callable[[T], R], items: Sequence[T]) -> dict[T, R]:
    found = {}
    for item in items:
        with suppress(Exception):  # it is raised again if the item is needed
            found[item] = function(item)
    return found
