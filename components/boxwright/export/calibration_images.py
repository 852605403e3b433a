"""The images that calibrate the int8 file: distinct ones from the training split."""

import random
from pathlib import Path

from boxwright.core.records import tfrecords


def distinct(records: Path, split: str) -> list[int]:
    """Positions in the split of the images whose file differs, byte by byte, from every one before it."""
    first: dict[str, int] = {}
    for position, record in enumerate(tfrecords.read(records, split)):
        first.setdefault(record.sha256, position)
    return list(first.values())


def images(records: Path, *, split: str, count: int, seed: int = 0) -> list[bytes]:
    """Up to `count` distinct images of a split, chosen at random, in file order.

    Each is the JPEG or PNG as stored. Decoded images of a camera would fill the memory.
    """
    positions = distinct(records, split)
    chosen = set(random.Random(seed).sample(positions, min(count, len(positions))))
    return [r.encoded for i, r in enumerate(tfrecords.read(records, split)) if i in chosen]
