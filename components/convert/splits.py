"""Shares images out to train, val and test, stratified by class."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from boxwright.convert.source import Notice
from boxwright.core.errors import UserError
from boxwright.core.records import SPLITS

DEFAULT = "0.7,0.15,0.15"


@dataclass(frozen=True)
class Assignment:
    """splits: one for each image, in their order, None for an image to leave out; split_by: `given`, or how it was done."""

    splits: list[str | None]
    split_by: str
    notices: list[Notice]


def parse_fractions(text: str) -> dict[str, float]:
    """`0.7,0.15,0.15` as shares of train, val and test; raises UserError when they do not add up to 1."""
    try:
        shares = [float(part) for part in text.replace(" ", "").split(",")]
    except ValueError:
        shares = []
    if len(shares) != 3 or min(shares) < 0 or shares[0] <= 0 or abs(sum(shares) - 1) > 1e-6:
        raise UserError(
            f"--split-fractions {text!r}: expected shares of train, val and test that add up to 1, as {DEFAULT}"
        )
    return dict(zip(SPLITS, shares, strict=True))


def assign(
    given: Sequence[str | None],
    classes: Sequence[frozenset[str]],
    fractions: Mapping[str, float],
    seed: int,
    groups: Sequence[int] | None = None,
) -> Assignment:
    """Keeps the splits that the data has and makes those that it lacks.

    given: split of each image, None where it has none; classes: classes in each image; groups: images of equal number are
    not torn apart where splits are made. A train split alone counts as no splits. Beside given ones, an image in none goes
    to train, or is left out when it has no objects: it was hardly meant as background. Where val is missing it is carved
    out of train.
    """
    notices = []
    if None in given and {"val", "test"} & set(given):
        given, notices = _with_outsiders(given, classes)
    have = {split for split in given if split}
    if not {"val", "test"} & have or "train" not in have:
        splits = stratified(classes, fractions, seed, groups)
        shares = "/".join(f"{100 * fractions[s]:g}" for s in SPLITS)
        split_by = f"seed {seed}, {shares}, stratified by class"
        text = f"the data has {_what(have)}: split {shares} into train/val/test by seed {seed}, stratified by class"
        return Assignment(splits, split_by, [Notice("split_made", text, len(splits))])
    if "val" not in have:
        carved = _carve_val(given, classes, fractions, seed, groups or range(len(given)))
        return replace(carved, notices=notices + carved.notices)
    return Assignment(list(given), "given", notices)


def _with_outsiders(
    given: Sequence[str | None], classes: Sequence[frozenset[str]]
) -> tuple[list[str | None], list[Notice]]:
    outside = [names for split, names in zip(given, classes, strict=True) if split is None]
    moved = sum(bool(names) for names in outside)
    text = (
        f"{len(outside)} images are in none of the data's splits: {moved} with objects went to train, "
        f"{len(outside) - moved} without were left out; move them into a split folder or list"
    )
    kept = [split or ("train" if names else None) for split, names in zip(given, classes, strict=True)]
    return kept, [Notice("outside_splits", text, len(outside))]


def _what(have: set[str]) -> str:
    return f"only {' and '.join(sorted(have))}" if have else "no splits"


def _carve_val(
    given: Sequence[str | None],
    classes: Sequence[frozenset[str]],
    fractions: Mapping[str, float],
    seed: int,
    groups: Sequence[int],
) -> Assignment:
    train = [i for i, split in enumerate(given) if split == "train"]
    share = fractions["val"] / (fractions["train"] + fractions["val"])
    shares = {"train": 1 - share, "val": share}
    carved = stratified([classes[i] for i in train], shares, seed, [groups[i] for i in train])
    splits = list(given)
    for i, split in zip(train, carved, strict=True):
        splits[i] = split
    count = carved.count("val")
    text = (
        f"the data has no val split: {count} of {len(train)} train images became val (seed {seed}, stratified by class)"
    )
    return Assignment(splits, f"given; val carved out of train by seed {seed}", [Notice("val_carved", text, count)])


def stratified(
    classes: Sequence[frozenset[str]], fractions: Mapping[str, float], seed: int, groups: Sequence[int] | None = None
) -> list[str]:
    """A split for each image so that each class is shared out like the images are. groups: images of equal number stay together.

    Iterative stratification (Sechidis et al., ECML 2011): the class with the fewest images left goes first, each of its
    groups to the split that lacks most of that class. Every split gets an image when there are enough groups, and none of
    them is larger than its share.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for i, group in enumerate(groups or range(len(classes))):
        members[group].append(i)
    units = list(members.values())
    names = [Counter(name for i in unit for name in classes[i]) for unit in units]
    room = _sizes(len(classes), fractions)
    totals = Counter(name for of_image in classes for name in of_image)
    wanted = {(split, name): share * totals[name] for split, share in fractions.items() for name in totals}
    left = random.Random(seed).sample(range(len(units)), len(units))
    splits = [""] * len(classes)
    while left:
        counts = Counter(name for u in left for name in names[u].elements())
        rarest = min(counts, key=lambda name: (counts[name], name), default=None)
        for u in [u for u in left if rarest is None or rarest in names[u]]:
            free = [s for s in fractions if room[s] >= len(units[u])] or [max(fractions, key=lambda s: room[s])]
            split = max(free, key=lambda split: (wanted.get((split, rarest), 0), room[split]))
            room[split] -= len(units[u])
            for name, count in names[u].items():
                wanted[split, name] -= count
            for i in units[u]:
                splits[i] = split
        left = [u for u in left if not splits[units[u][0]]]
    return splits


def _sizes(count: int, fractions: Mapping[str, float]) -> dict[str, int]:
    """Images of each split, which add up to `count`; none is empty that has a share, if there are enough images."""
    sizes = {split: int(share * count + 1e-9) for split, share in fractions.items()}
    first = next(iter(fractions))
    sizes[first] += count - sum(sizes.values())
    for split in [s for s, share in fractions.items() if share > 0 and not sizes[s]]:
        if sizes[first] > 1:
            sizes[split], sizes[first] = 1, sizes[first] - 1
    return sizes
