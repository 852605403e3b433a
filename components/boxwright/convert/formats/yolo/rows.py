"""How label rows are read, and what is seen while they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from boxwright.convert.objects.turned_boxes import Unit

# Numbers after the class in a row of a box, and in one of four corners.
BOX, CORNERS = 4, 8
# A sample of unusual rows: rows and numbers that are kept of those with one count of numbers, and how many counts. Polygons have
# up to hundreds of counts.
_MOST_ROWS, _MOST_NUMBERS, _MOST_COUNTS = 4000, 200_000, 64
_LONGEST_ROW = 200
Size = tuple[int, int]


class Form(NamedTuple):
    """How rows with one count of numbers are read.

    kind: a box whose first four numbers count; a polygon; or x, y, width, height, angle. used: how many of the numbers count.
    unit: of the angle. in_pixels: the coordinates are in pixels, not in fractions.
    """

    kind: Literal["box", "polygon", "turned"]
    used: int
    unit: Unit = "radians"
    in_pixels: bool = False


class Rows(NamedTuple):
    """How to read the rows. names: by class number, empty if there are none. keypoints: how many numbers follow a box. forms: by
    the count of numbers after the class, for counts that are not read as a box or a polygon. named_by: the file of the names."""

    names: Mapping[int, str]
    keypoints: int = 0
    forms: Mapping[int, Form] = MappingProxyType({})
    named_by: Path = Path()

    @property
    def need_sizes(self) -> bool:
        """Whether the size of an image is needed to read its rows."""
        return any(form.kind == "turned" or form.in_pixels for form in self.forms.values())


class Label(NamedTuple):
    """The unusual rows of one label. numbers: those after the class, one list a row."""

    label: Path
    image: Path
    numbers: list[list[float]]


@dataclass
class Sample:
    """Rows with the same unusual count of numbers. count: all of them. askew: rows of four corners that are no upright box.
    first: the first row, and its label."""

    count: int = 0
    askew: int = 0
    first: tuple[str, Path] = ("", Path())
    labels: list[Label] = field(default_factory=list)
    kept: int = 0

    @property
    def rows(self) -> list[list[float]]:
        return [numbers for label in self.labels for numbers in label.numbers]


@dataclass
class Seen:
    """What all labels have.

    usual: counts of numbers of a box. total: rows. labels: those that were read. odd: unusual rows by their count of numbers.
    unknown: rows with an unknown class. with_commas: labels with commas or semicolons. first_comma: the first such row, and its
    label.
    """

    usual: tuple[int, int] = (BOX, BOX)
    total: int = 0
    labels: int = 0
    odd: dict[int, Sample] = field(default_factory=dict)
    unknown: int = 0
    with_commas: int = 0
    first_comma: tuple[str, Path] = ("", Path())

    def __post_init__(self) -> None:
        self._usual_words = {count + 1 for count in self.usual}

    def add_rows(self, label: Path, image: Path, rows: Sequence[Sequence[str]]) -> None:
        """rows: the words of each row, with the class."""
        self.total += len(rows)
        self.labels += 1
        if self._usual_words.issuperset(map(len, rows)):  # nearly all labels
            return
        for words in [words for words in rows if len(words) - 1 not in self.usual]:
            count = len(words) - 1
            if count in self.odd or len(self.odd) < _MOST_COUNTS:
                self._add(self.odd.setdefault(count, Sample()), label, image, words)

    def _add(self, sample: Sample, label: Path, image: Path, words: Sequence[str]) -> None:
        try:
            numbers = [float(word) for word in words[1:]]
        except ValueError:
            return
        if not sample.count:
            sample.first = (" ".join(words)[:_LONGEST_ROW], label)
        sample.count += 1
        sample.askew += len(numbers) == CORNERS and not _is_upright(numbers)
        if sample.kept * len(numbers) < _MOST_NUMBERS and sample.kept < _MOST_ROWS:
            sample.kept += 1
            if not sample.labels or sample.labels[-1].label != label:
                sample.labels.append(Label(label, image, []))
            sample.labels[-1].numbers.append(numbers)

    def add_comma(self, label: Path, row: str) -> None:
        if not self.with_commas:
            self.first_comma = (row[:_LONGEST_ROW], label)
        self.with_commas += 1


def _is_upright(corners: Sequence[float]) -> bool:
    return all(len({round(number, 3) for number in corners[axis::2]}) == 2 for axis in (0, 1))
