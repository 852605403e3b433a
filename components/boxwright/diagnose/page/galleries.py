"""The user's images that show the findings: which ones, read from the records, and drawn."""

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from boxwright.core.findings import Finding
from boxwright.core.records import tfrecords
from boxwright.core.records.tfrecords import Record
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose import findings
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.examples import Example, Mark, View
from boxwright.diagnose.findings.kind import Shown
from boxwright.diagnose.page import drawing, of_validation
from boxwright.diagnose.verdict import FIRST

# Examples of one finding that are looked for, and views of one example.
_LOOKED_FOR, _VIEWS = 12, 30
# Views after which no further example of a finding is shown.
ENOUGH = 6
# Views of one finding that the page shows at once; the others are folded, so that the next cause is not far on a phone.
_OPEN = 4
# An example with more views is a contact sheet of small pictures. The longest sides in pixels, of so many views and of more.
FEW, _OF_FEW, _SMALL = 3, 360, 150
# Seconds after which no further records are read, for the first findings and for the others: 1 GB from a disk that is not slow.
_SECONDS = 4.0

Uris = Mapping[tuple[View, int], str]


@dataclass(frozen=True)
class Picture:
    """One drawn view. uri: the image itself."""

    filename: str
    caption: str
    uri: str


@dataclass(frozen=True)
class Gallery:
    """The examples of one finding: the pictures of each with its caption, and the marks to explain."""

    examples: tuple[tuple[tuple[Picture, ...], str], ...]
    legend: tuple[Mark, ...]

    @property
    def opened(self) -> tuple[int, ...]:
        """How many views of each example the page shows at once. An example is divided only if it is the first."""
        counts, left = [len(views) for views, _ in self.examples], _OPEN
        shown = [min(count, _OPEN) for count in counts[:1]]
        for count in counts[1:]:
            left -= shown[-1]
            shown.append(count if shown[-1] and count <= left else 0)
        return tuple(shown)

    @property
    def folded(self) -> int:
        """How many views are folded."""
        return sum(len(views) for views, _ in self.examples) - sum(self.opened)


def read(records: Path, shown: Shown, wanted: Sequence[Finding]) -> dict[str, Gallery]:
    """The examples of these findings, by the findings' keys. records: the folder that convert wrote.

    Raises UserError for damaged records. A single damaged image is left out, and so are images that are not reached in time.
    """
    named = {finding.key: examples_of(finding, shown) for finding in wanted}
    listed, uris = list(named.values()), dict[tuple[View, int], str]()
    for some in (
        listed[:FIRST],
        listed[FIRST:],
    ):  # large pictures of minor findings must not take the time of the first
        uris |= _drawn(records, shown.data, [one for examples in some for one in examples])
    galleries = {key: _gallery(examples, uris) for key, examples in named.items()}
    return {key: gallery for key, gallery in galleries.items() if gallery.examples}


def examples_of(finding: Finding, shown: Shown) -> list[Example]:
    """The first examples that the finding's kind names."""
    kind = findings.KIND_OF.get(finding.id)
    examples = kind.examples if kind else of_validation.EXAMPLES.get(finding.id)
    found = itertools.islice(examples(finding, shown), _LOOKED_FOR) if examples else ()
    return [replace(one, views=one.views[:_VIEWS]) for one in found]


def _drawn(records: Path, data: Data, examples: Iterable[Example]) -> Uris:
    """The views that can be drawn, in one pass over the splits that have them."""
    wanted: dict[str, dict[tuple[View, int], None]] = {}
    for example in examples:
        for view in example.views:
            wanted.setdefault(view.filename, {})[view, _side(example)] = None
    splits = set(data.images.split[data.images.filename.isin(list(wanted))])
    drawn: dict[tuple[View, int], str] = {}
    for record in _records(records, [split for split in tfrecords.SPLITS if split in splits]):
        views = wanted.pop(record.filename, None)
        if views:
            drawn |= _views(record, list(views))
        if not wanted:
            break
    return drawn


def _side(example: Example) -> int:
    views = len(example.views)
    return drawing.SIDE if views < FEW else _OF_FEW if views == FEW else _SMALL


def _records(records: Path, splits: Sequence[tfrecords.SplitName]) -> Iterator[Record]:
    """The records of each split, for an equal part of the time."""
    for split in splits:
        end = time.monotonic() + _SECONDS / len(splits)
        yield from itertools.takewhile(lambda _, end=end: time.monotonic() < end, tfrecords.read(records, split))


def _views(record: Record, views: Sequence[tuple[View, int]]) -> dict[tuple[View, int], str]:
    try:
        picture = record.picture("RGB")
    except UserError:
        return {}
    return {(view, side): drawing.uri(picture, view, side) for view, side in views}


def _gallery(examples: Sequence[Example], uris: Uris) -> Gallery:
    """The first examples, with the views that were drawn. An example that must be whole needs all of them."""
    drawn = [(one, [view for view in one.views if (view, _side(one)) in uris]) for one in examples]
    there = [(one, views) for one, views in drawn if views and (not one.whole or len(views) == len(one.views))]
    counts = itertools.accumulate(len(views) for _, views in there)
    first = [pair for pair, count in zip(there, counts, strict=True) if count - len(pair[1]) < ENOUGH]
    marks = {mark.means: mark for _, views in first for view in views for mark in view.marks if mark.means}
    pictures = (
        (tuple(Picture(view.filename, view.caption, uris[view, _side(one)]) for view in views), one.caption)
        for one, views in first
    )
    return Gallery(tuple(pictures), tuple(marks.values()))
