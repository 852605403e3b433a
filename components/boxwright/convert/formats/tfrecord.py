"""TFRecords in the TF Object Detection API's schema, as its own scripts and other converters write them.

The images are inside. They are extracted once into the cache folder, where the rest of the conversion reads them as files.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from google.protobuf.message import DecodeError

from boxwright.convert.label_maps.record_classes import RecordClasses
from boxwright.convert.reading import files, merge_annotations
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.source import NO_BOX, Fault, Image, Object, Source
from boxwright.core.records import tfrecords
from boxwright.core.records.example_proto import Example
from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache

_SHARD = re.compile(r"\.(tf)?records?(-\d+-of-\d+)?$|-\d{5}-of-\d{5}$", re.IGNORECASE)
_COMPRESSED = re.compile(r"(tf)?records?(-\d+-of-\d+)?\.gz$", re.IGNORECASE)
_GZIP = b"\x1f\x8b"
_FEATURES = {b"image/encoded", b"image/object/bbox/xmin"}
# Bytes of a file name; file systems take 255.
_LONGEST_NAME = 200
# Bytes at the end of a picture that are compared first. In a JPEG, they are of its pixels.
_END = 64
_SIDES = ("xmin", "ymin", "xmax", "ymax")

# The features of an Example by name: protobuf makes its classes at run time, so that a type checker cannot know them.
Features = Mapping[str, Any]


def find(folder: Folder) -> list[Path]:
    """The shards whose first record is an image or has boxes."""
    return [file for file in folder.other_files if _SHARD.search(file.name) and _is_detection_shard(file)]


def _is_detection_shard(file: Path) -> bool:
    """An image without boxes may lack the features of boxes."""
    try:
        return _has_features(_first_record(file))
    except UserError:
        return False


def _has_features(record: bytes) -> bool:
    return any(feature in record for feature in _FEATURES)


def _first_record(file: Path) -> bytes:
    """Empty if there is none. Raises UserError for a damaged one."""
    return next(tfrecords.serialized(file), b"") if files.load_start(file, 1) else b""


def near_miss(file: Path) -> NearMiss | None:
    """A shard that is compressed, damaged, empty, or of another schema.

    TensorFlow's checkpoints have similar names. Only a file with `record` in its name is certainly meant as a shard.
    """
    start = files.load_start(file, 2) if _SHARD.search(file.name) or _COMPRESSED.search(file.name) else None
    if start is None:
        return None
    if start == _GZIP:
        return NearMiss("is compressed; unpack it (gunzip)", damaged=True)
    try:
        first = _first_record(file)
    except UserError as error:
        return NearMiss(str(error).removeprefix(f"{file} "), damaged="record" in file.name.lower())
    why = "begins with a record without image/encoded, which the OD API needs" if first else "is empty"
    return None if _has_features(first) else NearMiss(why)


def read(folder: Folder, shards: list[Path], _: str = "") -> Source:
    """The split is that of the folder or of the shard's name. Class names are those in the records, else those of `--label-map`,
    else those of the label maps in the folder.

    Raises UserError for a shard that is cut off or damaged, and for numbers of classes that no label map names for certain.
    """
    root = folder.root
    classes = RecordClasses(folder)
    content = digests.of_json({files.relative_name(shard, root): digests.of_file(shard) for shard in shards})
    extracted = _Extracted((cache.root() / "pictures" / content).resolve(), classes)
    data, images = Source("tfrecord", root), list[Image]()
    for shard in shards:
        shard_name = files.relative_name(shard, root)
        split = folder.split_of_list(shard)
        for number, record in enumerate(tfrecords.serialized(shard)):
            images.append(extracted.image(record, f"{shard_name}#{number}", split))
    classes.check()
    images, data.categories = classes.settled(images)
    images, merged = merge_annotations.merge_listings([images], "record")
    data.images = merge_annotations.mark_duplicates(images)
    data.notices += merged + classes.notices()
    return data


@dataclass
class _Extracted:
    """Extracts images from shards into `folder`. taken: the names in use, each with the last number that was added
    to it. known: the names of the pictures by what their records say about them."""

    folder: Path
    classes: RecordClasses
    taken: dict[str, int] = field(default_factory=dict)
    known: dict[tuple[object, ...], str] = field(default_factory=dict)

    def image(self, record: bytes, where: str, split: str | None) -> Image:
        """where: shard and number; it names a record that has no name or cannot be read. Of two images with one name, the later
        one gets a number, unless it is the same picture."""
        try:
            features = Example.FromString(record).features.feature
        except DecodeError:
            fault = Fault("unreadable_annotation", "not a tf.train.Example")
            return Image(self.folder / where, where, split=split, fault=fault)
        given = _text(features, "image/filename", 0)
        wanted = _safe_name(given if files.is_file_name(given) else "")
        encoded = features["image/encoded"].bytes_list.value
        name = self._name(wanted, where, split, encoded[0] if encoded else b"")
        fault = None if encoded else Fault("missing", "no image/encoded in the record")
        file = self.folder / _disk_name(name)
        if encoded:
            _store(file, encoded[0])
        if (many := _count_objects(features)) > tfrecords.MOST_OBJECTS:
            fault = Fault("unreadable_annotation", f"{many} objects, at most {tfrecords.MOST_OBJECTS} are read")
            return Image(file, name, split=split, fault=fault)
        objects = _objects(features, self.classes)
        return Image(file, name, objects, split, _size(features), fractions=True, fault=fault)

    def _name(self, wanted: str, where: str, split: str | None, picture: bytes) -> str:
        """A record of the same split with the same name and picture gets the same name: some scripts write a record for each
        object."""
        fact = wanted, split, len(picture), picture[-_END:]
        known = self.known.get(fact) if picture else None
        if known and _holds(self.folder / _disk_name(known), picture):
            return known
        name = _free_name(wanted or where, self.taken)
        self.known.setdefault(fact, name)
        return name


def _holds(file: Path, content: bytes) -> bool:
    return file.is_file() and file.read_bytes() == content


def _size(features: Features) -> tuple[int, int] | None:
    width, height = (next(iter(features[f"image/{side}"].int64_list.value), 0) for side in ("width", "height"))
    return (width, height) if width and height else None


def _safe_name(name: str) -> str:
    """The record's filename as a relative path without `..`."""
    parts = PurePosixPath(name.replace("\\", "/").replace("\0", "")).parts
    return files.printable_name("/".join(part for part in parts if part not in ("/", "..") and not part.endswith(":")))


