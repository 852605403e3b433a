"""Distributes images over train, val and test, stratified by class."""

import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from boxwright.convert import notices
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime.errors import UserError

DEFAULT = "0.7,0.15,0.15"
# One image, or several that stay together: for each class, the number of these images that show it.
Unit = Mapping[str, int]


@dataclass(frozen=True)
class Assignment:
    """splits: one for each image, None for an image to leave out. split_by: `given`, or how the splits were made."""

    splits: list[str | None]
    split_by: str
    notices: list[Finding]


def parse_fractions(text: str) -> dict[str, float]:
    """`0.7,0.15,0.15` as shares of train, val and test. Raises UserError when they do not add up to 1."""
    try:
        shares = [float(part) for part in text.replace(" ", "").split(",")]
    except ValueError:
        shares = []
    # `not <=` also catches NaN.
    if len(shares) != 3 or min(shares) < 0 or shares[0] <= 0 or not abs(sum(shares) - 1) <= 1e-6:
        raise UserError(
            f"--split-fractions {text!r}: expected shares of train, val and test that add up to 1, such as {DEFAULT}"
        )
    return dict(zip(SPLITS, shares, strict=True))


def assign(
    given: Sequence[str | None],
    classes: Sequence[frozenset[str]],
    fractions: Mapping[str, float],
    seed: int,
    groups: Sequence[int] | None = None,
) -> Assignment:
    """Keeps the splits of the data. Makes all three, or only val, if they are missing.

    given: split of each image, None if it has none. classes: classes in each image. groups: a number for each of `open_rows`;
    images with the same number stay in one split.

    Without train, or with train alone, all three are made. If only val is missing, it is taken from train. A missing test is
    not made. If the data has val or test, an image without a split goes to train; without objects it is left out, because it
    was probably not meant as background.
    """
    settled, found = _settle(given, classes)
    rows = _open(settled)
    if not rows:
        return Assignment(settled, "given", found)
    whole = len(rows) == len(settled)
    shares = dict(fractions) if whole else _train_and_val(fractions)
    made = stratified([classes[row] for row in rows], shares, seed, groups)
    for row, split in zip(rows, made, strict=True):
        settled[row] = split
    if whole:
        return Assignment(settled, *_describe_made(given, fractions, seed))
    split_by, carved = _describe_val(made, seed)
    return Assignment(settled, split_by, [*found, carved])


def open_rows(given: Sequence[str | None], objects: Sequence[Collection]) -> list[int]:
    """The rows of the images whose split `assign` makes. objects: the objects of each image, or their classes."""
    return _open(_settle(given, objects)[0])


def _open(settled: Sequence[str | None]) -> list[int]:
    have = set(settled)
    if "train" not in have or not {"val", "test"} & have:
        return list(range(len(settled)))
    return [] if "val" in have else [row for row, split in enumerate(settled) if split == "train"]


def _settle(given: Sequence[str | None], objects: Sequence[Collection]) -> tuple[list[str | None], list[Finding]]:
    """The given splits. If they have val or test, images without a split are moved to train or left out."""
    if None not in given or not {"val", "test"} & set(given):
        return list(given), []
    kept = [split or ("train" if inside else None) for split, inside in zip(given, objects, strict=True)]
    outside = [bool(inside) for split, inside in zip(given, objects, strict=True) if split is None]
    return kept, [_outside_notice(len(outside), sum(outside), len(given))]


def _outside_notice(outside: int, moved: int, count: int) -> Finding:
    return notices.build(
        "outside_splits", "Images are in none of the data's splits",
        f"{plurals.count(outside, 'image', 'is')} in none of the data's splits: {moved} with objects went to train, "
        f"{outside - moved} without objects were left out",
        count=outside, of=count, severity="medium", cause="split",
        remedy="Move them into the folder or the list of a split.",
    )  # fmt: skip


def _describe_made(given: Sequence[str | None], fractions: Mapping[str, float], seed: int) -> tuple[str, list[Finding]]:
    have = sorted({split for split in given if split})
    what = f"only {' and '.join(have)}" if have else "no splits"
    shares = "/".join(f"{100 * fractions[s]:g}" for s in SPLITS)
    made = notices.build(
        "split_made", "The splits were made by convert",
        f"the data has {what}: split {shares} into train/val/test by seed {seed}, stratified by class",
        count=len(given), of=len(given), cause="split",
        remedy="To use splits of your own, put the images into folders named train, val and test.",
    )  # fmt: skip
    return f"seed {seed}, {shares}, stratified by class", [made]


def _describe_val(made: Sequence[str], seed: int) -> tuple[str, Finding]:
    count = made.count("val")
    carved = notices.build(
        "val_carved", "The val split was taken from train",
        f"the data has no val split: {count} of {len(made)} train images became val (seed {seed}, stratified by class)",
        count=count, of=len(made), cause="split",
        remedy="To use a val split of your own, put its images into a folder named val.",
    )  # fmt: skip
    return f"given; val carved out of train by seed {seed}", carved


