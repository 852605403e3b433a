"""What each cause took from the data, from the lines of quarantine.jsonl."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from boxwright.core.artifacts.dataset import FILE, QUARANTINE, Dataset, Kind, Rejected, kind_of, read_quarantine
from boxwright.core.runtime.errors import UserError

EXAMPLES = 5
# The lines of such a reason follow from other lines about the same file.
_IMAGE, _OBJECTS = "image_rejected", "objects_rejected"
# If the objects of an image were rejected for several reasons, the image is counted for the first of these kinds.
_ORDER: tuple[Kind, ...] = ("damage", "fault", "choice", "apart", "none")


@dataclass
class Cause:
    """One reason, and what was lost because of it.

    of_images: the reason is one of images, not of objects; `outside` can be both. images: by split. objects: by split and class,
    with those of the lost images. Split and class are empty if they are not known. examples: the first lines.
    """

    reason: str
    of_images: bool
    images: Counter[str] = field(default_factory=Counter)
    objects: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Rejected] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        return kind_of(self.reason)


def read(records: Path, dataset: Dataset) -> list[Cause]:
    """The causes in the folder that convert wrote. Raises UserError if its quarantine.jsonl is not there, is damaged, or has
    other lines than the manifest counts."""
    images, objects = Counter[str](), Counter[str]()

    def counted() -> Iterator[Rejected]:
        for line in read_quarantine(records / QUARANTINE):
            (images if line.object is None else objects)[line.reason] += 1
            yield line

    found = causes(counted())
    if (images, objects) != (Counter(dataset.quarantined.images), Counter(dataset.quarantined.objects)):
        raise UserError(
            f"{records / QUARANTINE} has {images.total()} images and {objects.total()} objects, and does not match {FILE}; run "
            "`boxwright convert` again"
        )
    return found


def causes(lines: Iterable[Rejected]) -> list[Cause]:
    """One cause for each reason code that is not a consequence. lines: sorted by file, as convert writes them."""
    found: dict[tuple[str, bool], Cause] = {}
    for _, group in groupby(lines, lambda line: line.file):
        for reason, of_images, line in _explained(list(group)):
            cause = found.setdefault((reason, of_images), Cause(reason, of_images))
            if line.object is None:
                cause.images[line.split] += 1
            else:
                cause.objects[line.split, line.name] += 1
            if line.reason == reason and len(cause.examples) < EXAMPLES:
                cause.examples.append(line)
    return list(found.values())


def _explained(lines: Sequence[Rejected]) -> Iterator[tuple[str, bool, Rejected]]:
    """The lines of one file, each with the reason code of its cause, and whether that is a reason of the image."""
    reasons = Counter(line.reason for line in lines if line.object is not None and line.reason != _IMAGE)
    for line in lines:
        if line.reason == _OBJECTS and reasons:
            yield min(reasons, key=lambda reason: (_order(reason), -reasons[reason])), False, line
        elif line.reason == _IMAGE and line.value:
            yield line.value, True, line
        else:
            yield line.reason, line.object is None, line


def _order(reason: str) -> int:
    """The place of a reason among those of an image's objects: the gravest kind first."""
    kind = kind_of(reason)
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
