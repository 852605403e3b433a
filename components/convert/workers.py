"""The cores of this machine."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T, R = TypeVar("T"), TypeVar("R")

# Of images: fewer are done before two processes have started.
FEW = 512

_open: list[ProcessPoolExecutor] = []


def count(wanted: int, images: int) -> int:
    """Processes for so many images. wanted: as the user has it, 0 for one a core."""
    return wanted or (len(os.sched_getaffinity(0)) if images >= FEW else 1)


@contextmanager
def pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes for every `each` inside, which would start its own otherwise: that takes a tenth of a second each time. They start
    when there is work."""
    if _open:
        yield _open[-1]
        return
    # Not by a plain fork: Beam's threads may hold locks, which a copy of this process would wait for.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["boxwright.convert.shard_file"])
    with ProcessPoolExecutor(processes, context) as opened:
        _open.append(opened)
        try:
            yield opened
        finally:
            _open.remove(opened)


def each(function: Callable[[T], R], items: Sequence[T], processes: int, chunk: int = 1) -> list[R]:
    """What `function` gives for each item, in order; in this process where one is enough. Raises BrokenProcessPool when one is
    killed."""
    if processes == 1 or len(items) <= chunk:
        return list(map(function, items))
    with pool(processes) as opened:
        return list(opened.map(function, items, chunksize=chunk))
