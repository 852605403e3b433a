"""Reads TFRecords in the TF Object Detection API's schema, as its own scripts and other converters write them.

The pictures are inside: they are taken out once, into the cache folder, where the rest of the conversion finds them as files.
"""

import os
import re
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from google.protobuf.message import DecodeError

from boxwright.convert.formats import source
from boxwright.convert.formats.source import Fault, Folder, Image, Near, Object, Source
from boxwright.core import labels
from boxwright.core.records import tfrecords
from boxwright.core.records.example_proto import Example
from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache

_SHARD = re.compile(r"\.(tf)?records?(-\d+-of-\d+)?$|-\d{5}-of-\d{5}$", re.IGNORECASE)
_COMPRESSED = re.compile(r"(tf)?records?(-\d+-of-\d+)?\.gz$", re.IGNORECASE)
_GZIP = b"\x1f\x8b"
_FEATURES = {b"image/encoded", b"image/object/bbox/xmin"}
# Of a file's name, in bytes; disks take 255.
_LONG = 200
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_FLAGS = {"difficult": "difficult", "truncated": "truncated", "is_crowd": "crowd"}


def find(folder: Folder) -> list[Path]:
    return [file for file in folder.others if _SHARD.search(file.name) and _sniff(file)]


def _sniff(file: Path) -> bool:
    """Whether the first record is an image with boxes; an image without boxes may lack their features."""
    try:
        return any(feature in _first(file) for feature in _FEATURES)
    except UserError:
        return False


def _first(file: Path) -> bytes:
    """The first record, empty where there is none. Raises UserError for a damaged one."""
    return next(tfrecords.serialized(file), b"") if source.head(file, 1) else b""


def nearly(file: Path) -> Near | None:
    """TensorFlow's checkpoints have names like shards, too: only of those called records it is known that they were meant."""
    begin = source.head(file, 2) if _SHARD.search(file.name) or _COMPRESSED.search(file.name) else None
    if begin is None:
        return None
    if begin == _GZIP:
        return Near("is compressed; unpack it (gunzip)", damaged=True)
    try:
        first = _first(file)
    except UserError as error:
        return Near(str(error).removeprefix(f"{file} "), damaged="record" in file.name.lower())
    why = "begins with a record without image/encoded, which the OD API's have" if first else "is empty"
    return None if any(feature in first for feature in _FEATURES) else Near(why)


def read(folder: Folder, shards: list[Path]) -> Source:
    """The split is that of the folder or of the shard's name. Class names are those in the records, else the label map's that
    lies in the folder.

    Raises UserError for a shard that is cut off or damaged, and for class numbers without a label map.
    """
    root = folder.root
    maps = [file for file in folder.others if file.suffix == ".pbtxt"]
    names = labels.by_id(maps[0]) if len(maps) == 1 else {}
    content = digests.of_json({source.relative(shard, root): digests.of_file(shard) for shard in shards})
    taken_out = cache.cache() / "pictures" / content
    data = Source("tfrecord", root, categories=list(names.values()))
    taken: set[str] = set()
    for shard in shards:
        split = source.split_of_folder(source.relative(shard, root)) or source.split_of_stem(shard.name.split(".")[0])
        for number, record in enumerate(tfrecords.serialized(shard)):
            where = f"{source.relative(shard, root)}#{number}"
            data.images.append(_image(record, where, split, taken_out, names, taken))
    return data


def _image(record: bytes, where: str, split: str | None, folder: Path, names: dict[int, str], taken: set[str]) -> Image:
    """where: shard and number, the name of a record that has none or that cannot be read. Two pictures of one name are both
    kept: the later one gets a number."""
    try:
        features = Example.FromString(record).features.feature
    except DecodeError:
        return Image(folder / where, where, split=split, fault=Fault("unreadable_annotation", "not a tf.train.Example"))
    name = _safe_name(_text(features, "image/filename", 0)) or where
    name = _free_name(name, taken)
    encoded = features["image/encoded"].bytes_list.value
    size = tuple(next(iter(features[f"image/{side}"].int64_list.value), 0) for side in ("width", "height"))
    claimed = size if all(size) else None
    fault = None if encoded else Fault("missing", "no image/encoded in the record")
    file = folder / _on_disk(name)
    if encoded:
        _keep(file, encoded[0])
    return Image(file, name, _objects(features, names), split, claimed, fractions=True, fault=fault)


def _safe_name(name: str) -> str:
    """Below the folder, whatever the record says."""
    parts = PurePosixPath(name.replace("\\", "/").replace("\0", "")).parts
    return "/".join(part for part in parts if part not in ("/", "..") and not part.endswith(":"))


def _on_disk(name: str) -> str:
    """Of one file, whatever the length of the name, and whether it is that of a folder of others, too."""
    quoted = quote(name, safe=" ")
    return quoted if len(quoted) < _LONG else f"{quoted[:_LONG]}~{digests.of_chunks([name.encode()])}"


def _free_name(name: str, taken: set[str]) -> str:
    path = PurePosixPath(name)
    numbered = (str(path.with_name(f"{path.stem}~{number}{path.suffix}")) for number in count(2))
    free = next(n for n in chain([name], numbered) if n not in taken)
    taken.add(free)
    return free


def _keep(file: Path, content: bytes) -> None:
    """Writes it unless it is there in this size; a rename makes sure that what is there is whole."""
    try:
        if not file.exists() or file.stat().st_size != len(content):
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_name(f"{file.name}.{os.getpid()}.part")
            part.write_bytes(content)
            part.rename(file)
    except OSError as error:
        raise UserError(
            f"{file} cannot be written: {error.strerror}; set BOXWRIGHT_CACHE to a folder you may write, on a disk with room"
        ) from None


def _text(features: Any, name: str, index: int) -> str:
    values = features[name].bytes_list.value
    return values[index].decode(errors="replace") if index < len(values) else ""


def _objects(features: Any, names: dict[int, str]) -> tuple[Object, ...]:
    """As many as the longest list has; what is missing in a shorter one is a fault of that object."""
    sides = [features[f"image/object/bbox/{side}"].float_list.value for side in _SIDES]
    numbers = features["image/object/class/label"].int64_list.value
    texts = features["image/object/class/text"].bytes_list.value
    flags = {ours: features[f"image/object/{theirs}"].int64_list.value for theirs, ours in _FLAGS.items()}
    objects = []
    for index in range(max(len(numbers), len(texts), *map(len, sides))):
        name = _text(features, "image/object/class/text", index)
        if not name and index < len(numbers):
            name = names.get(numbers[index], "")
        marked = {flag: index < len(values) and bool(values[index]) for flag, values in flags.items()}
        if not name:
            number = numbers[index] if index < len(numbers) else "none"
            objects.append(Object("", source.NO_BOX, fault=Fault("unknown_class", f"no class text, label {number}")))
        elif any(index >= len(side) for side in sides):
            fault = Fault(
                "unreadable_annotation", f"lists of {', '.join(str(len(side)) for side in sides)} coordinates"
            )
            objects.append(Object(name, source.NO_BOX, **marked, fault=fault))
        else:
            left, top, right, bottom = (side[index] for side in sides)
            objects.append(Object(name, (left, top, right, bottom), **marked))
    return tuple(objects)
