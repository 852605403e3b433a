# environment: train
"""Writes checkpoints of our own making: each field of an entry, each block and each place can be wrong."""

import struct
from pathlib import Path
from typing import Any

from boxwright.core.foreign_files.checkpoint_table import masked_crc

FLOAT, TEXT = 1, 7
HEADER = b"\x08\x01\x1a\x02\x08\x01"  # one file, written by version 1


def number(value: int) -> bytes:
    """A variable-length number. A negative one has 10 bytes, as in protobuf."""
    value &= 2**64 - 1
    parts = b""
    while value >= 0x80:
        parts += bytes([value & 0x7F | 0x80])
        value >>= 7
    return parts + bytes([value])


def part(field: int, content: bytes) -> bytes:
    return number(field << 3 | 2) + number(len(content)) + content


def entry(shape=(2,), kind=FLOAT, *, shard=0, offset=0, size=8, crc=0, more=b"") -> bytes:
    """A BundleEntryProto."""
    dims = b"".join(part(2, b"\x08" + number(dim)) for dim in shape)
    head = b"\x08" + number(kind) + part(2, dims) + b"\x18" + number(shard) + b"\x20" + number(offset)
    return head + b"\x28" + number(size) + b"\x35" + struct.pack("<I", crc) + more


def block(pairs: list[tuple[bytes, bytes]], places=(0,)) -> bytes:
    """Entries whose keys are written in full, then the places from which TensorFlow searches."""
    rows = b"".join(b"\0" + number(len(key)) + number(len(value)) + key + value for key, value in pairs)
    return rows + struct.pack(f"<{len(places) + 1}I", *places, len(places))


def table(content: bytes, kind: int = 0) -> bytes:
    """An index with one block of entries."""
    stored = [content + bytes([kind]) + struct.pack("<I", masked_crc(content, bytes([kind])))]
    for one in (block([]), block([(b"\xff", number(0) + number(len(content)))])):
        stored.append(one + b"\0" + struct.pack("<I", masked_crc(one, b"\0")))
    at = len(stored[0])
    handles = number(at) + number(len(stored[1]) - 5) + number(at + len(stored[1])) + number(len(stored[2]) - 5)
    return b"".join(stored) + handles.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)


def write(folder: Path, *, index: bytes | None = None, data: bytes = bytes(8), header=HEADER, **fields: Any) -> Path:
    """Writes a checkpoint with one array, `w`; returns its prefix. fields: those of `entry`."""
    folder.mkdir(parents=True, exist_ok=True)
    fields = {"crc": masked_crc(data)} | fields
    pairs = [(b"", header), (b"w", entry(**fields))]
    (folder / "model.ckpt.index").write_bytes(index if index is not None else table(block(pairs)))
    (folder / "model.ckpt.data-00000-of-00001").write_bytes(data)
    return folder / "model.ckpt"
