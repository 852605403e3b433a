"""The source of each image by `--group`: a regular expression over file names, or `column:` and a column of the annotations."""

import re
from collections.abc import Sequence

from boxwright.convert import formats
from boxwright.core.runtime.errors import UserError, shown

_COLUMN = "column:"


def pattern(group: str, flag: str = "--group") -> re.Pattern | None:
    """The regular expression; None if `group` names a column. flag: how the user gave it. Raises UserError for an invalid one."""
    if column(group):
        return None
    try:
        return re.compile(group)
    except (re.error, RecursionError, OverflowError) as error:  # the last two: nested too deeply, repeated too often
        raise UserError(
            f"{flag} {shown(group)} is not a regular expression ({error}); expected one such as '(scan[0-9]+)_', whose first "
            "group is the source of an image, or column:NAME"
        ) from None


def column(group: str) -> str:
    """The name of the column; empty if `group` names none."""
    return group.removeprefix(_COLUMN).strip() if group.startswith(_COLUMN) else ""


def sources(names: Sequence[str], columns: Sequence[str | None], group: str) -> list[str | None]:
    """The source of each image; None for an image without one.

    It is the first group of the pattern in the image's name (without groups: the whole match), or the value of the column.
    group: empty for no sources at all. Raises UserError for an invalid pattern, and if no image has a source.
    """
    if not group:
        return [None] * len(names)
    wanted = pattern(group)
    return _column_sources(columns, group) if wanted is None else _matched_sources(names, wanted)


def _column_sources(columns: Sequence[str | None], group: str) -> list[str | None]:
    if not any(columns):
        known = ", ".join(name for name, reader in formats.readers().items() if reader.has_columns)
        raise UserError(
            f"--group {group}: none of {len(columns)} images has this field in its annotation; formats with such fields: "
            f"{known}. Correct the name, or give a regular expression over the file names"
        )
    return list(columns)


def _matched_sources(names: Sequence[str], wanted: re.Pattern) -> list[str | None]:
    found = [wanted.search(name) for name in names]
    matched = [match[min(1, wanted.groups)] or None if match else None for match in found]
    if not any(matched):
        raise UserError(
            f"--group {wanted.pattern!r} matches none of {len(names)} image names (first: {names[0]}); correct it"
        )
    return matched
