"""The cores of this machine."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T, R = TypeVar("T"), TypeVar("R")

# Of images: fewer are done before two processes have started.
FEW = 512

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
    context.set_forkserver_preload(["boxwright.convert.shard_file"])
    # Frozen, the modules are not walked through again and again in search of what no one holds.
    with ProcessPoolExecutor(processes, context, initializer=gc.freeze) as opened:
        _open[opened] = processes
        try:
            yield opened
        finally:
            del _open[opened]


def warm_up(images: int) -> None:
    """Starts the processes of an open pool where so many images will need them, to be there when their work is."""
    for opened, processes in _open.items():
        if images >= FEW and processes > 1:
            for _ in range(processes):
                opened.submit(int)


def each(function: Callable[[T], R], items: Sequence[T], processes: int, chunk: int = 1) -> Iterator[R]:
    """What `function` gives for each item, in order, as it comes; in this process where one is enough. Raises BrokenProcessPool
    when one is killed."""
    if processes == 1 or len(items) <= chunk:
        yield from map(function, items)
        return
    with pool(processes) as opened:
        yield from opened.map(function, items, chunksize=chunk)
