"""Numbers with their nouns and verbs, as in `1 image is` and `2 images are`."""

from typing import Literal

_ES = ("s", "x", "sh", "ch")
_ROUNDED = {"0%": "less than 1%", "100%": "more than 99%"}
_VERBS = {"is": "are", "was": "were", "has": "have", "lies": "lie", "": ""}


def count(n: int, noun: str, verb: Literal["is", "was", "has", "lies", ""] = "") -> str:
    """`1 image`, `2 images`, `2 classes`, `2 boxes`; with a verb `1 image is`, `2 images are`. verb: in the singular."""
    many = f"{noun}es" if noun.endswith(_ES) else f"{noun}s"
    return f"{n} {noun if n == 1 else many} {verb if n == 1 else _VERBS[verb]}".rstrip()


def part_of(share: float, whole: str, *, no: bool = False) -> str:
    """`97% of the 12 dogs`, `all 12 dogs`, `none of the 12 dogs`. whole: a plural without an article. A share that is only
    rounded to 0% or 100% says so. share: 0 to 1. no: the sentence begins with `no`, so that all are `any of the`."""
    if share == 1:
        return f"any of the {whole}" if no else f"all {whole}"
    if share == 0:
        return f"none of the {whole}"
    rounded = f"{share:.0%}"
    return f"{_ROUNDED.get(rounded, rounded)} of the {whole}"


def upper(text: str) -> str:
    """With a capital first letter; the rest stays as it is."""
    return text[:1].upper() + text[1:]
