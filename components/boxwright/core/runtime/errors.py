"""Exceptions whose text is written for the user."""


class UserError(Exception):
    """An error that the user can correct. The text says what is wrong, where, what was found, what was expected, and what to do.

    It is printed without a traceback, and the exit code is 2.
    """


class Unreachable(UserError):
    """No server answered. Its content may be unchanged, so a cached copy may be used."""


class NotAllowed(UserError):
    """A server answered and refused access."""


def brief(error: Exception) -> str:
    """A library's error message as one line of up to 200 characters, for the end of a sentence."""
    return " ".join(str(error).split())[:200]