def _disk_name(name: str) -> str:
    """One file name for a path of any length, even if the path is also the folder of another."""
    quoted = quote(name, safe=" ")
    return quoted if len(quoted) < _LONGEST_NAME else f"{quoted[:_LONGEST_NAME]}~{digests.of_chunks([name.encode()])}"


def _free_name(name: str, taken: dict[str, int]) -> str:
    if name not in taken:
        taken[name] = 1
        return name
    path = PurePosixPath(name)
    numbered = (
        (number, str(path.with_name(f"{path.stem}~{number}{path.suffix}"))) for number in count(taken[name] + 1)
    )
    number, free = next((number, each) for number, each in numbered if each not in taken)
    taken |= {name: number, free: 1}
    return free


def _store(file: Path, content: bytes) -> None:
    """Writes a file unless it exists with this content. The rename makes sure that an existing file is complete."""
    try:
        if not file.is_file() or file.stat().st_size != len(content) or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_name(f"{file.name}.{os.getpid()}.part")
            part.write_bytes(content)
            part.rename(file)
    except OSError as error:
        raise UserError(
            f"{file} cannot be written: {error.strerror}; set BOXWRIGHT_CACHE to a folder you may write, on a disk with room"
        ) from None


def _text(features: Features, name: str, index: int) -> str:
    values = features[name].bytes_list.value
    return values[index].decode(errors="replace") if index < len(values) else ""


def _objects(features: Features, classes: RecordClasses) -> tuple[Object, ...]:
    """One object for each entry of the longest list. An object that a shorter list lacks gets a fault."""
    sides = [features[f"image/object/bbox/{side}"].float_list.value for side in _SIDES]
    return tuple(_object(features, sides, index, classes) for index in range(_count_objects(features)))


def _count_objects(features: Features) -> int:
    lists = [features[f"image/object/bbox/{side}"].float_list.value for side in _SIDES]
    lists += [
        features["image/object/class/label"].int64_list.value,
        features["image/object/class/text"].bytes_list.value,
    ]
    return max(map(len, lists))


def _object(features: Features, sides: list[list[float]], index: int, classes: RecordClasses) -> Object:
    name = _text(features, "image/object/class/text", index)
    numbers = features["image/object/class/label"].int64_list.value
    name = classes.name(name, numbers[index] if index < len(numbers) else None)
    if not name:
        number = numbers[index] if index < len(numbers) else "none"
        return Object("", NO_BOX, fault=Fault("unknown_class", f"no class text, label {number}"))
    difficult, truncated, crowd = (_flag(features, flag, index) for flag in ("difficult", "truncated", "is_crowd"))
    if any(index >= len(side) for side in sides):
        counts = ", ".join(str(len(side)) for side in sides)
        fault = Fault("unreadable_annotation", f"lists of {counts} coordinates")
        return Object(name, NO_BOX, difficult, truncated, crowd, fault)
    left, top, right, bottom = (side[index] for side in sides)
    return Object(name, (left, top, right, bottom), difficult, truncated, crowd)


def _flag(features: Features, name: str, index: int) -> bool:
    values = features[f"image/object/{name}"].int64_list.value
    return index < len(values) and bool(values[index])


READER = Reader(
    expected="the OD API's TFRecords",
    find=find,
    read=read,
    near_miss=near_miss,
    set_suffixes=(".record", ".tfrecord"),
    derived=True,
    extracts=True,
)
