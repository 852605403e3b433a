"""The source of an image by `--group`: a regular expression that is looked for in its name, or `column:` and the column of the
annotations in which it stands."""

import re
from collections.abc import Sequence

from boxwright.core.runtime.errors import UserError

_COLUMN = "column:"


def pattern(group: str, flag: str = "--group") -> re.Pattern:
    """The regular expression of `--group`; of a column, one that matches everything. flag: what the user gave it by.

    Raises UserError for an invalid regular expression.
    """
    try:
        return re.compile("" if column(group) else group)
    except re.error as error:
        raise UserError(
            f"{flag} {group!r} is not a regular expression ({error}); expected one such as '(scan[0-9]+)_', whose first "
            "group names the source"
        ) from None


def column(group: str) -> str:
    """Its name; empty where `--group` names none."""
    return group.removeprefix(_COLUMN).strip() if group.startswith(_COLUMN) else ""


def sources(names: Sequence[str], columns: Sequence[str | None], group: str) -> list[str | None]:
    """What the first group, or without one the whole pattern, matched in each name, or what stands in its column; None where
    nothing did.

    group: empty for no sources at all. Raises UserError for a pattern that is wrong, and for what names no image's source.
    """
    if not group:
        return [None] * len(names)
    if column(group):
        if not any(columns):
            raise UserError(
                f"--group {group}: none of {len(names)} images has it in its annotation; expected a field of COCO's images or a "
                "column of the csv: correct it, or give a regular expression over the names"
            )
        return list(columns)
    wanted = pattern(group)
    found = [wanted.search(name) for name in names]
    named = [match[min(1, wanted.groups)] or None if match else None for match in found]
    if not any(named):
        raise UserError(
            f"--group {group!r} names the source of none of {len(names)} images (first: {names[0]}); correct it"
        )
    return named
