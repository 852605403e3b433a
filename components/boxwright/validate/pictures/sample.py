"""Reads the pictures that are compared: all of a small data set, a sample of a large one."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from google.protobuf.message import DecodeError

from boxwright.core.records import tfrecords
from boxwright.core.records.tfrecords import Record
from boxwright.core.runtime.errors import UserError
from boxwright.validate.pictures import thumbnails
from boxwright.validate.pictures.matches import Picture

# Pictures, and their pixels: about 10 seconds on two cores, 6 to decode them and find features, 4 to compare.
MOST_IMAGES, MOST_PIXELS = 1000, 1_500_000_000
# The share of them that is held out.
_HELD = 0.3
# Bytes of records that are read to find them.
_MOST_BYTES = 4 << 30
_SEED = 0


@dataclass(frozen=True, eq=False)
class Images:
    """The table of images. names, splits: (n,) str. pixels: (n,) of each image."""

    names: np.ndarray
    splits: np.ndarray
    pixels: np.ndarray


def images(table: pa.Table) -> Images:
    """table: with filename, split, height and width."""
    height, width = (np.nan_to_num(table[side].to_numpy().astype(float)) for side in ("height", "width"))
    names, splits = (np.array(table[column].to_pylist(), object) for column in ("filename", "split"))
    return Images(names, splits, height * width)


def chosen(of: Images, suspects: Collection[tuple[int, int]]) -> np.ndarray:
    """(k,) the rows to compare: all, or at random as many as the budget allows, and suspects before others.

    suspects: pairs of rows (held, seen).
    """
    count = len(of.names)
    mean = float(of.pixels.mean()) if count else 0.0
    most = int(min(MOST_IMAGES, MOST_PIXELS / max(mean, 1.0)))
    if count <= most:
        return np.arange(count)
    order = np.random.default_rng(_SEED).permutation(count)
    held = {split: order[of.splits[order] == split] for split in tfrecords.HELD_OUT}
    each = int(most * _HELD / max(1, sum(len(rows) > 0 for rows in held.values())))
    taken = np.concatenate([rows[:each] for rows in held.values()])
    wanted = np.array([b for a, b in suspects if a in set(taken.tolist())], int)
    seen = np.concatenate([wanted, order[of.splits[order] == "train"]])
    first = seen[np.sort(np.unique(seen, return_index=True)[1])]
    return np.concatenate([taken, np.setdiff1d(first[: most - len(taken)], taken)])


def read(records: Path, of: Images, rows: np.ndarray) -> list[Picture]:
    """The pictures of these rows. Damaged ones are left out."""
    found = []
    for split in tfrecords.SPLITS:
        row_of = {of.names[row]: int(row) for row in rows if of.splits[row] == split}
        for record in _records(records, split, row_of):
            try:
                found.append(Picture(row_of[record.filename], split, thumbnails.from_record(record)))
            except UserError:
                continue
    return found


def _records(records: Path, split: tfrecords.SplitName, names: Collection[str]) -> Iterator[Record]:
    """The records with these names, until all are found or too much was read."""
    left, budget = set(names), _MOST_BYTES
    for shard in tfrecords.shards(records, split):
        for data in tfrecords.serialized(shard) if left and budget > 0 else ():
            budget -= len(data)
            try:
                record = tfrecords.parse(data)
            except (ValueError, LookupError, DecodeError):
                continue
            if record.filename in left:
                left.discard(record.filename)
                yield record
