"""Which class of the data each class number of a detector means, before anything is tried."""

import re
from collections.abc import Sequence

_FEW = 12


def by_name(labels: Sequence[str], classes: Sequence[str]) -> tuple[int, ...]:
    """For each label the id of the data's class of the same name, or 0. Case, spaces, `-` and `_` do not count."""
    ids = {plain(name): class_id for class_id, name in enumerate(classes, 1)}
    return tuple(ids.get(plain(label), 0) for label in labels)


def by_position(count: int, classes: Sequence[str]) -> tuple[int, ...]:
    """Class number i means the data's class i + 1; 0 for more numbers than classes."""
    return tuple(number + 1 if number < len(classes) else 0 for number in range(count))


def first_guess(labels: Sequence[str], classes: Sequence[str], count: int) -> tuple[int, ...]:
    """By name if at least one name is the same, else by position. count: of class numbers, 0 if unknown."""
    named = by_name(labels, classes)
    return named if any(named) else by_position(count or max(len(classes), len(labels)), classes)


def differences(labels: Sequence[str], classes: Sequence[str], count: int) -> str:
    """What differs between the detector's classes and the data's, as a sentence with both lists; empty if nothing does.

    count: of the detector's class numbers, 0 if unknown.
    """
    if not labels:
        if count and count != len(classes):
            return (
                f"The detector has {count} classes and names none of them, and the data have {len(classes)}: "
                f"{listed(classes)}. They are taken in this order; name the detector's with --labels."
            )
        return ""
    if {plain(label) for label in labels} == {plain(name) for name in classes}:
        return ""
    theirs, ours = f"{len(labels)} classes {listed(labels)}", f"{len(classes)} classes {listed(classes)}"
    return f"The detector has the {theirs}; the data have the {ours}."


def plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip()).casefold()


def listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(name[:100] for name in names[:_FEW]) + more
