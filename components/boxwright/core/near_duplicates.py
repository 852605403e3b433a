"""Finds images that show the same picture.

Re-encoded, resized and mirrored copies are found by their difference hashes (dHash), versions made by Roboflow by their names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

# Bits of dHash-64, measured on 700 images of three real sets: at most 3 bits differ for 99 % of the re-encoded copies, for 98 %
# of the half-size copies, and for 2 of 100,000 pairs of unrelated images.
SAME_BITS = 3
# Hashes that differ in at most 3 bits are equal in at least one of 4 bands of bits (pigeonhole), so only such pairs are compared.
_BANDS = SAME_BITS + 1
# If more hashes are equal in a band, as those of a fixed camera below a grey sky, they are divided again by their other bits.
_MANY = 256
_BITS = np.arange(64, dtype=np.uint64)
_ONES = np.array([n.bit_count() for n in range(1 << 16)], np.uint8)
_AT_ONCE = 4_000_000
# Roboflow makes at most 50 versions of a picture. If more files have the same name before `.rf.`, the name is not Roboflow's.
_MOST_VERSIONS = 50


@dataclass(frozen=True, eq=False)
class SamePictures:
    """Which of n images show the same picture. Its size grows with n, also if all images are equal.

    hash_of: (n,) index of the hash of each image; -1 if it was not measured or has no contrast. alike: (m, 2) indices of hashes
    that belong to one picture. version_of: (n,) number of the picture of which Roboflow made each image; -1 for other images.
    """

    hash_of: np.ndarray
    alike: np.ndarray
    version_of: np.ndarray

    @property
    def groups(self) -> np.ndarray:
        """(n,) number of the picture of each image. Images that are connected through others share a number."""
        count = len(self.hash_of)
        links = [_to_first(self.hash_of), _to_first(self.version_of), _rows_of(self.hash_of)[self.alike]]
        return groups(count, np.concatenate(links))

    def first(self, among: np.ndarray) -> np.ndarray:
        """(n,) the first image of `among` that shows the same picture as each image directly; n if there is none.

        among: (n,) bool. An image of `among` shows the same picture as itself.
        """
        rows = np.where(among, np.arange(len(among)), len(among))
        by_hash = _least(self.hash_of, rows)
        near = by_hash.copy()
        np.minimum.at(near, self.alike[:, 0], by_hash[self.alike[:, 1]])
        np.minimum.at(near, self.alike[:, 1], by_hash[self.alike[:, 0]])
        return np.minimum.reduce([rows, near[self.hash_of], _least(self.version_of, rows)[self.version_of]])


def same_pictures(filenames: Sequence[str], hashes: Sequence[str | None]) -> SamePictures:
    """The images that show the same picture.

    Two images do if their hashes differ in at most 3 bits, if the hash of one differs in at most 3 bits from the mirrored hash
    of the other, or if Roboflow made both from one picture. hashes: 64 bits in hexadecimal; None for an image that was not
    measured, which is then compared by its name only.
    """
    measured = np.array([row for row, text in enumerate(hashes) if text is not None], int)
    distinct, which = np.unique(parsed([text for text in hashes if text is not None]), return_inverse=True)
    hash_of = np.full(len(filenames), -1)
    hash_of[measured] = np.where(_seen(distinct)[which], which, -1)
    return SamePictures(hash_of, pairs(distinct), _roboflow_versions(filenames))


def roboflow_picture(filename: str) -> str | None:
    """The original picture of a file in a Roboflow export: `name_jpg` for `name_jpg.rf.<hash>.jpg`. None for other names.

    The name ends at the last `.rf.`, because the name itself may contain `.rf.`.
    """
    picture, mark, _ = filename.rpartition("/")[2].rpartition(".rf.")
    return picture if mark else None


def _roboflow_versions(filenames: Sequence[str]) -> np.ndarray:
    """(n,) number of the picture of which each file is a version; -1 for other files."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(filenames):
        if (picture := roboflow_picture(name)) is not None:
            rows.setdefault(picture, []).append(row)
    found = np.full(len(filenames), -1)
    for number, versions in enumerate(rows.values()):
        if len(versions) <= _MOST_VERSIONS:
            found[versions] = number
    return found


def _rows_of(numbers: np.ndarray) -> np.ndarray:
    """(most number + 2,) the first row of each number of (n,). The last place is that of -1, and a number without rows has n."""
    return _least(numbers, np.arange(len(numbers)))


def _to_first(numbers: np.ndarray) -> np.ndarray:
    """(m, 2) links from the first row with a number to each row with it. Rows with -1 have none."""
    rows = np.flatnonzero(numbers >= 0)
    return np.stack([_rows_of(numbers)[numbers[rows]], rows], axis=1)


