"""Serializes one image as a tf.train.Example in the TF Object Detection API schema.

The wire format is written by hand. It takes thirty lines; TensorFlow's classes take five times as long, and every worker would
need seconds to import them. The tests compare the bytes with TensorFlow's own.
"""

import hashlib
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from google.protobuf.message import DecodeError

from boxwright.convert.reading.source import Fault
from boxwright.convert.writing.pixels import Stored
from boxwright.core.records.example_proto import Features

BYTES, FLOATS, INTS = 1, 2, 3  # numbers of the fields of tf.train.Feature
IMAGE, LABELS = "image/encoded", "image/object/class/label"


class Entry(NamedTuple):
    """What the writer of a shard needs to know about an image: plain values, which are cheap to pass to a process.

    plain: a JPEG in RGB or gray. upright: turn the pixels by their EXIF orientation. names, class_ids, boxes_yxyx (in 0..1 of the
    stored image), difficult, truncated and crowd have one item for each object. seen: the result of an earlier decoding.
    """

    file: str
    plain: bool
    upright: bool
    filename: str
    image_id: int
    height: int
    width: int
    names: tuple[str, ...]
    class_ids: tuple[int, ...]
    boxes_yxyx: tuple[tuple[float, float, float, float], ...]
    difficult: tuple[bool, ...]
    truncated: tuple[bool, ...]
    crowd: tuple[bool, ...]
    seen: Stored | Fault | None = None


def serialize(entry: Entry, encoded: bytes, format: str) -> tuple[bytes, bytes, bytes]:
    """The bytes before the image, the image, and the bytes after it. Joining them would copy the image.

    The names and types are those of `object_detection/dataset_tools/create_coco_tf_record.py`. `area` is that of the box in
    pixels, because segments are not kept.
    """
    ymin, xmin, ymax, xmax = zip(*entry.boxes_yxyx, strict=True) if entry.boxes_yxyx else ((),) * 4
    areas = [(b - t) * entry.height * (r - left) * entry.width for t, left, b, r in entry.boxes_yxyx]
    # Sorted by name, as a deterministic serializer sorts the keys of a map. The image comes first.
    features = (
        (b"image/filename", BYTES, _string(entry.filename)),
        (b"image/format", BYTES, _name(format)),
        (b"image/height", INTS, _ints((entry.height,))),
        (b"image/key/sha256", BYTES, _string(hashlib.sha256(encoded).hexdigest())),
        (b"image/object/area", FLOATS, _floats(areas)),
        (b"image/object/bbox/xmax", FLOATS, _floats(xmax)),
        (b"image/object/bbox/xmin", FLOATS, _floats(xmin)),
        (b"image/object/bbox/ymax", FLOATS, _floats(ymax)),
        (b"image/object/bbox/ymin", FLOATS, _floats(ymin)),
        (LABELS.encode(), INTS, _ints(entry.class_ids)),
        (b"image/object/class/text", BYTES, b"".join(map(_name, entry.names))),
        (b"image/object/difficult", INTS, _ints(entry.difficult)),
        (b"image/object/is_crowd", INTS, _ints(entry.crowd)),
        (b"image/object/truncated", INTS, _ints(entry.truncated)),
        (b"image/object/view", BYTES, _name("Unspecified") * len(entry.names)),
        (b"image/source_id", BYTES, _string(str(entry.image_id))),
        (b"image/width", INTS, _ints((entry.width,))),
    )
    behind = b"".join([part for name, kind, value in features for part in (_head(name, kind, len(value)), value)])
    start = _before(1, len(encoded))
    before = _head(IMAGE.encode(), BYTES, len(start) + len(encoded)) + start
    return _before(1, len(before) + len(encoded) + len(behind)) + before, encoded, behind


@lru_cache(1 << 12)
def _head(name: bytes, kind: int, length: int) -> bytes:
    """The bytes before a value of this length in the map of features: its name and kind."""
    kind_of = _before(kind, length)
    inside = _field(1, name) + _before(2, len(kind_of) + length) + kind_of
    return _before(1, len(inside) + length) + inside


def _field(number: int, data: bytes) -> bytes:
    """A length-delimited field."""
    return _before(number, len(data)) + data


@lru_cache(1 << 12)
def _before(number: int, length: int) -> bytes:
    """The bytes before the data of a field."""
    return bytes((number << 3 | 2,)) + _varint(length)


def _varint(value: int) -> bytes:
    """A protobuf varint: seven bits per byte, the lowest first. The high bit means that another byte follows."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _string(value: str) -> bytes:
    return _field(1, value.encode())


# Most names are repeated.
_name = lru_cache(1 << 12)(_string)


def _floats(values: Sequence[float]) -> bytes:
    return _field(1, struct.pack(f"<{len(values)}f", *values)) if values else b""


@lru_cache(1 << 12)
def _ints(values: tuple[int, ...]) -> bytes:
    packed = bytes(values) if max(values, default=0) < 0x80 else b"".join(map(_varint, values))
    return _field(1, packed) if packed else b""


def all_but_image(example: bytes) -> bytes:
    """The serialized tf.train.Features of an example, without its first feature: the image.

    Raises ValueError for an example that `serialize` did not write.
    """
    length, start = _read_varint(example, 1)
    size, name = _read_varint(example, start + 1)
    if (
        start + length != len(example)
        or not example.startswith(_field(1, IMAGE.encode()), name)
        or name + size > len(example)
    ):
        raise ValueError("not an example that begins with its image")
    return example[name + size :]


def count_objects(features: bytes) -> int:
    """How many labels serialized tf.train.Features hold. Raises ValueError if there is no list of them."""
    try:
        found = Features.FromString(features).feature
    except DecodeError:
        raise ValueError("not the features of an example") from None
    if LABELS not in found:
        raise ValueError(f"no {LABELS} in the example")
    return len(found[LABELS].int64_list.value)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """(value, position of the next byte)."""
    value = shift = 0
    while data[at] > 0x7F:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return value | data[at] << shift, at + 1
