"""Exceptions whose text is written for the user."""


class UserError(Exception):
    """Something that the user can correct. The text says what, where, got, expected, do this.

    It is printed without a traceback, and the exit code is 2.
    """


class Unreachable(UserError):
    """No server answered. What it holds may be unchanged."""


class NotAllowed(UserError):
    """A server answered, and refused access."""


def brief(error: Exception) -> str:
    """A library's message in one line of up to 200 characters, to end a sentence with."""
    return " ".join(str(error).split())[:200]
