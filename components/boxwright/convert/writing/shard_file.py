"""Writes one shard and reads it back.

It imports neither Beam nor TensorFlow, so that a process for this starts in half a second."""

import hashlib
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

from boxwright.convert.reading.files import read_in_place
from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import crash_isolation, pixels, shard_messages, tf_examples
from boxwright.convert.writing.crash_isolation import CRASHED
from boxwright.convert.writing.pixels import Pixels, Stored
from boxwright.convert.writing.shard_messages import Outcome
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.records import tfrecords
from boxwright.core.runtime import digests

# Buffer in bytes, for a few images at a time. Writing the images one by one takes half as long again.
_BUFFER = 1 << 20


def plan_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.plan"


def write_plan(folder: Path, name: str, entries: Sequence[Entry]) -> None:
    plan_file(folder, name).write_bytes(shard_messages.encode_plan(entries))


def outcome_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.outcome"


def take_outcome(folder: Path, name: str) -> Outcome:
    """Reads the outcome of a shard and deletes its file."""
    file = outcome_file(folder, name)
    outcome = shard_messages.decode_outcome(file.read_bytes(), file)
    file.unlink()
    return outcome


def write(folder: Path, how: Pixels, name: str) -> None:
    """Writes the shard `name` from the plan beside it, and the outcome beside both.

    Writing it again gives the same bytes: runners repeat a shard when a worker dies.
    """
    plan = plan_file(folder, name)
    entries, _ = shard_messages.decode_plan(plan.read_bytes(), plan)
    images = []
    with (folder / name).open("wb", _BUFFER) as file:
        for entry in entries:
            stored = _load(entry, how)
            if isinstance(stored, Stored):
                file.writelines(tfrecords.framed(*tf_examples.serialize(entry, stored.encoded, stored.format)))
                stored = stored.without_pixels()
            images.append(stored)
    outcome_file(folder, name).write_bytes(shard_messages.encode_outcome(_read_back(folder / name, images)))


def decodes_unusual(entries: Sequence[Entry]) -> bool:
    """Whether writing a shard decodes an image that is not a plain JPEG."""
    return any(
        not (entry.plain or isinstance(entry.seen, Fault) or (entry.seen and not entry.seen.note)) for entry in entries
    )


def write_after_crash(folder: Path, how: Pixels, name: str) -> None:
    """Like `write`, for a shard that ended the process which wrote it. The images that did it count as damaged from now on."""
    plan = plan_file(folder, name)
    entries, _ = shard_messages.decode_plan(plan.read_bytes(), plan)
    faults = crash_isolation.one_by_one(partial(_try_out, how), entries, lambda _: CRASHED)
    write_plan(
        folder, name, [entry._replace(seen=fault or entry.seen) for entry, fault in zip(entries, faults, strict=True)]
    )
    for _ in crash_isolation.one_by_one(partial(write, folder, how), [name], _raise_killed):
        pass


def _try_out(how: Pixels, entry: Entry) -> None:
    _load(entry, how)


def _raise_killed(name: str) -> None:
    raise BrokenProcessPool(name)


def _load(entry: Entry, how: Pixels) -> Stored | Fault:
    if isinstance(entry.seen, Fault):
        return entry.seen
    try:
        data = read_in_place(entry.file)
    except OSError as error:
        return pixels.missing(error)
    if entry.seen and not entry.seen.note:
        return entry.seen._replace(encoded=data)
    if how == "trust" and entry.plain and not entry.upright and pixels.looks_whole(data):
        return pixels.not_decoded(data)
    return pixels.load(data, upright=entry.upright, plain=entry.plain)


def _read_back(file: Path, images: list[Stored | Fault]) -> Outcome:
    digest, counts = hashlib.sha256(), []
    for header, example, crc in tfrecords.frames(file):
        features = tf_examples.all_but_image(example)
        counts.append(tf_examples.count_objects(features))
        digest.update(header + features + crc)
    return Outcome(images, len(counts), sum(counts), digests.short(digest))
