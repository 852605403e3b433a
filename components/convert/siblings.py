"""Which images are one picture: splits that convert makes must not tear them apart."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from boxwright.core import digests


def groups(files: Sequence[Path], hints: Sequence[Hashable]) -> list[int]:
    """A number for each file: equal for files that are equal byte for byte, and for versions of one picture in a Roboflow
    export (`name.rf.<hash>.jpg`). hints: something of each file that is equal where the files are; only those are read."""
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, key in (*_versions(files), *_contents(files, hints)):
        alike[key].append(index)
    pairs = [(members[0], other) for members in alike.values() for other in members[1:]]
    rows, columns = np.array(pairs, int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(pairs)), (rows, columns)), shape=(len(files), len(files)))
    return connected_components(graph, directed=False)[1].tolist()


def _versions(files: Sequence[Path]) -> Iterator[tuple[int, tuple[str, str]]]:
    for index, file in enumerate(files):
        picture, mark, _ = file.name.rpartition(".rf.")
        if mark:
            yield index, ("picture", picture)


def _contents(files: Sequence[Path], hints: Sequence[Hashable]) -> Iterator[tuple[int, tuple[str, str]]]:
    by_hint: dict[Hashable, list[int]] = defaultdict(list)
    for index, hint in enumerate(hints):
        by_hint[hint].append(index)
    for same in (members for members in by_hint.values() if len(members) > 1):
        yield from ((index, ("content", digests.of_file(files[index]))) for index in same)
