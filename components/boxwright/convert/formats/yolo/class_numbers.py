"""Class numbers that the list of names lacks: labels that count from 1, and labels of another list."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from boxwright.convert import notices
from boxwright.convert.formats.yolo import label_files
from boxwright.convert.reading.files import printable_name
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError, few
from boxwright.core.runtime.printable import visible_line

# A label, and the split of its image.
Labelled = tuple[Path, str | None]
# The share of the rows with an unknown number, and the least number of them, from which on the labels are of another list.
MOST_UNKNOWN, _FEWEST = 0.2, 3
# Rows of a split that are judged by themselves: in fewer, chance can leave out class 0.
_FEWEST_OF_SPLIT = 10
_MOST_SHOWN, _LONGEST_ROW = 10, 200
_ALL = "the labels"


class _Names(NamedTuple):
    """The list that names the classes. named_by: its file. others: lists of names that are not used, with their lengths."""

    names: Mapping[int, str]
    named_by: Path
    others: Mapping[Path, int]

    @property
    def range(self) -> str:
        return f"{min(self.names)}..{max(self.names)}"


@dataclass
class _Numbers:
    """The class numbers of some labels. first: the first row with an unknown number, and its label."""

    counts: Counter[int | None] = field(default_factory=Counter)
    first: str = ""

    def add(self, label: Path, names: Mapping[int, str]) -> None:
        for row in label_files.rows_of(label):
            number = label_files.class_number(row.split(maxsplit=1)[0])
            self.counts[number] += 1
            if not self.first and number not in names:
                self.first = f"`{visible_line(row.strip()[:_LONGEST_ROW])}` in {printable_name(label.name)}"


def check(
    labelled: Iterable[Labelled], names: Mapping[int, str], named_by: Path, others: Mapping[Path, int]
) -> list[Finding]:
    """A notice about the rows with unknown class numbers. Call it if there are such rows, as it reads all labels again.

    named_by: the file of the names, for errors. others: lists of names that are not used, with their lengths. Raises UserError if
    the labels, or those of one split, count from another number than the names, or are of another list: then the rows whose
    numbers are known have wrong names, too.
    """
    known, whole = _Names(names, named_by, others), _Numbers()
    by_split: dict[str | None, _Numbers] = defaultdict(_Numbers)
    for label, split in labelled:
        whole.add(label, names)
        by_split[split].add(label, names)
    _check_start(whole, known, _ALL)
    judged = {split: n for split, n in by_split.items() if len(by_split) > 1 and n.counts.total() >= _FEWEST_OF_SPLIT}
    whose = {f"the labels of {split or 'the images without split'}": numbers for split, numbers in judged.items()}
    for labels, numbers in whose.items():
        _check_start(numbers, known, labels)
    one_is_right = any(numbers.counts.keys() <= names.keys() for numbers in judged.values())
    for labels, numbers in ({**whose, _ALL: whole} if one_is_right else {_ALL: whole, **whose}).items():
        _check_share(numbers, known, labels)
    return _unknown_notice(whole, known)


def _check_start(numbers: _Numbers, known: _Names, whose: str) -> None:
    """Raises UserError if the labels count from another number than the names."""
    used = {number for number in numbers.counts if number is not None}
    if used <= known.names.keys():
        return
    low, high = min(known.names), max(known.names)
    if min(used) > low and max(used) == high + 1:
        raise UserError(
            f"{whose} count classes from {low + 1}: none has the number {low}, and the highest is {max(used)}, one more than "
            f"{known.named_by} has ({known.range}). The first such row is {numbers.first}. Every object would get the name of "
            f"the next class. {_subtract(known.named_by, low, whose)}"
        )
    if min(used) == low - 1 and max(used) < high:
        raise UserError(
            f"{whose} count classes from {low - 1}, and {known.named_by} from {low} ({known.range}). The first such row is "
            f"{numbers.first}. Every object would get a wrong name: correct the numbers in {known.named_by.name}"
        )


def _check_share(numbers: _Numbers, known: _Names, whose: str) -> None:
    """Raises UserError if many rows have a number that the names lack."""
    used = sorted(number for number in numbers.counts if number is not None)
    unknown = sum(count for number, count in numbers.counts.items() if number not in known.names)
    if used and unknown >= max(_FEWEST, MOST_UNKNOWN * numbers.counts.total()):
        raise _another_list(numbers, used, unknown, known, whose)


def _subtract(named_by: Path, low: int, whose: str) -> str:
    """What to do. A YAML can name the numbers; a list of names can only count from 0."""
    if whose != _ALL:
        return f"Subtract 1 from the first number of each row of {whose}"
    if named_by.suffix.lower() in (".yaml", ".yml"):
        return f"Write the numbers into {named_by.name} (`names: {{{low + 1}: ..., {low + 2}: ...}}`), or subtract 1 from each"
    return f"Subtract 1 from the first number of each row, or add a first line to {named_by.name} with a name that no label uses"


def _another_list(numbers: _Numbers, used: list[int], unknown: int, known: _Names, whose: str) -> UserError:
    fits = [file.name for file, length in known.others.items() if length > used[-1]]
    hint = f" {few(fits, 3)} has names for all of them: give it in the place of {known.named_by.name}." if fits else ""
    return UserError(
        f"{whose} are of another list of classes: {unknown:,} of {numbers.counts.total():,} rows have a number that "
        f"{known.named_by} lacks (first: {numbers.first}). It has {known.range}; the labels use "
        f"{few([str(number) for number in used], _MOST_SHOWN)}.{hint} Use the list of names that the labels were made with"
    )


def _unknown_notice(numbers: _Numbers, known: _Names) -> list[Finding]:
    unknown = {number: count for number, count in numbers.counts.items() if number not in known.names}
    if not (count := sum(unknown.values())):
        return []
    listed = few([str(number) if number is not None else "no number" for number in unknown], _MOST_SHOWN)
    total = numbers.counts.total()
    return [
        notices.build(
            "unknown_class_numbers", "Labels have class numbers that the list of names lacks",
            f"{count} of {total} label rows have a number that {known.named_by.name} lacks ({listed}; it has {known.range}): "
            f"they are not used (first: {numbers.first})",
            count=count, of=total, what="label rows", severity="medium",
            remedy=f"Add the missing names to {known.named_by.name}, or correct the numbers.",
        )
    ]  # fmt: skip
