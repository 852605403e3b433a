"""The images that calibrate the int8 file: distinct ones, of the training split, as the model sees them in training."""

import random
from pathlib import Path

from boxwright.core.records import tfrecords as record_files


def distinct(records: Path, split: str) -> list[int]:
    """Positions in the split of the images whose file differs, byte by byte, from every one before it."""
    first: dict[str, int] = {}
    for position, record in enumerate(record_files.read(records, split)):
        first.setdefault(record.sha256, position)
    return list(first.values())


def images(records: Path, *, split: str, count: int, seed: int = 0) -> list[bytes]:
    """Up to `count` distinct images of a split in file order, chosen by chance; each JPEG or PNG as stored, for decoded ones of
    a camera fill the memory."""
    positions = distinct(records, split)
    chosen = set(random.Random(seed).sample(positions, min(count, len(positions))))
    return [r.encoded for i, r in enumerate(record_files.read(records, split)) if i in chosen]
