# environment: data
"""Seeded damage: bytes of any file, and the structure of JSON, YAML, XML, tables of text, TFRecords, archives, checkpoints."""

import copy
import json
import re
from collections.abc import Callable
from random import Random
from typing import Any
from xml.etree import ElementTree

import containers

NUMBERS = ("-1", "0", "2147483648", "9223372036854775808", "1e999", "-1e999", "nan", "1e-320", "0.5", "1" * 400)
ODD = (
    None, True, -1, 0, 1.5, 2**31, 2**63, 10**400, float("inf"), float("nan"), "", " ", "\0", "\ud800", "\x1b[31m", "\u202e",
    "a\nb", "..", "/etc/passwd", "../../x", "-1", "nan", "x" * 70_000, [], {}, [[]], [None], {"": None},
    "@deep list@", "@deep map@",
)  # fmt: skip
# Words of the formats, separated by spaces, and those with a space.
TOKENS = (
    *rb'''\ud800 \u0000 , ; ' " \ { } [ ] < > : # &a *a null true NaN Infinity 1e999 - .. / // ~/ C:\ file:// https:// gs:// ~
    0x 0o8 1_0 1:2:3 .inf &x; &#0; &#x110000; <![CDATA[ id: image/encoded image/object/bbox/xmin [a.b]:'''.split(),
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc2\xb2", b"\xed\xa0\x80", b"\x1b[2J", b"\n", b"\r", b"\n- ", b"? ",
    b"<<: *a", b"---\n", b"%YAML 9.9\n", b"|\n", b"!!python/object:os.system ", b"!!binary ", b"!!set ",
    b"!!timestamp ", b"!!float ", b"!!int ",
    b"<!DOCTYPE a [<!ENTITY x 'yy'>]>", b"<?xml version='1.0' encoding='utf-7'?>", b"item { id: 1 name: 'a' }",
)  # fmt: skip
_INTEGERS = (0, 1, -1, 127, 255, 256, 32767, 65535, 2**24, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1)
Mutator = Callable[[bytes, Random], bytes]


def mutated(name: str, data: bytes, random: Random) -> bytes:
    """The content of a file with one to four changes. The suffix of its name says which structure it has."""
    kind = name.rpartition(".")[2].lower()
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        try:
            data = random.choice((*_STRUCTURE.get(kind, ()), _damage))(data, random)
        except Exception:  # the structure is broken by an earlier change, and every library says so differently
            data = _damage(data, random)
    return data[: 1 << 22]


def _damage(data: bytes, random: Random) -> bytes:
    return random.choice((_flip, _flip, _integer, _integer, _cut, _drop, _token, _token, _number, _repeat, _move))(
        data, random
    )


def _place(data: bytes, random: Random) -> tuple[int, int]:
    """The beginning and the end of a piece, mostly a short one."""
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice((1, 2, 4, 8, 16, 64, 1000)))


def _flip(data: bytes, random: Random) -> bytes:
    changed = bytearray(data or b"\0")
    for _ in range(random.choice((1, 1, 2, 8))):
        changed[random.randrange(len(changed))] ^= random.choice((1, 2, 4, 8, 16, 32, 64, 128, 255))
    return bytes(changed)


def _integer(data: bytes, random: Random) -> bytes:
    """A binary number becomes an extreme one."""
    size = random.choice((1, 2, 4, 8))
    value = random.choice(_INTEGERS) % (1 << 8 * size)
    at = random.randrange(max(1, len(data) - size))
    if random.random() < 0.5:
        at -= at % size
    return data[:at] + value.to_bytes(size, random.choice(("little", "big"))) + data[at + size :]


def _cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _drop(data: bytes, random: Random) -> bytes:
    start, end = _place(data, random)
    return data[:start] + data[end:]


def _token(data: bytes, random: Random) -> bytes:
    start, end = _place(data, random)
    return data[:start] + random.choice(TOKENS) + data[random.choice((start, end)) :]


def _number(data: bytes, random: Random) -> bytes:
    """A number in a text becomes an extreme one."""
    found = list(re.finditer(rb"-?\d[\d.]*", data[: 1 << 16]))
    if not found:
        return _token(data, random)
    one = random.choice(found)
    return data[: one.start()] + random.choice(NUMBERS).encode() + data[one.end() :]


def _repeat(data: bytes, random: Random) -> bytes:
    start, end = _place(data, random)
    return data[:start] + data[start:end] * random.choice((2, 3, 50, 3000)) + data[end:]


def _move(data: bytes, random: Random) -> bytes:
    """A piece is copied over another place."""
    start, end = _place(data, random)
    at = random.randrange(len(data) + 1)
    return data[:at] + data[start:end] + data[at + end - start :]


def _nested(text: str, random: Random) -> str:
    depth = random.choice((10, 300, 3000, 100_000))
    text = text.replace('"@deep list@"', "[" * depth + "]" * depth)
    return text.replace('"@deep map@"', '{"a":' * depth + "1" + "}" * depth)


