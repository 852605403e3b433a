"""Spellings of file names: what remains of a name if case, suffix, encoding or a tool's prefix does not count.

A name is a tuple of parts: its folders and its last part. All functions are pure and take time in proportion to the name.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from boxwright.core.foreign_files.walk import IMAGE_SUFFIXES

Parts = tuple[str, ...]
Spelling = Callable[[str], str]
# Parts of a name that count. Real names have ten; a stranger's could have thousands.
_MOST_PARTS = 32
# Two letters or more, because `C:/` is a drive of Windows.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}:/{1,3}(?=[^/])")
_FOREIGN = re.compile(r"/|\.\./|[A-Za-z][A-Za-z0-9+.-]{0,15}:/")
# Label Studio serves files of its disk as `/data/local-files/?d=photos/a.jpg`.
_SERVED = re.compile(r"[?&](?:d|path|file|filename)=([^&#]+)")
_FOLDERS = ("", ".", "..")
# One kind of file under several suffixes.
_SAME_SUFFIX = {".jpeg": ".jpg", ".jpe": ".jpg", ".jfif": ".jpg", ".tiff": ".tif"}
# Label Studio: the beginning of a UUID for files that were uploaded, of a digest for files that it fetched.
_PREFIX = re.compile(r"(?:[0-9a-f]{8}-|[0-9a-f]{6,32}__)(?=.)")
# Django's get_valid_filename, which Label Studio applies to the names of uploaded files, drops these characters.
_DROPPED = re.compile(r"[^-\w.]")
# Info-ZIP writes a character that it cannot encode as `#U00fc`.
_CODE = re.compile(r"#U([0-9a-fA-F]{4})")
# Encodings in which programs wrongly read names that are UTF-8, and in which old programs write names.
_WRONG = ("cp437", "cp1252")


class Rung(NamedTuple):
    """One comparison: a name of an annotation fits a file if both functions give the same text for their last parts.

    any_suffix: files of another kind also fit.
    """

    of_name: Spelling
    of_file: Spelling
    any_suffix: bool = False


def is_foreign(name: str) -> bool:
    """Whether a name leads out of the data: it begins at a root, a drive or a server, or goes above its folder."""
    text = name.replace("\\", "/")
    return bool(_FOREIGN.match(text) or _SERVED.search(text))


def parts(name: str) -> Parts:
    """The folders and the last part of a name, of Linux, of Windows, or of an address without its host and query."""
    text = name.replace("\\", "/")
    if served := _SERVED.search(text):
        text = served[1]
    elif scheme := _SCHEME.match(text):
        text = re.split("[?#]", text[scheme.end() :], maxsplit=1)[0].partition("/")[2] or text
    if "%2f" in text.lower() or "%5c" in text.lower():  # a bucket's address encodes the whole path
        text = unquote(text).replace("\\", "/")
    return tuple(part for part in text.split("/") if part not in _FOLDERS)[-_MOST_PARTS:]


@lru_cache(maxsize=4096)
def folder(part: str) -> str:
    """A folder of a name without regard to case and encoding."""
    return _readable(part).casefold()


def composed(part: str) -> str:
    """macOS writes `é` as two characters (NFD), other systems write one (NFC)."""
    return part if part.isascii() else unicodedata.normalize("NFC", part)


def _folded(part: str) -> str:
    """Without regard to case, to encoding, and to `.jpeg` for `.jpg`."""
    text = _readable(part).casefold().strip()
    dot = text.rfind(".")
    return text[:dot] + _SAME_SUFFIX.get(text[dot:], text[dot:]) if dot > 0 else text


@lru_cache(maxsize=4096)
def stem(part: str) -> str:
    """As `_folded`, without the suffix of an image. `a.jpg.png` has two."""
    text = _folded(part)
    while (dot := text.rfind(".")) > 0 and text[dot:] in IMAGE_SUFFIXES:
        text = text[:dot]
    return text


def suffix(part: str) -> str:
    """The kind of image that a suffix names, such as `.jpg`; empty for a name without the suffix of an image."""
    text = _folded(part)
    found = text[text.rfind(".") :] if "." in text else ""
    return found if found in IMAGE_SUFFIXES else ""


@lru_cache(maxsize=4096)
def _valid(part: str) -> str:
    """The stem as Label Studio writes it: `my photo (1)` becomes `my_photo_1`. A `+` is a space in the form of addresses."""
    return _DROPPED.sub("", stem(part).replace(" ", "_").replace("+", "_"))


@lru_cache(maxsize=4096)
def without_prefix(part: str) -> str:
    """As `_valid`, without Label Studio's prefix: `a1b2c300-my_photo_1.jpg` becomes `my_photo_1`."""
    text = _valid(part)
    return _PREFIX.sub("", text, count=1) if text[:1] in "0123456789abcdef" else text


def bare(part: str) -> str:
    """The name without all prefixes. Names that fit on any rung have the same bare name."""
    text, shorter = "", _valid(part)
    while text != shorter:
        text, shorter = shorter, _PREFIX.sub("", shorter, count=1)
    return text


# From tight to loose: Unicode's two forms; case, encoding and `.jpeg`; another suffix or none; Label Studio's prefix in the
# annotation, and in the file. A prefix is removed on one side only: `20240101-a` and `20240102-a` are two pictures.
RUNGS = (
    Rung(composed, composed),
    Rung(_folded, _folded),
    Rung(stem, stem, any_suffix=True),
    Rung(without_prefix, _valid, any_suffix=True),
    Rung(_valid, without_prefix, any_suffix=True),
)


def _readable(text: str) -> str:
    """A name without the marks of URLs (`%20`) and of archives, in NFC, and in the right encoding."""
    if text.isascii() and "%" not in text and "#U" not in text:
        return text
    text = _CODE.sub(lambda code: chr(int(code[1], 16)), _unquoted(text))
    return unicodedata.normalize("NFC", text if text.isascii() else _decoded(text))


def _unquoted(text: str) -> str:
    try:
        return unquote(text, errors="strict") if "%" in text else text
    except UnicodeDecodeError:
        return text


def _decoded(text: str) -> str:
    """Text whose UTF-8 was read in another encoding, read rightly; other text as it is."""
    try:
        return _reread(text)
    except UnicodeError:
        return text


def _reread(text: str) -> str:
    """Raises UnicodeError for text that was read rightly."""
    stored = text.encode("utf-8", "surrogateescape")
    if not _is_utf8(stored):  # an old program's name, as the disk holds it
        return stored.decode("cp1252")
    for encoding in _WRONG:
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _is_utf8(stored: bytes) -> bool:
    try:
        stored.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
