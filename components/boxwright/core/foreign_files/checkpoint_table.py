"""Reads the `.index` file of a checkpoint in Python. It is a table of TensorFlow, i.e. of LevelDB, that is not compressed.

TensorFlow aborts the process for some values in such a table, so Boxwright reads and checks it first. This reader refuses what
TensorFlow's writer never writes, so that TensorFlow cannot find other entries in the same file than this reader.

Source of the format: tensorflow/core/lib/io/{format,block,block_builder,table}.cc.
"""

import struct
from collections.abc import Iterator

import google_crc32c

from boxwright.core.runtime import limits

# Bytes of the file: a detector has 100 KiB of names, shapes and places.
INDEX_BYTES = 16 * limits.MIB
# Bytes of a key. Keras' names of variables have up to 200.
_KEY_BYTES = 4 * limits.KIB
_FOOTER_BYTES = 48
_MAGIC = 0xDB4775248B80FB57
# Behind each block: a byte for its compression, and its checksum.
_TRAILER_BYTES = 5


def entries(index: bytes) -> dict[bytes, bytes]:
    """The values by key, in the order of the keys. Raises ValueError if the table is damaged."""
    _, at = _handle(index, max(0, len(index) - _FOOTER_BYTES))  # the first handle is of a block without entries
    place, _ = _handle(index, at)
    if len(index) < _FOOTER_BYTES or index[-8:] != _MAGIC.to_bytes(8, "little"):
        raise ValueError("the index is truncated or not one of a checkpoint")
    found: dict[bytes, bytes] = {}
    last = None
    for _, handle in _pairs(_block(index, *place)):
        for key, value in _pairs(_block(index, *_handle(handle, 0)[0])):
            if last is not None and key <= last:
                raise ValueError("the keys of the index are not in order")
            found[key] = value
            last = key
    return found


def masked_crc(*parts: bytes) -> int:
    """CRC-32C of the joined parts, masked as in TensorFlow: rotated right by 15 bits, plus a constant."""
    crc = 0
    for part in parts:
        crc = google_crc32c.extend(crc, part)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The variable-length number at a place, and the place behind it. Raises ValueError if it is longer than 10 bytes."""
    number = 0
    for position in range(at, min(at + 10, len(data))):
        number |= (data[position] & 0x7F) << 7 * (position - at)
        if data[position] < 0x80:
            return number, position + 1
    raise ValueError("a number of the index is truncated")


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Offset and size of a block, and the place behind them."""
    offset, at = varint(data, at)
    size, at = varint(data, at)
    return (offset, size), at


def _block(index: bytes, offset: int, size: int) -> bytes:
    end = offset + size + _TRAILER_BYTES
    if end > len(index) - _FOOTER_BYTES:
        raise ValueError("a block of the index is outside of the file")
    content, kind, crc = index[offset : offset + size], index[end - 5 : end - 4], index[end - 4 : end]
    if masked_crc(content, kind) != int.from_bytes(crc, "little"):
        raise ValueError("a checksum of the index is wrong")
    if kind != b"\0":
        raise ValueError("a block of the index is compressed; TensorFlow does not compress it")
    return content


def _pairs(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a block. A key leaves out the bytes that it shares with the key before it.

    The block ends with the places at which a key is written in full. TensorFlow searches from these places, so each of them must
    be the beginning of an entry.
    """
    end, places = _restarts(block)
    begun = {0}
    key, at = b"", 0
    while at < end:
        start = at
        shared, at = varint(block, at)
        fresh, at = varint(block, at)
        length, at = varint(block, at)
        if shared > len(key) or at + fresh + length > end or shared + fresh > _KEY_BYTES:
            raise ValueError("an entry of the index is damaged")
        if not shared:
            begun.add(start)
        key = key[:shared] + block[at : at + fresh]
        yield key, block[at + fresh : at + fresh + length]
        at += fresh + length
    if not begun.issuperset(places):
        raise ValueError("an entry of the index is damaged")


def _restarts(block: bytes) -> tuple[int, tuple[int, ...]]:
    """The end of the entries, and the places of the full keys."""
    count = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 - 4 * count
    if len(block) < 4 or count < 1 or end < 0:
        raise ValueError("a block of the index is damaged")
    return end, struct.unpack(f"<{count}I", block[end:-4])
