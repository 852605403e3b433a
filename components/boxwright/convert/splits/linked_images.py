"""Finds images that belong together. The splits that convert makes must not separate them."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boxwright.convert import notices
from boxwright.core import near_duplicates
from boxwright.core.findings import Finding
from boxwright.core.runtime import digests

# A row, and a value that is equal for all rows that belong together.
Key = tuple[int, str]


@dataclass(frozen=True)
class Link:
    """Why images belong together. pairs: (m, 2) rows, enough to connect all images that belong together."""

    code: str
    why: str
    pairs: np.ndarray

    @property
    def images(self) -> int:
        """The number of images that belong together with another one."""
        return len(np.unique(self.pairs))

    def notice(self, count: int) -> Finding:
        """How many of `count` images are kept together."""
        number = len(set(groups(count, [self]))) - (count - self.images)
        what = "group, kept in one split" if number == 1 else "groups, each kept in one split"
        return notices.build(
            self.code, "Images that belong together stay in one split",
            f"{self.images} images form {number} {what}: {self.why}", count=self.images, of=count, cause="split",
        )  # fmt: skip


def equal_files(files: Sequence[Path], hints: Sequence[Hashable]) -> Link:
    """Files with the same bytes. hints: a value of each file that is equal for equal files; only files with equal hints are
    read."""
    return Link("equal_files_together", "equal byte for byte", _pairs(_contents(files, hints)))


def roboflow_versions(files: Sequence[Path]) -> Link:
    """Versions that Roboflow made of one image."""
    names = ((row, near_duplicates.roboflow_picture(file.name)) for row, file in enumerate(files))
    pairs = _pairs((row, name) for row, name in names if name is not None)
    return Link("versions_together", "versions that Roboflow made of one picture", pairs)


def near_copies(hashes: Sequence[str | None]) -> Link:
    """Images that look alike. hashes: dHash of each image in hex, None if it is not known."""
    known = [(row, text) for row, text in enumerate(hashes) if text is not None]
    rows = np.array([row for row, _ in known], int)
    pairs = rows[near_duplicates.links(near_duplicates.parsed([text for _, text in known]))]
    return Link("near_copies_together", "near-copies (equal, re-encoded, resized or mirrored)", pairs)


def one_source(sources: Sequence[str | None]) -> Link:
    """Images of one source. sources: that of each image, None for an image without one."""
    pairs = _pairs((row, name) for row, name in enumerate(sources) if name is not None)
    return Link("sources_together", "of one source by --group", pairs)


def groups(count: int, links: Iterable[Link]) -> list[int]:
    """A number for each of `count` images. It is equal for images that belong together, by one link or by a chain of links."""
    pairs = np.concatenate([np.empty((0, 2), int), *(link.pairs for link in links)])
    return near_duplicates.groups(count, pairs).tolist()


def _pairs(keys: Iterable[Key]) -> np.ndarray:
    """(m, 2) pairs of rows with equal keys: the first row with that key, and each later one."""
    first: dict[str, int] = {}
    pairs = [(first.setdefault(key, row), row) for row, key in keys]
    return np.array([pair for pair in pairs if pair[0] != pair[1]], int).reshape(-1, 2)


def _contents(files: Sequence[Path], hints: Sequence[Hashable]) -> Iterator[Key]:
    by_hint: dict[Hashable, list[int]] = defaultdict(list)
    for row, hint in enumerate(hints):
        by_hint[hint].append(row)
    for same in (rows for rows in by_hint.values() if len(rows) > 1):
        yield from ((row, digests.of_file(files[row])) for row in same)
