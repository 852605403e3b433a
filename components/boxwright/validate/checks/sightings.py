"""Which images of a held-out split show what an image of an earlier split shows."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from boxwright.core import near_duplicates
from boxwright.core.records import tfrecords
from boxwright.validate.split_stats import SplitStats
from boxwright.validate.tfdv.untyped import compute

# A held-out split, and the split that shows the same.
Across = tuple[str, str]
# (seen before, held out)
ACROSS = tuple(itertools.combinations(tfrecords.SPLITS, 2))
# Splits as adjectives: `validation images`.
SPLIT_WORDS = {"train": "training", "val": "validation", "test": "test"}
# How the held-out image repeats the other, in words that follow `they are`. An image counts once, as the first that holds.
HOW = {
    "exact": "equal byte for byte",
    "copy": "nearly the same picture",
    "rotated": "rotated",
    "zoomed": "zoomed",
    "sheared": "sheared or stretched",
    "frame": "from one sequence",
    "part": "of one scene",
    "place": "of one place, with other objects",
}
# Copies, and hows in which the whole image is known from the other split.
COPIES = ("exact", "copy", "rotated", "zoomed", "sheared")
WHOLE = (*COPIES, "frame")


class Sighting(NamedTuple):
    """held, seen: the names of the images. how: a key of HOW."""

    held_in: str
    seen_in: str
    how: str
    held: str
    seen: str


def by_bytes(splits: Mapping[str, SplitStats]) -> Iterator[Sighting]:
    """Files that are equal byte for byte."""
    for seen_in, held_in in ACROSS:
        for seen, held in shared(splits[seen_in], splits[held_in]):
            yield Sighting(held_in, seen_in, "exact", held, seen)


def shared(first: SplitStats, second: SplitStats) -> list[tuple[str, str]]:
    """(seen, other): each file of the second split (`other`) that equals a file of the first (`seen`), sorted by `other`."""
    rows = compute.index_in(second.files["sha256"], value_set=first.files["sha256"].combine_chunks())
    others = second.files["filename"].filter(compute.is_valid(rows))
    pairs = zip(first.files["filename"].take(rows.drop_null()).to_pylist(), others.to_pylist(), strict=True)
    return sorted(pairs, key=lambda pair: pair[::-1])


def by_hashes(names: Sequence[str], splits: np.ndarray, hashes: Sequence[str | None]) -> dict[tuple[int, int], bool]:
    """Pairs of rows (held, seen) of images that show the same picture by their hashes or by Roboflow's names, and whether their
    names say so. The first copy of several is given.

    splits: (n,) str.
    """
    same = near_duplicates.same_pictures(names, hashes)
    found = {}
    for seen_in, held_in in ACROSS:
        first = same.first(splits == seen_in)
        for row in np.flatnonzero((splits == held_in) & (first < len(names))).tolist():
            seen = int(first[row])
            found[row, seen] = same.version_of[row] >= 0 and same.version_of[row] == same.version_of[seen]
    return found


def once(found: Sequence[Sighting]) -> list[Sighting]:
    """Each held-out image once for each split that it was seen in, in the order of HOW and then of names."""
    order = tuple(HOW)
    kept: dict[tuple[str, str, str], Sighting] = {}
    for one in sorted(found, key=lambda one: (order.index(one.how), one.held, one.seen)):
        kept.setdefault((one.held_in, one.seen_in, one.held), one)
    return list(kept.values())
