"""Which images belong together: splits that convert makes must not tear them apart."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boxwright.convert.reading.source import Notice
from boxwright.core import near_duplicates
from boxwright.core.runtime import digests

Key = tuple[int, str]


@dataclass(frozen=True)
class Bond:
    """Why images belong together, as a code and in words. links: (m, 2) rows, enough to connect all that do."""

    code: str
    why: str
    links: np.ndarray

    @property
    def images(self) -> int:
        """How many have another one that they belong to."""
        return len(np.unique(self.links))

    def notice(self, count: int) -> Notice:
        """How many of `count` images it keeps together."""
        number = len(set(groups(count, [self]))) - (count - self.images)
        what = "group, which stays in one split" if number == 1 else "groups, each of which stays in one split"
        return Notice(self.code, f"{self.images} images are {number} {what}: {self.why}", self.images)


def equal_files(files: Sequence[Path], hints: Sequence[Hashable]) -> Bond:
    """hints: something of each file that is equal where the files are; only those are read."""
    return Bond("equal_files_together", "equal byte for byte", _links(_contents(files, hints)))


def versions(files: Sequence[Path]) -> Bond:
    """Of one picture in a Roboflow export: `name.rf.<hash>.jpg`."""
    return Bond("versions_together", "versions that Roboflow made of one picture", _links(_before_mark(files)))


def near_copies(hashes: Sequence[str | None]) -> Bond:
    """hashes: dHash of each image in hex, None where it is not known."""
    rows = np.array([row for row, text in enumerate(hashes) if text is not None], int)
    links = rows[near_duplicates.links(near_duplicates.parsed([hashes[row] for row in rows]))]
    return Bond("near_copies_together", "near-copies (equal, re-encoded, resized or mirrored)", links)


def one_source(sources: Sequence[str | None]) -> Bond:
    """sources: name of each image's, None for an image that stands alone."""
    links = _links((row, name) for row, name in enumerate(sources) if name is not None)
    return Bond("sources_together", "of one source by --group", links)


def groups(count: int, bonds: Iterable[Bond]) -> list[int]:
    """A number for each of `count` images: equal for those that belong together, by one bond or by several in a chain."""
    return near_duplicates.groups(
        count, np.concatenate([np.empty((0, 2), int), *(bond.links for bond in bonds)])
    ).tolist()


def _links(keys: Iterable[Key]) -> np.ndarray:
    """(m, 2) rows of equal keys, each linked to the first one."""
    first: dict[str, int] = {}
    links = [(first.setdefault(key, row), row) for row, key in keys]
    return np.array([link for link in links if link[0] != link[1]], int).reshape(-1, 2)


def _before_mark(files: Sequence[Path]) -> Iterator[Key]:
    for row, file in enumerate(files):
        picture, mark, _ = file.name.rpartition(".rf.")
        if mark:
            yield row, picture


def _contents(files: Sequence[Path], hints: Sequence[Hashable]) -> Iterator[Key]:
    by_hint: dict[Hashable, list[int]] = defaultdict(list)
    for row, hint in enumerate(hints):
        by_hint[hint].append(row)
    for same in (rows for rows in by_hint.values() if len(rows) > 1):
        yield from ((row, digests.of_file(files[row])) for row in same)
