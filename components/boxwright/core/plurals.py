"""Numbers with their nouns and verbs, as in `1 image is` and `2 images are`."""

from typing import Literal

_ES = ("s", "x", "sh", "ch")
_VERBS = {"is": "are", "was": "were", "has": "have", "lies": "lie", "": ""}


def count(n: int, noun: str, verb: Literal["is", "was", "has", "lies", ""] = "") -> str:
    """`1 image`, `2 images`, `2 classes`, `2 boxes`; with a verb `1 image is`, `2 images are`. verb: in the singular."""
    many = f"{noun}es" if noun.endswith(_ES) else f"{noun}s"
    return f"{n} {noun if n == 1 else many} {verb if n == 1 else _VERBS[verb]}".rstrip()
