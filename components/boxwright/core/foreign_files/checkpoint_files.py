"""Checks and reads the files of a checkpoint, `PREFIX.index` and `PREFIX.data-?????-of-?????`, without TensorFlow.

TensorFlow aborts the process for an unknown type, a negative size or too many sizes. So `check` comes before every use of
TensorFlow's own reader, and initial weights are read here only.

Sources: tensorflow/core/protobuf/tensor_bundle.proto, tensorflow/core/util/tensor_bundle/{tensor_bundle,naming}.cc.
"""

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from boxwright.core.foreign_files.checkpoint_table import INDEX_BYTES, entries, masked_crc, varint
from boxwright.core.runtime import limits

# The key of the graph of Python objects in a checkpoint of TF 2.
OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
# TensorFlow's number of a type -> NumPy's. BFLOAT16 is the upper half of a float32.
_TYPES = {
    1: "<f4",
    2: "<f8",
    3: "<i4",
    4: "u1",
    5: "<i2",
    6: "i1",
    9: "<i8",
    10: "?",
    17: "<u2",
    19: "<f2",
    22: "<u4",
    23: "<u8",
}
_BFLOAT16, _TEXT = 14, 7
# Most sizes of an array: a kernel has 4.
_DIMENSIONS = 8
# Bytes of a text. The only one is the graph of objects, which has 200 KiB.
_TEXT_BYTES = 64 * limits.MIB
# Bytes of the file `checkpoint`, which names the checkpoints of its folder.
_STATE_BYTES = limits.MIB
# Most files of a checkpoint: a training on many machines writes one per machine.
_SHARDS = 1000


class Entry(NamedTuple):
    """Type, shape and place of an array: file number, offset and size in bytes."""

    kind: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc: int

    @property
    def is_text(self) -> bool:
        return self.kind == _TEXT


class Checkpoint(NamedTuple):
    """A checkpoint whose index is well formed: no array lies outside of the files, and each has the size of its shape."""

    prefix: Path
    shards: int
    arrays: Mapping[str, Entry]

    def read(self, name: str) -> np.ndarray:
        """An array of numbers. Raises ValueError if its checksum is wrong, OSError if it cannot be read."""
        entry = self.arrays[name]
        content = self.content(name)
        if entry.kind == _BFLOAT16:
            return (np.frombuffer(content, "<u2").astype(np.uint32) << 16).view(np.float32).reshape(entry.shape)
        return np.frombuffer(content, _TYPES[entry.kind]).reshape(entry.shape)

    def content(self, name: str) -> bytes:
        """The bytes of an array. Raises ValueError if its checksum is wrong."""
        entry = self.arrays[name]
        with _shard(self.prefix, entry.shard, self.shards).open("rb") as file:
            file.seek(entry.offset)
            content = file.read(entry.size)
        if not entry.is_text and masked_crc(content) != entry.crc:
            raise ValueError("a checksum does not match")
        return content


def check(prefix: Path, most: int) -> Checkpoint:
    """Reads and checks the index, and the lengths of texts. prefix: path without `.index`. most: bytes of all arrays.

    Raises ValueError if the checkpoint is damaged, or holds what Boxwright and TensorFlow's object checkpoints do not use.
    Raises OSError if a file is missing or cannot be read.
    """
    index = _index(prefix)
    try:
        header = _message("Header", index.pop(b"", b""))
        arrays = {key.decode(): _entry(key.decode(), value) for key, value in index.items()}
    except DecodeError:
        raise ValueError("an entry of the index is damaged") from None
    if not 1 <= header.num_shards <= _SHARDS or header.endianness:
        raise ValueError(f"it has {header.num_shards} files, or big-endian numbers")
    if (total := sum(entry.size for entry in arrays.values())) > most:
        raise ValueError(f"its arrays have {total} bytes; at most {most} are read")
    checkpoint = Checkpoint(prefix, header.num_shards, arrays)
    _check_places(checkpoint)
    for name in (name for name, entry in arrays.items() if entry.is_text):
        _check_texts(checkpoint.content(name), math.prod(arrays[name].shape))
    return checkpoint


def latest(folder: Path) -> Path | None:
    """The prefix of the checkpoint that the folder's file `checkpoint` names; None if it is missing.

    Only the last part of a path in the file is used, so that the checkpoint is in this folder.
    """
    names = state(folder)
    prefix = folder / PurePosixPath(names[0]).name if names else None
    return prefix if prefix and os.path.isfile(f"{prefix}.index") else None  # False also for a name that is too long


def state(folder: Path) -> list[str]:
    """The checkpoints that the folder's file `checkpoint` names, the latest one first. Empty if there is no such file, or if
    it is damaged."""
    file = folder / "checkpoint"
    if not file.is_file() or file.stat().st_size > _STATE_BYTES:
        return []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    read = [re.fullmatch(r'[a-z_]+: (?:[0-9.e+]+|"(.*)")', line) for line in lines]
    return [line[1] for line in read if line and line[1]] if all(read) else []


