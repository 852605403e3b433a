"""The exceptions that a user is meant to read."""


class UserError(Exception):
    """Something the user can put right: what, where, got, expected, do this. Printed without a traceback, exit code 2."""


class Unreachable(UserError):
    """No server answered: what it holds may be as it was."""


class NotAllowed(UserError):
    """A server answered, but does not let us see what it holds."""


def brief(error: Exception) -> str:
    """A library's words in one line, for the end of a sentence of ours."""
    return " ".join(str(error).split())[:200]
