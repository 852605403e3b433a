"""Json files beside the data: which keys one has, without reading a foreign file whole, and its content."""

import json
import stat
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from boxwright.convert.reading import files
from boxwright.core.runtime import limits

# Bytes that are searched first, and at the end: an annotation has one of its keys there. The rest is searched if one was found.
_START, _HEAD, _END = limits.MIB, 64 * limits.MIB, limits.MIB
# Bytes of a small file, and how many of them are kept: 80 MiB in all. A labelme json without its image has 3 KiB.
_KEPT, _MOST_KEPT = 8 * limits.KIB, 10_240
# The least memory of a value after parsing, in bytes: an empty list has 56 and a pointer to it; a number and its pointer 32.
_VALUE, _CONTAINER = 24, 40
_MOST_PER_BYTE = 45
# Digits of an id that stays a number. Of larger numbers, many could have the same hash, which makes a dict of them slow.
_ID_DIGITS = 18


class InvalidJson(ValueError):
    """A text that is not read as json. Its message is the end of a sentence."""


def is_json(file: Path) -> bool:
    return file.suffix.lower() == ".json"


def keys_in(file: Path, keys: Iterable[str], begins: bytes = b"{") -> list[str]:
    """Those of the keys that a json file contains anywhere; none for a file of another suffix.

    A file up to 1 MiB is searched as it is. A larger one must begin as an object (with one of the characters `begins`), which a
    binary file does not; of a log with an object in each line, only the first counts. A pipe and a broken link have no keys.
    """
    start = _start(file) if is_json(file) else None
    if start is None:
        return []
    words = {key: f'"{key}"'.encode() for key in keys}
    if (status := file.stat()).st_size > _START:
        start = start.lstrip(b"\xef\xbb\xbf \t\r\n")
        if not start or start[0] not in begins:
            return []
        if not _is_log(start):
            return list(_keys_in_large(file, tuple(words.items()), status.st_size, status.st_mtime_ns))
        start = start.partition(b"\n")[0]
    return [key for key, word in words.items() if word in start]


def _start(file: Path) -> bytes | None:
    """The first bytes of a file, as `files.load_start` returns them. Those of small files are kept: each format asks."""
    try:
        status = file.stat()
    except OSError:  # also a broken link
        return files.load_start(file, _START)
    if status.st_size > _KEPT or not stat.S_ISREG(status.st_mode):
        return files.load_start(file, _START)
    return _kept_start(file, status.st_size, status.st_mtime_ns, status.st_ino)


@lru_cache(_MOST_KEPT)
def _kept_start(file: Path, size: int, changed: int, place: int) -> bytes | None:
    """size, changed, place: of the file, so that another content is read anew."""
    return files.load_start(file, _START)


def _is_log(start: bytes) -> bool:
    """Whether the first line is a whole json object, as in a log with an object in each line."""
    line, newline, _ = start.partition(b"\n")
    return bool(newline) and line.rstrip().endswith(b"}") and not error_in(line)


@lru_cache(1024)
def _keys_in_large(file: Path, words: tuple[tuple[str, bytes], ...], size: int, changed: int) -> tuple[str, ...]:
    """The keys in the first 64 MiB and in the last MiB, and if there is one, in the whole file.

    size, changed: of the file, so that the same content is searched once.
    """
    found: set[str] = set()
    for begin, end in ((0, _HEAD), (max(_HEAD, size - _END), size), (_HEAD - _END, size)):
        for piece in files.pieces(file, begin, end):
            found |= {key for key, word in words if key not in found and word in piece}
            if len(found) == len(words):
                break
        if begin and not found:
            break
    return tuple(key for key, _ in words if key in found)


def error_in(content: bytes) -> str | None:
    """Why a text is no json; None if it is."""
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError as error:
        return str(error)
    return None


def load(file: Path, most: int | None = None, *, exact_ids: bool = False) -> Any:
    """The content of a json file. most: as in `files.load_bytes`.

    exact_ids: whole numbers beyond 64 bits are not rounded; they become text. Raises InvalidJson, and UserError as
    `files.load_bytes` does.
    """
    content = files.load_bytes(file, most)
    _check_memory(content, file)
    try:
        if not exact_ids:
            return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass  # unlike orjson, json also reads NaN and UTF-16, and its errors name the line
    limits.check_memory(len(content), file)
    try:
        return json.loads(files.decoded(content, file), parse_int=_id)
    except RecursionError:
        raise InvalidJson("its lists and objects are nested too deeply") from None
    except ValueError as error:
        raise InvalidJson(str(error)) from None


def _id(digits: str) -> int | str:
    return int(digits) if len(digits) <= _ID_DIGITS else digits


def _check_memory(content: bytes, file: Path) -> None:
    """Raises UserError if the values of a json need more memory than there is."""
    most = len(content) * _MOST_PER_BYTE
    if most > limits.SMALL and most > limits.memory_left():  # counting takes a second for 1 GB
        containers = content.count(b"[") + content.count(b"{")
        limits.check_memory(containers * _CONTAINER + (content.count(b",") + containers) * _VALUE, file)