def _least(numbers: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(most number + 2,) the least value of the rows of each number; the number of rows if it has none, and for -1 (last)."""
    least = np.full(numbers.max(initial=-1) + 2, len(numbers))
    np.minimum.at(least, numbers[numbers >= 0], values[numbers >= 0])
    return least


def parsed(dhash: Sequence[str]) -> np.ndarray:
    """Parses hexadecimal 64-bit hashes to (n,) uint64."""
    return np.array([int(text, 16) for text in dhash], np.uint64)


def mirrored(hashes: np.ndarray) -> np.ndarray:
    """(n,) uint64: the hashes of the pictures flipped left to right. Each row of 8 comparisons is reversed and negated."""
    bits = np.unpackbits(hashes.astype(">u8").view(np.uint8).reshape(-1, 8), axis=1).reshape(-1, 8, 8)
    return np.packbits(1 - bits[:, :, ::-1].reshape(-1, 64), axis=1).view(">u8").ravel().astype(np.uint64)


def pairs(hashes: np.ndarray) -> np.ndarray:
    """(m, 2) rows of pairs whose hashes differ in at most 3 bits, with or without mirroring. Each pair occurs once, the smaller
    row first.

    hashes: (n,) uint64. Images without contrast (hash 0, or its mirrored hash) have no pairs.
    """
    rows = np.flatnonzero(_seen(hashes))
    kept = hashes[rows]
    # Each pair is encoded as one number, because unique() is much faster for numbers than for rows.
    every = np.arange(len(kept))
    found = [
        np.unique(chunk) for others in (kept, mirrored(kept)) for chunk in _close(kept, others, every, every, _BITS)
    ]
    numbers = np.unique(np.concatenate(found)) if found else np.empty(0, int)
    return np.stack([rows[numbers // len(kept)], rows[numbers % len(kept)]], axis=1) if found else np.empty((0, 2), int)


def links(hashes: np.ndarray) -> np.ndarray:
    """(m, 2) rows that connect the same images as `pairs` with fewer links: n images with equal hashes get n - 1 links."""
    distinct, first, which = np.unique(hashes, return_index=True, return_inverse=True)
    equal = np.stack([first[which], np.arange(len(hashes))], axis=1)[_seen(hashes)]
    return np.concatenate([equal[equal[:, 0] != equal[:, 1]], first[pairs(distinct)]])


def groups(count: int, alike: np.ndarray) -> np.ndarray:
    """(count,) group number of each row. Rows that the pairs `alike`, (m, 2), connect directly or indirectly share a number."""
    graph = coo_array((np.ones(len(alike)), (alike[:, 0], alike[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def _seen(hashes: np.ndarray) -> np.ndarray:
    """(n,) bool: whether an image has contrast."""
    return (hashes != 0) & (hashes != np.uint64(2**64 - 1))


def _close(
    hashes: np.ndarray, others: np.ndarray, rows: np.ndarray, other_rows: np.ndarray, bits: np.ndarray
) -> Iterator[np.ndarray]:
    """Chunks of pairs that differ in at most 3 bits; a pair may occur more than once. Rows a < b are encoded as a * n + b.

    rows, other_rows: the rows of hashes and of others to compare. bits: the bits in which they may differ.
    """
    bits = bits[_vary(np.concatenate([hashes[rows], others[other_rows]]), bits)]
    for band in np.array_split(bits, _BANDS):
        mask = np.bitwise_or.reduce(np.uint64(1) << band)
        keys, other_keys = hashes[rows] & mask, others[other_rows] & mask
        order = np.argsort(other_keys, kind="stable")
        first, end = (np.searchsorted(other_keys[order], keys, side) for side in ("left", "right"))
        few = (end - first <= _MANY) | (len(bits) <= SAME_BITS)
        yield from _compared(hashes, others, rows[few], other_rows[order], first[few], end[few])
        for key in np.unique(keys[~few]):
            rest = bits[~np.isin(bits, band)]
            yield from _close(hashes, others, rows[keys == key], other_rows[other_keys == key], rest)


def _vary(hashes: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """(m,) bool: whether the hashes differ in each of m bits. Bits in which all are equal divide nothing."""
    differing = np.bitwise_or.reduce(hashes ^ hashes[:1])
    return (differing >> bits) & np.uint64(1) == 1


def _compared(
    hashes: np.ndarray, others: np.ndarray, rows: np.ndarray, candidates: np.ndarray, first: np.ndarray, end: np.ndarray
) -> Iterator[np.ndarray]:
    """As `_close`. The candidates of a row are those from its `first` to its `end`."""
    for start, stop in _chunks(end - first):
        counts = (end - first)[start:stop]
        left = np.repeat(rows[start:stop], counts)
        within = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
        right = candidates[np.repeat(first[start:stop], counts) + within]
        near = (_distance(hashes[left], others[right]) <= SAME_BITS) & (left != right)
        yield np.minimum(left, right)[near] * len(hashes) + np.maximum(left, right)[near]


def _chunks(counts: np.ndarray) -> Iterator[tuple[int, int]]:
    """Ranges of rows with about _AT_ONCE candidates each, so that many equal bands cost time but not memory."""
    total = np.cumsum(counts)
    start = 0
    while start < len(counts):
        before = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, before + _AT_ONCE, "right")))
        yield start, stop
        start = stop


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n,) number of different bits of each pair. a, b: (n,) uint64."""
    parts = (a ^ b).view(np.uint16).reshape(-1, 4)
    return _ONES[parts].sum(axis=1)
