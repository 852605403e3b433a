"""The cores of this machine."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

T, R = TypeVar("T"), TypeVar("R")

# Of images: fewer are done before two processes have started.
FEW = 512


def count(wanted: int, images: int) -> int:
    """Processes for so many images. wanted: as the user has it, 0 for one a core."""
    return wanted or (len(os.sched_getaffinity(0)) if images >= FEW else 1)


def each(function: Callable[[T], R], items: Sequence[T], processes: int, chunk: int = 1) -> list[R]:
    """What `function` gives for each item, in order; in this process where one is enough. Raises BrokenProcessPool when one is
    killed."""
    if processes == 1 or len(items) <= chunk:
        return list(map(function, items))
    # Not by a plain fork: Beam's threads may hold locks, which a copy of this process would wait for.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["boxwright.convert.shard_file"])
    with ProcessPoolExecutor(processes, context) as pool:
        return list(pool.map(function, items, chunksize=chunk))
