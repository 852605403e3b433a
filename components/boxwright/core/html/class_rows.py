"""The numbers of a finding as a table: a row for each class, a column for each number."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from boxwright.core.findings import Evidence

# Rows that are shown; the others are folded. Columns: more do not fit a phone.
_ROWS, _COLUMNS = 8, 3


@dataclass(frozen=True)
class Table:
    """columns: what was measured. rows: a class, and its numbers as text in the order of the columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def shown(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return self.rows[:_ROWS]

    @property
    def folded(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return self.rows[_ROWS:]


def table(evidence: Sequence[Evidence]) -> Table | None:
    """Classes are in the order of the evidence. Columns are numbers that most of them have. None if no two classes share one."""
    named = [one for one in evidence if one.subject]
    times = Counter(metric for metric, _ in dict.fromkeys((one.metric, one.subject) for one in named))
    columns = tuple(metric for metric, n in times.items() if n > 1 and n >= max(times.values()) / 2)[:_COLUMNS]
    if not columns:
        return None
    cells = {(one.subject, one.metric): number(one) for one in reversed(named)}
    subjects = dict.fromkeys(one.subject for one in named if one.metric in columns)
    rows = tuple((name, tuple(cells.get((name, column), "") for column in columns)) for name in subjects)
    return Table(("of", *columns), rows)


def number(one: Evidence) -> str:
    """A share (a number with an interval) in percent with its n, any other number as it is."""
    if one.interval:
        return f"{100 * one.value:.0f} % of {one.n:,}"
    return f"{one.value:,.0f}" if float(one.value).is_integer() or one.value >= 10_000 else f"{one.value:.3g}"
