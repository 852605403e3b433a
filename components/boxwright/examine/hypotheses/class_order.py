"""Which class each class number means: shifted by one, or in another order."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from boxwright.examine.hypotheses.hypothesis import Facts, Hypothesis, Other
from boxwright.examine.reading.reading import Reading

_SHOWN = 12


def others(reading: Reading, facts: Facts) -> Iterator[Other]:
    count = len(facts.classes)
    for shift in (1, -1):
        moved = shifted(reading.classes, shift, count)
        if any(moved):
            direction = "too low" if shift > 0 else "too high"
            yield Other(
                replace(reading, classes=moved),
                f"The class numbers are read {direction} by one",
                f"{'Add 1 to' if shift > 0 else 'Subtract 1 from'} each class number before you look up its name: "
                f"{_table(moved, facts.classes)}.",
            )
    fitted = assigned(facts.pairs)
    if count > 1 and fitted != reading.classes:
        yield Other(
            replace(reading, classes=fitted),
            "The class names are in another order than the detector's class numbers",
            f"Give the names in the detector's order: {_table(fitted, facts.classes)}.",
        )


def shifted(classes: tuple[int, ...], shift: int, count: int) -> tuple[int, ...]:
    """Each class id moved by `shift`; 0 for those outside of 1..count. A class number without a class takes its neighbour's."""
    ids = np.array(classes)
    known = np.flatnonzero(ids)
    if not len(known):
        return classes
    first = ids[known[0]] - known[0]
    moved = np.arange(len(ids)) + first + shift
    plain = ids[known] == known + first
    moved = moved if plain.all() else np.where(ids > 0, ids + shift, 0)
    return tuple(np.where((moved >= 1) & (moved <= count), moved, 0).tolist())


def assigned(pairs: np.ndarray) -> tuple[int, ...]:
    """The one-to-one assignment of class numbers to class ids with the most overlaps (Hungarian method); 0 for none.

    pairs: (k + 1, c), see `Facts`.
    """
    rows, columns = linear_sum_assignment(-pairs[1:])
    ids = np.zeros(pairs.shape[1], int)
    seen = pairs[1:][rows, columns] > 0
    ids[columns[seen]] = rows[seen] + 1
    return tuple(ids.tolist())


def _table(classes: tuple[int, ...], names: tuple[str, ...]) -> str:
    """`0 cat, 1 dog`."""
    known = [f"{number} {names[class_id - 1]}" for number, class_id in enumerate(classes) if class_id]
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return ", ".join(known[:_SHOWN]) + more


HYPOTHESIS = Hypothesis("class_order", others)
