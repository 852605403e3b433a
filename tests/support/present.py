"""For tests of what may be None."""

from typing import TypeVar

_Thing = TypeVar("_Thing")


def present(thing: _Thing | None) -> _Thing:
    """The thing, which must be there."""
    assert thing is not None
    return thing
