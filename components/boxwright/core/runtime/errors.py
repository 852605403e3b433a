"""Exceptions whose text is written for the user. Secrets are removed from it."""

import reprlib
from collections.abc import Sequence

from boxwright.core.runtime.secrets import without_secrets


class UserError(Exception):
    """An error that the user can correct. The text says what is wrong, where, what was found, what was expected, and what to do.

    It is printed without a traceback, and the exit code is 2.
    """

    def __init__(self, text: str) -> None:
        super().__init__(_short(without_secrets(text)))


# Characters of an error, at its beginning and its end. Between them may be a stranger's text of any length.
_FIRST, _LAST = 3000, 900


def _short(text: str) -> str:
    return text if len(text) <= _FIRST + _LAST else f"{text[:_FIRST]} [...] {text[-_LAST:]}"


class Unreachable(UserError):
    """No server answered. Its content may be unchanged, so a cached copy may be used."""


class NotAllowed(UserError):
    """A server answered and refused access."""


def brief(error: object) -> str:
    """A library's error, or its message, as one line of up to 200 characters without secrets, for the end of a sentence."""
    return without_secrets(" ".join(str(error)[:2000].split()))[:200]


def few(names: Sequence[str], most: int = 20) -> str:
    """Names of a file for an error: the first `most`, each shortened, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(name[:200] for name in names[:most]) + more


def shown(value: object) -> str:
    """A value of a file for an error: as Python writes it, with at most a few entries of each list and about 100 characters.

    Unlike `repr`, it takes no time for a value of a billion entries.
    """
    return _repr.repr(value)[:_MOST_SHOWN]


_MOST_SHOWN = 100


class _Repr(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:
        return f"a number of {x.bit_length()} bits" if x.bit_length() > _MOST_SHOWN else repr(x)


_repr = _Repr()
_repr.maxlevel, _repr.maxlist, _repr.maxdict, _repr.maxtuple, _repr.maxset = 3, 6, 6, 6, 6
_repr.maxstring, _repr.maxother = 60, 60