def _index(prefix: Path) -> dict[bytes, bytes]:
    file = prefix.with_name(f"{prefix.name}.index")
    if not file.is_file() or file.stat().st_size > INDEX_BYTES:
        raise ValueError(f"{file.name} is not a file of at most {INDEX_BYTES} bytes")
    return entries(file.read_bytes())


def _entry(name: str, value: bytes) -> Entry:
    read = _message("Entry", value)
    shape = tuple(dim.size for dim in read.shape.dim)
    entry = Entry(read.dtype, shape, read.shard_id, read.offset, read.size, read.crc32c)
    if read.slices or read.shape.unknown_rank:
        raise ValueError(f"{_short(name)} is divided into slices, or has no shape")
    if entry.kind not in (*_TYPES, _BFLOAT16, _TEXT):
        raise ValueError(f"{_short(name)} has the type {entry.kind}; expected numbers")
    if entry.is_text and entry.size > _TEXT_BYTES:
        raise ValueError(f"{_short(name)} is a text of {entry.size} bytes")
    if len(shape) > _DIMENSIONS or min(shape, default=0) < 0:
        raise ValueError(f"{_short(name)} has an impossible shape ({len(shape)} sizes)")
    number = math.prod(shape)
    width = 2 if entry.kind == _BFLOAT16 else np.dtype(_TYPES.get(entry.kind, "u1")).itemsize
    if entry.size < number if entry.is_text else entry.size != number * width:
        raise ValueError(f"{_short(name)} has {entry.size} bytes, which is not the size of its shape")
    return entry


def _check_places(checkpoint: Checkpoint) -> None:
    """Raises ValueError if an array lies outside of the files."""
    sizes: dict[int, int] = {}
    for name, entry in checkpoint.arrays.items():
        if not 0 <= entry.shard < checkpoint.shards:
            raise ValueError(f"{_short(name)} is in file {entry.shard} of {checkpoint.shards}")
        file = _shard(checkpoint.prefix, entry.shard, checkpoint.shards)
        if entry.shard not in sizes:
            if not file.is_file():
                raise ValueError(f"{file.name} is missing, or not a file")
            sizes[entry.shard] = file.stat().st_size
        if entry.offset < 0 or entry.offset + entry.size > sizes[entry.shard]:
            raise ValueError(f"{_short(name)} is beyond the end of {file.name}, which is truncated")


def _check_texts(content: bytes, count: int) -> None:
    """Raises ValueError unless the bytes are `count` lengths, a checksum of 4 bytes, and texts of these lengths."""
    at = total = 0
    for _ in range(count):
        length, at = varint(content, at)
        total += length
    if at + 4 + total != len(content):
        raise ValueError("the lengths of its texts are wrong")


def _shard(prefix: Path, shard: int, shards: int) -> Path:
    return prefix.with_name(f"{prefix.name}.data-{shard:05d}-of-{shards:05d}")


def _short(name: str) -> str:
    return ascii(name[:100])


_Field = descriptor_pb2.FieldDescriptorProto
# Message -> its fields: number, name, type, repeated, name of the message type.
_MESSAGES = {
    "Dim": ((1, "size", _Field.TYPE_INT64, False, None),),
    "Shape": ((2, "dim", _Field.TYPE_MESSAGE, True, "Dim"), (3, "unknown_rank", _Field.TYPE_BOOL, False, None)),
    "Header": ((1, "num_shards", _Field.TYPE_INT32, False, None), (2, "endianness", _Field.TYPE_INT32, False, None)),
    "Entry": (
        (1, "dtype", _Field.TYPE_INT32, False, None),
        (2, "shape", _Field.TYPE_MESSAGE, False, "Shape"),
        (3, "shard_id", _Field.TYPE_INT32, False, None),
        (4, "offset", _Field.TYPE_INT64, False, None),
        (5, "size", _Field.TYPE_INT64, False, None),
        (6, "crc32c", _Field.TYPE_FIXED32, False, None),
        (7, "slices", _Field.TYPE_BYTES, True, None),
    ),
}


def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(
        name="boxwright/bundle.proto", package="boxwright.bundle", syntax="proto3"
    )
    for message, fields in _MESSAGES.items():
        described = file.message_type.add(name=message)
        for number, name, kind, repeated, of in fields:
            label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
            of = of and f".boxwright.bundle.{of}"
            described.field.add(number=number, name=name, type=kind, label=label, type_name=of)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


_DESCRIBED = _pool()


def _message(name: str, content: bytes) -> Any:
    """protobuf makes the class at run time, so a type checker cannot know its fields."""
    found = _DESCRIBED.FindMessageTypeByName(f"boxwright.bundle.{name}")
    return message_factory.GetMessageClass(found).FromString(content)
