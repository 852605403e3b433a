"""Shares images out to train, val and test, stratified by class."""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from boxwright.convert.reading.source import Notice
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime.errors import UserError

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
    if len(shares) != 3 or min(shares) < 0 or shares[0] <= 0 or not abs(sum(shares) - 1) <= 1e-6:  # nan is neither
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

    given: split of each image, None where it has none; classes: classes in each image; groups: one for each of `open_rows`,
    images of equal number are not torn apart. A train split alone counts as no splits. Beside given ones, an image in none goes
    to train, or is left out when it has no objects: it was hardly meant as background. Where val is missing it is carved
    out of train.
    """
    settled, notices = _settled(given, classes)
    rows = _open(settled)
    if not rows:
        return Assignment(settled, "given", notices)
    whole = len(rows) == len(settled)
    shares = dict(fractions) if whole else _of_train(fractions)
    made = stratified([classes[row] for row in rows], shares, seed, groups)
    for row, split in zip(rows, made, strict=True):
        settled[row] = split
    if whole:
        return Assignment(settled, *_all_made(given, fractions, seed))
    split_by, carved = _val_made(made, seed)
    return Assignment(settled, split_by, [*notices, *carved])


def open_rows(given: Sequence[str | None], objects: Sequence[Collection]) -> list[int]:
    """The images whose split `assign` makes. objects: in each image, or their classes."""
    return _open(_settled(given, objects)[0])


def _open(settled: Sequence[str | None]) -> list[int]:
    have = set(settled)
    if "train" not in have or not {"val", "test"} & have:
        return list(range(len(settled)))
    return [] if "val" in have else [row for row, split in enumerate(settled) if split == "train"]


def _settled(given: Sequence[str | None], objects: Sequence[Collection]) -> tuple[list[str | None], list[Notice]]:
    """The given splits, with the images beside them moved to train or left out."""
    return _with_outsiders(given, objects) if None in given and {"val", "test"} & set(given) else (list(given), [])


def _with_outsiders(
    given: Sequence[str | None], objects: Sequence[Collection]
) -> tuple[list[str | None], list[Notice]]:
    outside = [inside for split, inside in zip(given, objects, strict=True) if split is None]
    moved = sum(map(bool, outside))
    text = (
        f"{len(outside)} images are in none of the data's splits: {moved} with objects went to train, "
        f"{len(outside) - moved} without were left out; move them into a split folder or list"
    )
    kept = [split or ("train" if inside else None) for split, inside in zip(given, objects, strict=True)]
    return kept, [Notice("outside_splits", text, len(outside))]


def _all_made(given: Sequence[str | None], fractions: Mapping[str, float], seed: int) -> tuple[str, list[Notice]]:
    have = sorted({split for split in given if split})
    what = f"only {' and '.join(have)}" if have else "no splits"
    shares = "/".join(f"{100 * fractions[s]:g}" for s in SPLITS)
    text = f"the data has {what}: split {shares} into train/val/test by seed {seed}, stratified by class"
    return f"seed {seed}, {shares}, stratified by class", [Notice("split_made", text, len(given))]


def _val_made(made: Sequence[str], seed: int) -> tuple[str, list[Notice]]:
    count = made.count("val")
    text = (
        f"the data has no val split: {count} of {len(made)} train images became val (seed {seed}, stratified by class)"
    )
    return f"given; val carved out of train by seed {seed}", [Notice("val_carved", text, count)]


def _of_train(fractions: Mapping[str, float]) -> dict[str, float]:
    share = fractions["val"] / (fractions["train"] + fractions["val"])
    return {"train": 1 - share, "val": share}


def stratified(
    classes: Sequence[frozenset[str]], fractions: Mapping[str, float], seed: int, groups: Sequence[int] | None = None
) -> list[str]:
    """A split for each image so that each class is shared out like the images are. groups: images of equal number stay
    together.

    Iterative stratification (Sechidis et al., ECML 2011): the class with the fewest images left goes first, each of its
    groups to the split that lacks most of that class. Every split gets an image when there are enough groups.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for i, group in enumerate(groups or range(len(classes))):
        members[group].append(i)
    units = list(members.values())
    names = [_counted([classes[i] for i in unit]) for unit in units]
    room = _sizes(len(classes), fractions)
    totals = Counter(chain.from_iterable(classes))
    wanted = {(split, name): share * totals[name] for split, share in fractions.items() for name in totals}
    counts = Counter(totals)
    left = random.Random(seed).sample(range(len(units)), len(units))
    chosen = [""] * len(units)
    while left:
        rarest = min((name for name in counts if counts[name]), key=lambda name: (counts[name], name), default=None)
        for u in [u for u in left if rarest is None or rarest in names[u]]:
            free = [s for s in fractions if room[s] >= len(units[u])] or [max(fractions, key=lambda s: room[s])]
            split = max(free, key=lambda split: (wanted.get((split, rarest), 0), room[split]))
            room[split] -= len(units[u])
            for name, count in names[u].items():
                wanted[split, name] -= count
                counts[name] -= count
            chosen[u] = split
        left = [u for u in left if not chosen[u]]
    _fill(chosen, [len(unit) for unit in units], [split for split, share in fractions.items() if share > 0])
    split_of = {i: split for unit, split in zip(units, chosen, strict=True) for i in unit}
    return [split_of[i] for i in range(len(classes))]


def _counted(classes: Sequence[frozenset[str]]) -> Mapping[str, int]:
    """In how many images each class is. For one image, as most stand alone, without a Counter, which takes long to make."""
    return dict.fromkeys(classes[0], 1) if len(classes) == 1 else Counter(chain.from_iterable(classes))


def _fill(chosen: list[str], sizes: Sequence[int], wanted: Sequence[str]) -> None:
    """Gives each empty split the smallest group of those that share their split with another: large groups left it no room."""
    for empty in (split for split in wanted if split not in chosen):
        count = Counter(chosen)
        spare = [u for u, split in enumerate(chosen) if count[split] > 1]
        if spare:
            chosen[min(spare, key=lambda u: sizes[u])] = empty


def _sizes(count: int, fractions: Mapping[str, float]) -> dict[str, int]:
    """Images of each split, which add up to `count`; none is empty that has a share, if there are enough images."""
    sizes = {split: int(share * count + 1e-9) for split, share in fractions.items()}
    first = next(iter(fractions))
    sizes[first] += count - sum(sizes.values())
    for split in [s for s, share in fractions.items() if share > 0 and not sizes[s]]:
        if sizes[first] > 1:
            sizes[split], sizes[first] = 1, sizes[first] - 1
    return sizes
