"""The numbers of a finding as a table: a row for each class or split, a column for each number."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from boxwright.core.findings import Evidence
from boxwright.core.records.tfrecords import SPLITS

# Rows that are shown; the others are folded. Columns: more do not fit a phone.
_ROWS, _COLUMNS = 8, 3


@dataclass(frozen=True)
class Table:
    """columns: what was measured. rows: a class or split, and its numbers as text in the order of the columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def shown(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return self.rows[:_ROWS]

    @property
    def folded(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return self.rows[_ROWS:]


def table(evidence: Sequence[Evidence], claim: str = "") -> Table | None:
    """Classes are in the order of the evidence. Columns are numbers that most of them have. None if no two classes share one, or
    if the claim tells every number."""
    of_each = [one for one in evidence if one.subject]
    times = Counter(metric for metric, _ in dict.fromkeys((one.metric, one.subject) for one in of_each))
    columns = tuple(metric for metric, n in times.items() if n > 1 and n >= max(times.values()) / 2)[:_COLUMNS]
    shown = [one for one in of_each if one.metric in columns]
    if not columns or all(_said(one, claim) for one in shown):
        return None
    cells = {(one.subject, one.metric): cell(one) for one in reversed(of_each)}
    subjects = dict.fromkeys(one.subject for one in shown)
    rows = tuple((name, tuple(cells.get((name, column), "") for column in columns)) for name in subjects)
    return Table(("split" if set(subjects) <= set(SPLITS) else "class", *columns), rows)


def _said(one: Evidence, claim: str) -> bool:
    """Whether the claim has the number, as a percentage if it is a share."""
    number = cell(one).partition(" of ")[0].replace(" ", "")
    return bool(re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.]*\d)", claim.replace(" %", "%")))


def cell(one: Evidence) -> str:
    """A share (a number with an interval) in percent with its n, any other number as it is."""
    if one.interval:
        return f"{100 * one.value:.0f} % of {one.n:,}"
    return f"{one.value:,.0f}" if float(one.value).is_integer() or one.value >= 10_000 else f"{one.value:.3g}"
