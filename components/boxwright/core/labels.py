"""Label maps: class ids from 1 (0 is the background), in the OD API's text format."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

from boxwright.core.foreign_files import proto_text
from boxwright.core.runtime import printable
from boxwright.core.runtime.errors import UserError, brief

# Characters of a class name: the longest of LVIS has 40.
LONGEST_NAME = 1000
# Classes: ImageNet-21k has 21,843.
MOST_CLASSES = 100_000
# Line breaks would make two lines of one name in labels.txt, so that every later class would get a wrong number. The others are
# control characters, marks that change the direction of writing (Unicode's Bidi_Control), and halves of surrogate pairs.
_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Names that no person gives to a class: Freebase's ids, WordNet's ids, and numbers.
_KEY = re.compile(r"(/[a-z]/\w+|n\d{8}|\d+)$")

# The fields of object_detection/protos/string_int_label_map.proto that count here. Its other fields are ignored.
_PROTO = """
name: "boxwright/label_map.proto" package: "boxwright" syntax: "proto2"
message_type { name: "LabelMap"
  field { name: "item" number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".boxwright.Item" } }
message_type { name: "Item"
  field { name: "name" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
  field { name: "id" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 }
  field { name: "display_name" number: 3 label: LABEL_OPTIONAL type: TYPE_STRING } }
"""
_pool = descriptor_pool.DescriptorPool()
_pool.Add(text_format.Parse(_PROTO, descriptor_pb2.FileDescriptorProto()))
_LabelMap = message_factory.GetMessageClass(_pool.FindMessageTypeByName("boxwright.LabelMap"))


def write(classes: Sequence[str], path: Path) -> None:
    """Writes `label_map.pbtxt`; class i of the sequence gets id i + 1. Raises UserError as `check_names` does."""
    check_names(classes, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    label_map = _LabelMap(item=[{"name": name, "id": i} for i, name in enumerate(classes, 1)])
    path.write_text(text_format.MessageToString(label_map, as_utf8=True), encoding="utf-8")


def check_names(names: Iterable[str], where: str) -> None:
    """Raises UserError for a class name that is too long or has a line break or another control character, and for too many
    classes. where: what has the names; it begins the error's sentence."""
    known = dict.fromkeys(names)
    if len(known) > MOST_CLASSES:
        raise UserError(
            f"{where}: {len(known):,} classes, and up to {MOST_CLASSES:,} are read; leave out those without objects"
        )
    for name in known:
        if len(name) > LONGEST_NAME:
            raise UserError(
                f"{where}: the class name that begins with {_shown(name)} has {len(name):,} characters, and up to "
                f"{LONGEST_NAME:,} are read; give the class a short name"
            )
        if found := _REFUSED.search(name):
            raise UserError(
                f"{where}: the class name {_shown(name)} has a control character (U+{ord(found[0]):04X}, character "
                f"{found.start() + 1}); a class name is one line of visible text: correct it in the annotations"
            )


def _shown(name: str) -> str:
    return f"'{printable.visible_line(name[:60])}{'...' if len(name) > 60 else ''}'"


class Item(NamedTuple):
    """One class of a label map. name: empty if there is only a display_name. display_name: empty if there is none."""

    id: int
    name: str
    display_name: str = ""

    @property
    def has_key(self) -> bool:
        """Whether `name` is a key such as `/m/01g317`, and `display_name` is what a person reads."""
        return bool(self.display_name) and (not self.name or bool(_KEY.match(self.name)))

    @property
    def class_name(self) -> str:
        """`name`, as in the OD API's decoder; `display_name` if `name` is a key, as in mscoco_label_map.pbtxt."""
        return self.display_name if self.has_key else self.name


def read(path: Path) -> list[Item]:
    """The classes in the order of their ids 1..n. Raises UserError if the ids are not 1..n, and as `items` does."""
    found = sorted(items(path))
    if [item.id for item in found] != list(range(1, len(found) + 1)):
        raise UserError(
            f"{path}: the ids of {len(found)} classes go from {found[0].id} to {found[-1].id}; expected 1..{len(found)} without "
            "gaps (0 is the background). Renumber the items, or leave out the label map, so that convert numbers the classes"
        )
    return found


def items(path: Path) -> list[Item]:
    """The classes in the order of the file. The ids may be any numbers. An item `background` with id 0 is no class.

    Raises UserError if the file cannot be read, is not a label map, or contains an id or a name twice, and as `check_names` does.
    """
    every = [_class(item, path) for item in _parsed(path).item]
    classes = [item for item in every if item.id or "background" not in (item.name, item.display_name)]
    _check_once("id", [item.id for item in classes], path)
    check_names((name for item in classes for name in (item.name, item.display_name) if name), str(path))
    _check_once("name", [item.class_name for item in classes], path)
    return classes


def _parsed(path: Path) -> Any:
    try:
        return proto_text.parse(proto_text.read(path), _LabelMap(), allow_unknown=True)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; give the file of a label map") from None
    except proto_text.InvalidProtoText as error:
        raise UserError(
            f'{path} is not a label map ({error}): expected one `item {{ id: 1 name: "cat" }}` per class'
        ) from None


def _class(item: Any, path: Path) -> Item:
    if not item.HasField("id") or not (item.HasField("name") or item.HasField("display_name")):
        shown = text_format.MessageToString(item, as_utf8=True, as_one_line=True)
        raise UserError(f"{path}: an item has no id or no name: `item {{ {brief(shown)} }}`; give it both")
    return Item(item.id, item.name, item.display_name)


def _check_once(what: str, values: Sequence[Any], path: Path) -> None:
    if twice := [repr(value) for value, n in Counter(values).items() if n > 1]:
        more = ", ..." if len(twice) > 3 else ""
        raise UserError(
            f"{path}: several items have the {what} {', '.join(twice[:3])}{more}; give each class one of its own"
        )
