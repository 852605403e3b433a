"""Writes one shard and reads it back. Without Beam and TensorFlow: a process that does this starts in half a second."""

import hashlib
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from boxwright.convert.formats.source import Fault
from boxwright.convert.writing import pixels, tf_examples
from boxwright.convert.writing.pixels import Pixels, Stored
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.records import tfrecords
from boxwright.core.runtime import digests

# A few images at a time: one by one, the system takes half as long again.
_BUFFER = 1 << 20


class Outcome(NamedTuple):
    """images: of each entry the numbers (`encoded` left out) or the damage, in order; the rest is of the file as it lies on the
    disk: records and objects counted in it, and a digest of all but the images' bytes, whose SHA-256 is in it."""

    images: list[Stored | Fault]
    records: int
    objects: int
    digest: str


def plan_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.plan"


def write_plan(folder: Path, name: str, entries: Sequence[Entry]) -> None:
    # As plain tuples: named ones take twice as long.
    plan_file(folder, name).write_bytes(pickle.dumps(list(map(tuple, entries))))


def _read_plan(folder: Path, name: str) -> list[Entry]:
    return list(map(Entry._make, pickle.loads(plan_file(folder, name).read_bytes())))


def outcome_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.outcome"


def write(folder: Path, how: Pixels, name: str) -> None:
    """Writes `name` from its plan beside it, and the outcome beside both. Done again it gives the same bytes: runners repeat
    a shard when a worker dies."""
    images = []
    with (folder / name).open("wb", _BUFFER) as file:
        for entry in _read_plan(folder, name):
            stored = _load(entry, how)
            if isinstance(stored, Stored):
                file.writelines(tfrecords.framed(*tf_examples.serialize(entry, stored.encoded, stored.format)))
                stored = stored.without_pixels()
            images.append(stored)
    outcome_file(folder, name).write_bytes(pickle.dumps(_read_back(folder / name, images)))


def _load(entry: Entry, how: Pixels) -> Stored | Fault:
    try:
        with open(entry.file, "rb", buffering=0) as file:
            data = file.read()
    except OSError as error:
        return pixels.missing(error)
    if entry.seen and not entry.seen.note:
        return entry.seen._replace(encoded=data)
    if how == "trust" and entry.plain and not entry.upright and pixels.looks_whole(data):
        return pixels.unseen(data)
    return pixels.load(data, upright=entry.upright, plain=entry.plain)


def _read_back(file: Path, images: list[Stored | Fault]) -> Outcome:
    digest, counts = hashlib.sha256(), []
    for header, example, crc in tfrecords.frames(file):
        features = tf_examples.all_but_image(example)
        counts.append(tf_examples.count_objects(features))
        digest.update(header + features + crc)
    return Outcome(images, len(counts), sum(counts), digests.short(digest))
