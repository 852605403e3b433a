"""When a loss of images or objects matters, and which classes and splits it hits."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from boxwright.core.findings import Evidence, Severity

# The share of a class or split that is worth a look. Careful data sets lose less: BCCD 2 of 4888 objects, COCO none.
SMALL = 0.02
# One or two slips happen in every data set, and say nothing about the others.
FEWEST = 3
# Above this share, what is left no longer stands for the data that the person has.
LARGE = 0.2
# With half of its area beyond the edge of the image, a box no longer stands for the object that was drawn.
HALF = 0.5
# What the notice about clipped boxes calls those that lost so much.
CUT_BY_HALF = "boxes cut by half or more"
# Groups that a sentence names.
_NAMED = 5

# Objects by split and class. Either is empty if it is not known.
Objects = Mapping[tuple[str, str], int]


def matters(lost: int, found: int) -> bool:
    """Whether a class or split loses enough to be worth a finding. found: with what is lost."""
    return lost >= FEWEST and lost > SMALL * found


def is_large(lost: int, found: int) -> bool:
    """Whether so much is lost that training on the rest makes no sense."""
    return lost > LARGE * found


def severity(lost: int, found: int) -> Severity:
    """Of a finding about lost images or objects: what one or two files lost is no reason to put off everything else."""
    return "high" if is_large(lost, found) else "medium" if matters(lost, found) else "low"


class Group(NamedTuple):
    """Images or objects of which some are lost. name: in the plural, such as `train images`. found: with what is lost.

    of: the split or class alone, such as `train`; empty for all. what: the name without it, such as `images`.
    """

    name: str
    lost: int
    found: int
    of: str = ""
    what: str = ""

    @property
    def share(self) -> float:
        return self.lost / max(1, self.found)

    @property
    def matters(self) -> bool:
        return matters(self.lost, self.found)

    def __str__(self) -> str:
        return f"{self.lost} of {self.found} {self.name}"


def groups(lost: Objects, found: Objects) -> list[Group]:
    """The splits, then the classes, that lose an object; the largest share first. found: with what is lost."""
    classes = _groups(lost, found, 1, "objects of class {}", "objects of the class")
    return [*_groups(lost, found, 0, "{} objects", "objects"), *classes]


def of_split(split: str, lost: int, found: int) -> Group:
    """The images of a split."""
    return Group(f"{split} images", lost, found, split, "images")


def _groups(lost: Objects, found: Objects, part: int, name: str, what: str) -> list[Group]:
    """part: of the keys, 0 for the split, 1 for the class."""
    sums = [Counter[str](), Counter[str]()]
    for counts, total in zip((lost, found), sums, strict=True):
        for key, n in counts.items():
            total[key[part]] += n
    hit = [Group(name.format(of), n, sums[1][of], of, what) for of, n in sums[0].items() if of and n]
    return sorted(hit, key=lambda group: (-group.share, group.name))


def listed(hit: Sequence[Group]) -> str:
    """The first groups as text: `3 of 9 train objects, 3 of 4 objects of class bolt`."""
    return ", ".join(map(str, hit[:_NAMED])) + (f" and {len(hit) - _NAMED} more" if len(hit) > _NAMED else "")


def evidence(hit: Iterable[Group], how: str, where: str) -> tuple[Evidence, ...]:
    """One number for each group: its split or class is the subject. how: such as `lost`."""
    return tuple(
        Evidence(metric=f"{one.what or one.name} {how}", subject=one.of, value=one.lost, n=one.found, where=where)
        for one in hit
    )


def percent(share: float) -> str:
    """`53%`; below one percent with a digit more."""
    return f"{share:.0%}" if share >= 0.01 else f"{share:.1%}"
