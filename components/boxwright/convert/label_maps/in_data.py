"""The label maps in a data folder."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from boxwright.convert.reading import files
from boxwright.convert.reading.files import Folder
from boxwright.core import labels
from boxwright.core.labels import Item
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import shown

_SUFFIXES = (".pbtxt", ".prototxt")
_NAMED = re.compile(r"label.?map|object.?detection", re.IGNORECASE)
# What a label map begins with, behind comments. TensorFlow's graphs have nodes.
_ITEM = re.compile(rb"^\s*item\s*:?\s*[{<]", re.MULTILINE)


class Maps(NamedTuple):
    """items: the classes of all label maps; empty if they disagree. files: their names. differ: how two of them disagree, as a
    sentence, else empty."""

    items: tuple[Item, ...] = ()
    files: tuple[str, ...] = ()
    differ: str = ""


def find(folder: Folder) -> Maps:
    """All label maps of the folder as one. Other files in protobuf's text format are ignored.

    Raises UserError for a label map that cannot be read.
    """
    found = {file: labels.items(file) for file in folder.other_files if _is_label_map(file)}
    names = tuple(files.relative_name(file, folder.root) for file in found)
    return _joined(list(zip(names, found.values(), strict=True)))


def _is_label_map(file: Path) -> bool:
    suffix = file.suffix.lower()
    if suffix not in _SUFFIXES and not (suffix == ".txt" and _NAMED.search(file.stem)):
        return False
    return os.path.isfile(file) and bool(_ITEM.search(files.load_start(file, limits.MIB) or b""))  # no pipe


def _joined(maps: Sequence[tuple[str, Sequence[Item]]]) -> Maps:
    names = tuple(name for name, _ in maps)
    first: dict[int, tuple[Item, str]] = {}
    for name, items in maps:
        for item in items:
            known, where = first.setdefault(item.id, (item, name))
            if known.class_name != item.class_name:
                text = (
                    f"class {item.id} is {shown(known.class_name)} in {where}, and {shown(item.class_name)} in {name}"
                )
                return Maps((), names, text)
    return Maps(tuple(item for item, _ in first.values()), names)


def conflict(items: Sequence[Item], others: Maps) -> str:
    """How the label map of `--label-map` numbers the classes differently than those in the data; else empty."""
    numbered = {item.id: item for item in others.items}
    for item in items:
        other = numbered.get(item.id)
        if other and not {item.name, item.display_name} & {other.name, other.display_name} - {""}:
            names = shown(item.class_name), shown(other.class_name)
            return f"class {item.id} is {names[0]} in --label-map, and {names[1]} in {others.files[0]}"
    return ""
