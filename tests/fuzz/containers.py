# environment: data
"""Changes inside of files with checksums, so that the reader gets past the checksum."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from random import Random

import google_crc32c

_EXTREME_FLOATS = (float("nan"), float("inf"), -1.0, 1e38, 2.0, 0.0, 1e-45)
_TEXTS = ("", "\0", "train", "cat", "x", "zz", "a\nb", "\x1b[2J", "../x", "f" * 17, "x" * 70_000)
_EXTREME_INTS = (-1, 0, 2**31, 2**63 - 1, -(2**63), 1)


def masked_crc(data: bytes) -> bytes:
    """TensorFlow's masked CRC-32C."""
    crc = google_crc32c.value(data)
    return (((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")


def framed(content: bytes) -> bytes:
    """One entry of a TFRecord file."""
    length = len(content).to_bytes(8, "little")
    return length + masked_crc(length) + content + masked_crc(content)


def changed_record(data: bytes, change: Callable[[bytes], bytes], random: Random) -> bytes:
    """One entry of a TFRecord file is changed. Its checksums fit."""
    contents, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 8], "little")
        contents.append(data[at + 12 : at + 12 + length])
        at += length + 16
    chosen = random.randrange(len(contents))
    contents[chosen] = change(contents[chosen])
    return b"".join(map(framed, contents))


def changed_example(content: bytes, random: Random) -> bytes:
    """One feature of a tf.train.Example is changed."""
    from boxwright.core.records.example_proto import Example

    example = Example.FromString(content)
    features = example.features.feature
    feature = features[random.choice(sorted(features))]
    texts = (b"", b"\xff", b"\0", b"a\nb", b"../x", b"jpeg", b"x" * 70_000)
    what = random.choice(("bytes", "floats", "ints", "more", "clear", "one", "one"))
    if what == "one" and feature.float_list.value:
        feature.float_list.value[random.randrange(len(feature.float_list.value))] = random.choice(_EXTREME_FLOATS)
    elif what == "one" and feature.int64_list.value:
        feature.int64_list.value[random.randrange(len(feature.int64_list.value))] = random.choice(_EXTREME_INTS)
    elif what in ("one", "bytes"):
        feature.bytes_list.value[:] = random.choices(texts, k=random.choice((1, 2, 5)))
    elif what == "floats":
        feature.float_list.value[:] = random.choices(_EXTREME_FLOATS, k=random.choice((1, 2, 1000)))
    elif what == "ints":
        feature.int64_list.value[:] = random.choices(_EXTREME_INTS, k=random.choice((1, 2, 1000)))
    elif what == "more":
        for values in (feature.float_list.value, feature.int64_list.value, feature.bytes_list.value):
            values.extend(list(values)[:1])
    else:
        feature.Clear()
    return example.SerializeToString()


def repacked(data: bytes, change: Callable[[str, bytes], bytes], random: Random) -> bytes:
    """A zip or a tar.gz in which one file is changed, renamed or doubled."""
    packed = data.startswith(b"PK")
    files = _unzipped(data) if packed else _untarred(data)
    at = random.randrange(len(files))
    name, content = files[at]
    if random.random() < 0.8:
        content = change(name, content)
    else:
        name = random.choice(("../" + name, "/" + name, name + "/", "", "\x1b[2J", "a\nb", "x" * 300, name.upper()))
    files[at] = (name, content)
    if random.random() < 0.1:
        files.append(files[at])
    return _zipped(files, random) if packed else _tarred(files, random)


def _unzipped(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def _untarred(data: bytes) -> list[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        opened = [(member.name, archive.extractfile(member)) for member in archive]
        return [(name, file.read()) for name, file in opened if file]


def _zipped(files: list[tuple[str, bytes]], random: Random) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(
        made, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
    ) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def _tarred(files: list[tuple[str, bytes]], random: Random) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=random.choice(("w:gz", "w:gz", "w", "w:xz", "w:bz2"))) as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            if random.random() < 0.1:
                member.type = random.choice((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE))
                member.linkname = "/etc/passwd"
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def changed_index(data: bytes, random: Random) -> bytes:
    """The index of a TensorFlow checkpoint with a byte changed in a block. The block's checksum fits.

    The file is LevelDB's table: blocks (content, 1 byte of type, 4 bytes of checksum), and a footer of 48 bytes with the place of
    the index block. Source: tensorflow/tsl/lib/io/format.cc.
    """
    footer = data[-48:]
    _, at = _handle(footer, 0)
    index, _ = _handle(footer, at)
    blocks = [index, *_blocks(data[index[0] : index[0] + index[1]])]
    start, size = random.choice(blocks[-1:] * 3 + blocks)
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 3))):
        at = start + random.randrange(size)
        changed[at] = random.choice((changed[at] ^ 1 << random.randrange(8), 0, 1, 0x7F, 0x80, 0xFF))
    changed[start + size + 1 : start + size + 5] = masked_crc(bytes(changed[start : start + size + 1]))
    return bytes(changed)


def _blocks(index: bytes) -> list[tuple[int, int]]:
    """(place, size) of the data blocks: the values of the index block's entries."""
    (restarts,) = struct.unpack("<I", index[-4:])
    found, at = [], 0
    while at < len(index) - 4 - 4 * restarts:
        _, at = _varint(index, at)
        own, at = _varint(index, at)
        length, at = _varint(index, at)
        found.append(_handle(index, at + own)[0])
        at += own + length
    return found


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    start, at = _varint(data, at)
    size, at = _varint(data, at)
    return (start, size), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def changed_table(data: bytes, random: Random) -> bytes:
    """A Parquet table with one value, column or type changed."""
    import pyarrow as pa
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(data))
    name = random.choice(table.column_names)
    values, at = table[name].to_pylist(), random.randrange(len(table))
    what = random.choice(("value", "value", "value", "drop", "texts", "floats", "rows"))
    if what == "value":
        values[at] = random.choice(
            (None, *((*_EXTREME_INTS, *_EXTREME_FLOATS) if isinstance(values[at], int | float) else _TEXTS))
        )
    if what == "rows":
        table = pa.concat_tables([table] * random.choice((2, 50))) if random.random() < 0.5 else table.slice(0, at)
    elif what == "drop":
        table = table.drop_columns([name])
    else:
        kind = {"texts": pa.string(), "floats": pa.float64()}.get(what, table.schema.field(name).type)
        changed = pa.array(
            [None if value is None else str(value) for value in values] if what == "texts" else values, kind
        )
        table = table.set_column(table.schema.get_field_index(name), name, changed)
    made = io.BytesIO()
    parquet.write_table(table, made)
    return made.getvalue()
