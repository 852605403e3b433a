"""The messages between driver and workers about a shard: its plan, and the outcome of writing it.

Both are JSON, so that a file in a bucket can never run code. Each value is checked when it is read. Python writes the shortest
text that gives the same float back, so no number changes on the way.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from boxwright.convert.reading.source import Fault
from boxwright.convert.writing.pixels import Stored
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage.uri import in_bucket

_PLAN, _OUTCOME = "boxwright_plan", "boxwright_outcome"
_VERSION = 1
_NUMBER = (int, float)
# Fields of an Entry that hold one value an object, with the types of the value.
_PER_OBJECT = {
    "names": (str,), "class_ids": (int,), "difficult": (bool,), "truncated": (bool,), "crowd": (bool,)
}  # fmt: skip
_PER_IMAGE = {
    "file": (str,), "plain": (bool,), "upright": (bool,), "filename": (str,), "image_id": (int,), "height": (int,),
    "width": (int,),
}  # fmt: skip
_MEASURED = {
    "format": (str,), "note": (str,), "brightness": (*_NUMBER, type(None)), "contrast": (*_NUMBER, type(None)),
    "sharpness": (*_NUMBER, type(None)), "dhash": (str, type(None)),
}  # fmt: skip


class Object(NamedTuple):
    """An object of a bucket, as it was listed: see `stores.store.Object`."""

    uri: str
    version: str
    checksum: str
    encoding: str
    sha256: str


_OBJECT: dict[str, tuple[type, ...]] = dict.fromkeys(Object._fields, (str,))


class Outcome(NamedTuple):
    """The outcome of writing a shard.

    images: for each entry of the plan, in order, its numbers (without the pixels) or the damage.
    records, objects: as counted in the file on disk.
    digest: of all bytes of the file but the images', whose SHA-256 is among them.
    """

    images: list[Stored | Fault]
    records: int
    objects: int
    digest: str


def encode_plan(entries: Sequence[Entry], objects: Sequence[Object | None] | None = None) -> bytes:
    """objects: where each entry's image lies in a bucket; None where it does not, and for a plan without buckets."""
    rows = [[*entry[:-1], _from_look(entry.seen)] for entry in entries]
    return _encode({_PLAN: _VERSION, "entries": rows, "objects": objects or [None] * len(rows)})


def decode_plan(body: bytes, where: object) -> tuple[list[Entry], list[Object | None]]:
    """where: names the plan in an error. Raises UserError for anything but what `encode_plan` gives."""
    try:
        document = _decode(body, _PLAN)
        entries = [_entry(row) for row in _of_type(document["entries"], list)]
        objects = [None if row is None else _object(row) for row in _of_type(document["objects"], list)]
        if len(objects) != len(entries):
            raise ValueError(f"{len(entries)} entries, but {len(objects)} objects")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged("plan", where, error) from None
    return entries, objects


def encode_outcome(outcome: Outcome) -> bytes:
    images = [_from_look(image) for image in outcome.images]
    return _encode({_OUTCOME: _VERSION, **outcome._asdict(), "images": images})


def decode_outcome(body: bytes, where: object) -> Outcome:
    """where: names the outcome in an error. Raises UserError for anything but what `encode_outcome` gives."""
    try:
        document = _decode(body, _OUTCOME)
        images = [_look_or_fail(row) for row in _of_type(document["images"], list)]
        counts = {name: _of_type(document[name], int) for name in ("records", "objects")}
        return Outcome(images=images, digest=_of_type(document["digest"], str), **counts)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged("outcome", where, error) from None


def _encode(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _decode(body: bytes, kind: str) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:  # infinity, half a surrogate pair (in a path whose bytes are not UTF-8), or damage
        document = json.loads(body)
    document = _of_type(document, dict)
    if document.get(kind) != _VERSION:
        raise ValueError(f"expected {kind} {_VERSION}, got {document.get(kind)!r}")
    return document


def _damaged(kind: str, where: object, error: Exception) -> UserError:
    return UserError(
        f"{where}: this is not the {kind} of a shard ({type(error).__name__}: {str(error)[:200]}): another program "
        "or another version of Boxwright wrote it; run convert again, with the same version here and on the workers"
    )


def _from_look(seen: Stored | Fault | None) -> list[Any] | None:
    """A row of plain values. The pixels are left out."""
    if seen is None:
        return None
    return ["fault", *seen] if isinstance(seen, Fault) else ["stored", *seen[1:]]


def _look(row: Any) -> Stored | Fault | None:
    return None if row is None else _look_or_fail(row)


def _look_or_fail(row: Any) -> Stored | Fault:
    kind, *values = _of_type(row, list)
    if kind == "fault":
        return Fault(**_typed(values, {"reason": (str,), "value": (str,)}))
    if kind != "stored":
        raise ValueError(f"expected 'stored' or 'fault', got {kind!r}")
    return Stored(encoded=b"", **_typed(values, _MEASURED))


def _object(row: Any) -> Object:
    found = Object(**_typed(row, _OBJECT))
    if not in_bucket(found.uri):
        raise ValueError(f"expected the URI of an object, got {found.uri!r}")
    return found


def _entry(row: Any) -> Entry:
    """An entry from its values in the order of its fields."""
    by_name = dict(zip(Entry._fields, _of_type(row, list), strict=True))
    columns: dict[str, Any] = {name: _column(by_name[name], types) for name, types in _PER_OBJECT.items()}
    boxes_yxyx = tuple(_box(box) for box in _of_type(by_name["boxes_yxyx"], list))
    if any(len(column) != len(boxes_yxyx) for column in columns.values()):
        raise ValueError(f"{by_name['filename']!r} has columns of different lengths")
    single = _typed([by_name[name] for name in _PER_IMAGE], _PER_IMAGE)
    return Entry(**single, **columns, boxes_yxyx=boxes_yxyx, seen=_look(by_name["seen"]))


def _box(values: Any) -> tuple[float, float, float, float]:
    top, left, bottom, right = _column(values, _NUMBER)
    return top, left, bottom, right


def _column(values: Any, types: tuple[type, ...]) -> tuple[Any, ...]:
    if not set(map(type, _of_type(values, list))).issubset(types):
        raise ValueError(f"expected a list of {' or '.join(t.__name__ for t in types)}, got {str(values)[:80]}")
    return tuple(values)


def _typed(values: Any, types: dict[str, tuple[type, ...]]) -> dict[str, Any]:
    """The values by name. Their types are exact: True is no int."""
    found = dict(zip(types, _of_type(values, list), strict=True))
    for name, value in found.items():
        if type(value) not in types[name]:
            raise ValueError(f"{name}: expected {' or '.join(t.__name__ for t in types[name])}, got {str(value)[:80]}")
    return found


def _of_type(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"expected {kind.__name__}, got {str(value)[:80]}")
    return value