def changed_tree(tree: Any, random: Random) -> Any:
    """A value made of dicts and lists, with one change at a random place."""
    tree = copy.deepcopy(tree)
    places = list(_places(tree))
    if not places:
        return random.choice(ODD)
    parent, key = random.choice(places)
    other_parent, other = random.choice(places)
    what = random.choice(("odd", "odd", "odd", "drop", "other", "double", "rename", "wrap"))
    if what == "drop":
        del parent[key]
    elif what == "double" and isinstance(parent, list):
        parent += [copy.deepcopy(parent[key])] * random.choice((1, 2, 500))
    elif what == "rename" and isinstance(parent, dict):
        parent[random.choice(("", "a", "names", "id", "size", "path", "0", "\ud800"))] = parent.pop(key)
    elif what == "wrap":
        parent[key] = random.choice(([parent[key]], {"a": parent[key]}, [parent[key]] * 3, str(parent[key])))
    else:
        parent[key] = copy.deepcopy(other_parent[other]) if what == "other" else random.choice(ODD)
    return tree


def _places(tree: Any) -> Any:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(items):
        yield tree, key
        yield from _places(value)


def _json(data: bytes, random: Random) -> bytes:
    return _nested(json.dumps(changed_tree(json.loads(data), random)), random).encode()


def _json_lines(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    lines[at] = _json(lines[at], random)
    return b"\n".join(lines)


def _yaml(data: bytes, random: Random) -> bytes:
    import yaml

    tree = changed_tree(yaml.safe_load(data), random)
    if random.random() < 0.5:
        return _nested(json.dumps(tree), random).encode()
    return yaml.safe_dump(tree, sort_keys=False).encode("utf-8", "surrogatepass")


def _xml(data: bytes, random: Random) -> bytes:
    root = ElementTree.fromstring(data)
    parent = random.choice([*root.iter()])
    value = (
        random.choice((*NUMBERS, *(one for one in ODD if isinstance(one, str)))).replace("\0", "").replace("\ud800", "")
    )
    children = list(parent)
    what = random.choice(("text", "attribute", "drop", "double", "nest"))
    if what == "attribute" and parent.attrib:
        parent.set(random.choice(list(parent.attrib)), value)
    elif what == "drop" and children:
        parent.remove(random.choice(children))
    elif what == "double" and children:
        parent.extend([random.choice(children)] * random.choice((1, 300)))
    elif what == "nest":
        tag = parent.tag.encode()
        depth = random.choice((5, 500, 20_000))
        return ElementTree.tostring(root).replace(
            b"</" + tag, (b"<" + tag + b">") * depth + (b"</" + tag + b">") * depth + b"</" + tag, 1
        )
    else:
        parent.text = value
    return ElementTree.tostring(root)


def _lines(data: bytes, random: Random) -> bytes:
    """A line, or a field of it, is lost, doubled or replaced."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    fields = re.split(rb"([ ,=\t]+)", lines[at])
    what = random.choice(("field", "field", "number", "drop", "double", "swap"))
    if what in ("field", "number"):
        chosen = random.choice(NUMBERS).encode() if what == "number" else random.choice((*TOKENS, b"", b"x" * 70_000))
        fields[random.randrange(len(fields))] = chosen
        lines[at] = b"".join(fields)
    elif what == "drop":
        del lines[at]
    else:
        lines.insert(random.randrange(len(lines)), lines[at] if what == "double" else lines.pop())
    return b"\n".join(lines)


def _member(data: bytes, random: Random) -> bytes:
    """One file of an archive is changed, and the archive is packed again."""
    return containers.repacked(data, lambda name, content: mutated(name, content, random), random)


def _record(data: bytes, random: Random) -> bytes:
    return containers.changed_record(data, lambda content: containers.changed_example(content, random), random)


def _damaged_record(data: bytes, random: Random) -> bytes:
    return containers.changed_record(data, lambda content: _damage(content, random), random)


def _table(data: bytes, random: Random) -> bytes:
    return containers.changed_table(data, random)


def _checkpoint(data: bytes, random: Random) -> bytes:
    return containers.changed_index(data, random)


_STRUCTURE: dict[str, tuple[Mutator, ...]] = {
    "json": (_json, _json, _json), "jsonl": (_json_lines, _json_lines), "yaml": (_yaml, _yaml, _lines), "xml": (_xml, _xml, _xml),
    **dict.fromkeys(("csv", "txt", "data", "names", "pbtxt", "config"), (_lines, _lines)),
    **dict.fromkeys(("npz", "gz", "zip"), (_member, _member, _member)),
    "parquet": (_table, _table, _table), "tfrecord": (_record, _record, _damaged_record),
    "index": (_checkpoint, _checkpoint, _checkpoint),
}  # fmt: skip
