"""Runs functions that may end their process: an image can crash its decoder, or take all memory.

When a worker process is killed, all work of its pool is lost, and nobody knows which item did it. The items that were in work are
tried again, one at a time, in a process of their own. An item that ends this process too is the one.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar

from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import local_workers

T = TypeVar("T")
R = TypeVar("R")

CRASHED = Fault("undecodable", "decoding it ended the process: a crash of the decoder, or too little memory")


def map_ordered(
    function: Callable[[T], R], items: Sequence[T], processes: int, crashed: Callable[[T], R], chunk: int = 1
) -> Iterator[R]:
    """The results in the order of the items, as they come. The work is never done in this process.

    crashed: gives the result of an item that ends its process. chunk: items that a process takes at a time.
    """
    chunks = [items[start : start + chunk] for start in range(0, len(items), chunk)]
    each = partial(_each, function)
    for results in _mapped(each, chunks, processes, lambda some: list(one_by_one(function, some, crashed))):
        yield from results


def _each(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    return [function(item) for item in items]


def _mapped(function: Callable[[T], R], items: Sequence[T], processes: int, crashed: Callable[[T], R]) -> Iterator[R]:
    if processes == 1:
        yield from one_by_one(function, items, crashed)
        return
    done = 0
    with local_workers.pool(processes):
        while done < len(items):
            try:
                for result in local_workers.current().map(function, items[done:]):
                    yield result
                    done += 1
            except BrokenProcessPool:
                local_workers.restart()
                # The processes take the items in order, so that those in work come first.
                for result in one_by_one(function, items[done : done + 2 * processes], crashed):
                    yield result
                    done += 1


def one_by_one(function: Callable[[T], R], items: Sequence[T], crashed: Callable[[T], R]) -> Iterator[R]:
    """The results in the order of the items, which are tried in one process, and in another one after a crash."""
    executor: ProcessPoolExecutor | None = None
    try:
        for item in items:
            executor = executor or local_workers.executor(1)
            try:
                result = executor.submit(function, item).result()
            except BrokenProcessPool:
                executor.shutdown()
                executor = None
                result = crashed(item)
            yield result
    finally:
        if executor:
            executor.shutdown(cancel_futures=True)
