"""The exceptions that a user is meant to read."""


class UserError(Exception):
    """Something the user can put right: what, where, got, expected, do this. Printed without a traceback, exit code 2."""


class Unreachable(UserError):
    """No server answered: what it holds may be as it was."""
