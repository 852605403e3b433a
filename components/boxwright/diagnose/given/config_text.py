"""The text of a stranger's pipeline.config: decoded whatever editor saved it, with notices on what the OD API cannot read."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.printable import visible_line

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE = "the Object Detection API cannot read it like that; save it as UTF-8 without a byte order mark"


@dataclass(frozen=True)
class ConfigText:
    """notices: what the OD API could not read, as sentences. Boxwright reads it all the same."""

    text: str
    notices: tuple[str, ...] = ()


def read(path: Path) -> ConfigText:
    """Raises UserError for a file that cannot be read or is no text."""
    try:
        with path.open("rb") as opened:
            content = limits.read_at_most(opened, limits.PROTO_TEXT_BYTES, path)
    except OSError as error:
        raise UserError(f"it cannot be read: {error.strerror}") from None
    found = decoded(content)
    if "\0" in found.text:
        line = found.text[: found.text.index("\0")].count("\n") + 1
        raise UserError(f"line {line}: it is no text file; expected a pipeline.config of the Object Detection API")
    return found


def decoded(content: bytes) -> ConfigText:
    """UTF-8, UTF-16 with or without a mark, or else Windows-1252."""
    if content.startswith(_UTF16) or _looks_like_utf16(content):
        return ConfigText(_utf16(content), (f"the file is UTF-16 text: {_SAVE}",))
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return _windows(content, error.start)
    marked = text.startswith("\ufeff")
    notices = (f"line 1: the file begins with a byte order mark: {_SAVE}",) if marked else ()
    return ConfigText(text.lstrip("\ufeff"), notices)


def _looks_like_utf16(content: bytes) -> bool:
    """Whether every other byte of the beginning is 0, as in Latin letters without a mark."""
    begin = content[:200]
    return len(begin) > 3 and (not any(begin[::2]) or not any(begin[1::2]))


def _utf16(content: bytes) -> str:
    big = content.startswith(codecs.BOM_UTF16_BE) or (not content.startswith(_UTF16) and not content[0])
    return content.decode("utf-16-be" if big else "utf-16-le", "replace").lstrip("\ufeff")


def _windows(content: bytes, at: int) -> ConfigText:
    """at: the place of the first byte that is not UTF-8."""
    line = content[:at].count(b"\n") + 1
    letter = visible_line(content[at : at + 1].decode("cp1252", "replace"))
    text = content.decode("cp1252", "replace").removeprefix("ï»¿")
    return ConfigText(text, (f"line {line}: {letter!r} is saved in Windows-1252: {_SAVE}",))