def _train_and_val(fractions: Mapping[str, float]) -> dict[str, float]:
    """The shares of train and val if val is taken from train."""
    share = fractions["val"] / (fractions["train"] + fractions["val"])
    return {"train": 1 - share, "val": share}


def stratified(
    classes: Sequence[frozenset[str]], fractions: Mapping[str, float], seed: int, groups: Sequence[int] | None = None
) -> list[str]:
    """A split for each image. Each class is distributed in the same shares as the images.

    groups: images with the same number stay together. Iterative stratification (Sechidis et al., ECML 2011): the class with the
    fewest images left goes first, and each of its groups goes to the split that lacks most of that class. Every split gets an
    image if there are enough groups.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for i, group in enumerate(groups or range(len(classes))):
        members[group].append(i)
    units = list(members.values())
    sharing = _Sharing(
        names=[_count_classes([classes[i] for i in unit]) for unit in units],
        sizes=[len(unit) for unit in units],
        fractions=fractions,
        room=_split_sizes(len(classes), fractions),
    )
    chosen = sharing.share(random.Random(seed).sample(range(len(units)), len(units)))
    _fill_empty(chosen, sharing.sizes, [split for split, share in fractions.items() if share > 0])
    split_of = {i: split for unit, split in zip(units, chosen, strict=True) for i in unit}
    return [split_of[i] for i in range(len(classes))]


@dataclass
class _Sharing:
    """The state of the distribution. names, sizes: classes and images of each unit. room: images that each split still takes.

    wanted: how many images of a class a split still lacks. counts: images of each class that have no split yet. queue: a heap of
    counts and classes; an entry whose count has changed is out of date.
    """

    names: list[Unit]
    sizes: list[int]
    fractions: Mapping[str, float]
    room: dict[str, int]
    wanted: dict[tuple[str, str], float] = field(init=False)
    counts: Counter[str] = field(init=False)
    queue: list[tuple[int, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = Counter()
        for unit in self.names:
            self.counts.update(unit)
        self.queue = [(count, name) for name, count in self.counts.items()]
        heapq.heapify(self.queue)
        self.wanted = {(s, name): share * n for s, share in self.fractions.items() for name, n in self.counts.items()}

    def share(self, order: Sequence[int]) -> list[str]:
        """The split of each unit. order: the order in which units of the same class are placed."""
        chosen = [""] * len(self.names)
        showing: dict[str, list[int]] = defaultdict(list)
        for unit in order:
            for name in self.names[unit]:
                showing[name].append(unit)
        while (rarest := self._rarest_class()) is not None:
            units = [unit for unit in showing.pop(rarest) if not chosen[unit]]
            for unit in units:
                chosen[unit] = self._place(unit, rarest)
            for name in {name for unit in units for name in self.names[unit]}:
                heapq.heappush(self.queue, (self.counts[name], name))
        for unit in order:
            chosen[unit] = chosen[unit] or self._place(unit, None)
        return chosen

    def _rarest_class(self) -> str | None:
        """The class with the fewest images left; None if only images without objects are left."""
        while self.queue:
            count, name = heapq.heappop(self.queue)
            if count and self.counts[name] == count:  # otherwise the entry is out of date
                return name
        return None

    def _place(self, unit: int, rarest: str | None) -> str:
        size = self.sizes[unit]
        free = [s for s in self.fractions if self.room[s] >= size] or [max(self.fractions, key=lambda s: self.room[s])]
        split = max(free, key=lambda s: (self.wanted.get((s, rarest or ""), 0), self.room[s]))
        self.room[split] -= size
        for name, count in self.names[unit].items():
            self.wanted[split, name] -= count
            self.counts[name] -= count
        return split


def _count_classes(classes: Sequence[frozenset[str]]) -> Unit:
    """The number of images that show each class. Most units are one image, and a dict is faster than a Counter."""
    return dict.fromkeys(classes[0], 1) if len(classes) == 1 else Counter(chain.from_iterable(classes))


def _fill_empty(chosen: list[str], sizes: Sequence[int], wanted: Sequence[str]) -> None:
    """Moves the smallest unit of a split with several units into each empty split. Large units can leave a split empty."""
    for empty in (split for split in wanted if split not in chosen):
        count = Counter(chosen)
        spare = [unit for unit, split in enumerate(chosen) if count[split] > 1]
        if spare:
            chosen[min(spare, key=lambda unit: sizes[unit])] = empty


def _split_sizes(count: int, fractions: Mapping[str, float]) -> dict[str, int]:
    """How many images each split gets. They add up to `count`. A split with a share gets one if there are enough images."""
    sizes = {split: int(share * count + 1e-9) for split, share in fractions.items()}
    first = next(iter(fractions))
    sizes[first] += count - sum(sizes.values())
    for split in [s for s, share in fractions.items() if share > 0 and not sizes[s]]:
        if sizes[first] > 1:
            sizes[split], sizes[first] = 1, sizes[first] - 1
    return sizes
