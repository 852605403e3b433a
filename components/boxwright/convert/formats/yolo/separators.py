"""Label rows whose numbers are separated by commas or semicolons, or have decimal commas, as spreadsheets write them."""

import re

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+(,\d+)?([eE][-+]?\d+)?$")
_SEPARATORS = re.compile(r"[,;\s]+")
_SEMICOLONS = re.compile(r"[;\s]+")
# Numbers of a row with one box, with its class.
_ROW = 5


def plain(line: str) -> str:
    """The row with points and spaces. A row that can be read in several ways stays as it is, and so does one without commas.

    - `0,0.5,0.5,0.2,0.3` and `0;0.5;0.5;0.2;0.3`: separators. Without any point, only if there are five numbers (pixels).
    - `0 0,5 0,5 0,2 0,3` and `0;0,5;0,5;0,2;0,3`: decimal commas.
    - `0,0,5,0,5,0,2,0,3`: both, if each number begins with 0 or 1.
    """
    if "," not in line and ";" not in line:
        return line
    words = _SEMICOLONS.split(line.strip("; \t\r\n"))
    if len(words) >= _ROW and all(map(_DECIMAL_COMMA.match, words)):
        return " ".join(words).replace(",", ".")
    words = _SEPARATORS.split(line.strip(",; \t\r\n"))
    if len(words) < _ROW or not all(map(_NUMBER.match, words)):
        return line
    if len(words) == _ROW or "." in line:
        return " ".join(words)
    return _joined(words) or line


def _joined(words: list[str]) -> str:
    """The row if every number after the class was divided in two at its decimal comma; else empty."""
    whole, parts = words[1::2], words[2::2]
    if len(whole) != len(parts) or len(parts) < _ROW - 1 or not set(whole) <= {"0", "1"}:
        return ""
    return " ".join([words[0], *map(".".join, zip(whole, parts, strict=True))])
