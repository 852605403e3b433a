"""Chooses distinct training images to calibrate the int8 file."""

import random
from pathlib import Path

from boxwright.core.records import tfrecords


def distinct(records: Path, split: str) -> list[int]:
    """Positions of the distinct images of a split. Of images with equal bytes, the first counts."""
    first: dict[str, int] = {}
    for position, record in enumerate(tfrecords.read(records, split)):
        first.setdefault(record.sha256, position)
    return list(first.values())


def images(records: Path, *, split: str, count: int, seed: int = 0) -> list[bytes]:
    """Up to `count` distinct images of a split, chosen at random, in file order.

    Returns encoded JPEGs or PNGs, because decoded photos would need too much memory. seed: of the random choice.
    """
    positions = distinct(records, split)
    chosen = set(random.Random(seed).sample(positions, min(count, len(positions))))
    return [r.encoded for i, r in enumerate(tfrecords.read(records, split)) if i in chosen]
