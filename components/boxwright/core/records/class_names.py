"""Which class names are probably names of one class: they differ by case, marks, a plural, a typing error or an abbreviation."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

# A typing error (`bishop`, `bishpo`): words of five letters or more that share this much, the first letter and the length, but
# for one. `horse` and `house` share 0.8, and `helmet` and `no helmet` differ by two letters: these are two classes each.
_TYPO, _LETTERS = 0.83, 5
# Names of more letters are compared by their first, so that no stranger's names take long. Pairs that are compared at most.
_COMPARED, _PAIRS = 60, 40_000
# The words of `MicroPlastic2`, `Red cell` and `red_cells`: a capital letter begins one, and so does a number.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[^\W\d_][^\W\d_A-Z]*|\d+")


def words(name: str) -> list[str]:
    """The words in lower case, without the s of a plural."""
    return [word.rstrip("s") or word for word in re.split(r"[\W_]+", name.casefold()) if word]


def same(a: str, b: str) -> bool:
    """Whether two names differ by case, marks, a plural or a typing error. `part 1` and `part 2` do not."""
    first, second = words(a[:_COMPARED]), words(b[:_COMPARED])
    one, two = "".join(first), "".join(second)
    if not one or not two or _numbers(one) != _numbers(two):
        return False
    pairs = zip(first, second, strict=True) if len(first) == len(second) else [(one, two)]
    return one == two or all(x == y or _mistyped(x, y) for x, y in pairs)


def _mistyped(one: str, two: str) -> bool:
    alike = one[0] == two[0] and abs(len(one) - len(two)) <= 1 and min(len(one), len(two)) >= _LETTERS
    return alike and SequenceMatcher(None, one, two).ratio() >= _TYPO


def short_for(a: str, b: str) -> bool:
    """Whether one name is the initials of the other, as `MP2` is of `MicroPlastic2`. Without a number, 1 is meant."""
    return any(
        _initials(long) == _letters(short) and _number(long) == _number(short) for short, long in ((a, b), (b, a))
    )


def twins(some: Sequence[str], others: Sequence[str]) -> dict[str, str]:
    """For each of some names, the first of the others that is probably the same name; each of the others once at most."""
    found: dict[str, str] = {}
    if len(some) * len(others) > _PAIRS:
        return found
    for alike in (same, short_for):
        for name in some:
            free = _free(others, found)
            if name not in found and (twin := next((other for other in free if alike(name, other)), None)):
                found[name] = twin
    return found


def _free(names: Sequence[str], found: Mapping[str, str]) -> Iterator[str]:
    taken: Collection[str] = set(found.values())
    return (name for name in names if name not in taken)


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _number(name: str) -> list[str]:
    return _numbers(name) or ["1"]


def _letters(name: str) -> str:
    return "".join(re.findall(r"[^\W\d_]", name)).casefold()


def _initials(name: str) -> str:
    """Of two words or more; else a text that equals no name."""
    found = [word[0].casefold() for word in _WORD.findall(name) if not word[0].isdigit()]
    return "".join(found) if len(found) > 1 else "\0"
