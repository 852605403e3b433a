"""What the pixels say about images that look alike, and about all others of a sample."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from boxwright.core.records import tfrecords
from boxwright.validate.checks import sightings
from boxwright.validate.checks.sightings import ACROSS, Sighting
from boxwright.validate.pictures import file_names, matches, sample
from boxwright.validate.pictures.matches import COPIES, Kind, Match

COLUMNS = ["filename", "split", "dhash", "height", "width"]
# Places in a sequence that a frame is from its neighbours, the share of the matches that have such places in a sequence, and how
# many: numbers of single photographs follow each other, too. Three zooms of a place also have three numbers in a row: if most
# matches are zoomed, they must have near places more often than chance, by this factor.
_NEIGHBOUR, _SEQUENCE, _FRAMES, _CHANCE = 3, 0.5, 5, 2.0
# Of the pictures in a video, this share or more look like a neighbour.
_VIDEO = 0.5
_HOW: Mapping[Kind, str] = {
    "same": "copy",
    "near": "copy",
    "rotated": "rotated",
    "zoomed": "zoomed",
    "sheared": "sheared",
    "part": "part",
    "place": "place",
}
# Rows (held, seen).
Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Seen:
    """sightings: held-out images that show what an earlier image shows. views: pairs of names (seen, held) with the same view but
    other objects, by the split that is held out. looked: how many images of each split were compared by their pixels.
    alike: rows that show the same or have the same view, without the copies that convert itself keeps together: those known by
    their hashes or by Roboflow's names. names, splits: of all rows.
    """

    sightings: list[Sighting]
    views: Mapping[str, list[tuple[str, str]]]
    looked: Mapping[str, int]
    alike: list[Pair]
    names: Sequence[str]
    splits: Sequence[str]


def look(records: Path, table: pa.Table, exact: Sequence[Sighting]) -> Seen:
    """table: the images, with COLUMNS. exact: held-out images that need no look, because they are equal byte for byte."""
    of = sample.images(table)
    names = of.names.tolist()
    hashed = sightings.by_hashes(names, of.splits.astype(str), table["dhash"].to_pylist())
    suspects = dict.fromkeys(_by_names(names, of.splits), False) | dict.fromkeys(hashed, True)
    pictures = sample.read(records, of, sample.chosen(of, suspects))
    known = {(one.held_in, one.seen_in, one.held) for one in exact}
    found = [
        match
        for seen_in, held_in in ACROSS
        for match in matches.matches(
            [p for p in pictures if p.split == held_in and (held_in, seen_in, of.names[p.row]) not in known],
            [p for p in pictures if p.split == seen_in],
            suspects,
        )
    ]
    found = matches.settled(found, pictures)
    looked = {picture.row for picture in pictures}
    beside = {held for held, seen in _neighbours(names, of.splits) if looked >= {held, seen}}
    hows = _hows(found, hashed, names, beside)
    told = [Sighting(of.splits[a], of.splits[b], how, names[a], names[b]) for (a, b), how in hows.items()]
    copied = {(one.held_in, one.held) for one in [*exact, *told]}
    views = [one for one in found if one.kind == "view" and (of.splits[one.held], names[one.held]) not in copied]
    return Seen(
        sightings=told,
        views=_by_split(views, of),
        looked={split: sum(picture.split == split for picture in pictures) for split in tfrecords.SPLITS},
        alike=[*(pair for pair in hows if pair not in hashed), *((one.held, one.seen) for one in views)],
        names=names,
        splits=of.splits.tolist(),
    )


def _by_split(views: Sequence[Match], of: sample.Images) -> dict[str, list[tuple[str, str]]]:
    """The first pair (seen, held) of names for each held-out image."""
    first = {one.held: one.seen for one in reversed(views)}
    found: dict[str, list[tuple[str, str]]] = {}
    for held, seen in sorted(first.items()):
        found.setdefault(of.splits[held], []).append((of.names[seen], of.names[held]))
    return found


def _by_names(names: Sequence[str], splits: np.ndarray) -> Iterator[Pair]:
    """Pairs whose names differ in what an augmentation adds, and each held-out image with its neighbours in a sequence."""
    order = {"train": 0, "val": 1, "test": 2}
    for rows in file_names.made_of(names):
        yield from ((a, b) for a in rows for b in rows if order[splits[b]] < order[splits[a]])
    yield from _neighbours(names, splits)


def _neighbours(names: Sequence[str], splits: np.ndarray) -> Iterator[Pair]:
    """Each held-out image with those beside it in a sequence that are in an earlier split."""
    order = {"train": 0, "val": 1, "test": 2}
    sequence, place = file_names.sequences(names)
    for split in ("train", "val"):
        seen = {(s, p): row for row, (s, p) in enumerate(zip(sequence, place, strict=True)) if splits[row] == split}
        for row in np.flatnonzero((sequence >= 0) & np.array([order[one] > order[split] for one in splits], bool)):
            near = ((sequence[row], place[row] + step) for step in (-1, 1))
            yield from ((int(row), seen[key]) for key in near if key in seen)


def _hows(
    found: Sequence[Match], hashed: Mapping[Pair, bool], names: Sequence[str], beside: Set[int]
) -> dict[Pair, str]:
    """How the held-out image of each pair repeats the other. beside: held-out rows that were compared with a neighbour.

    Hashes are believed where the pixels were not compared, unless most of those that were compared differ. Pictures that follow
    each other and look alike are frames in a video, and else of one scene: a photographer takes a second picture, too.
    """
    kind = {(one.held, one.seen): one.kind for one in found}
    hows = {
        pair: _HOW[of] for pair, of in kind.items() if of in (*COPIES, "place") or (of == "near" and pair in hashed)
    }
    checked = [pair for pair, version in hashed.items() if pair in kind and not version]
    believed = 2 * sum(kind[pair] in (*COPIES, "near") for pair in checked) >= len(checked)
    hows |= {pair: "copy" for pair, version in hashed.items() if version or (pair not in kind and believed)}
    alike = [pair for pair, of in kind.items() if of in (*COPIES, "near") and not hashed.get(pair)]
    frames = _frames(alike, [hows.get(pair) == "zoomed" for pair in alike], names)
    if len(beside & {held for held, _ in frames}) >= _VIDEO * len(beside):
        return hows | dict.fromkeys(frames, "frame")
    return dict.fromkeys(frames, "part") | hows


def _frames(alike: Sequence[Pair], zoomed: Sequence[bool], names: Sequence[str]) -> list[Pair]:
    """The pairs of frames of one sequence, if most pairs are near each other in one. zoomed: of each pair."""
    sequence, place = file_names.sequences(names)
    length = np.bincount(sequence[sequence >= 0], minlength=1)
    frames = [(a, b) for a, b in alike if sequence[a] == sequence[b] >= 0 and place[a] != place[b]]
    close = sum(abs(place[a] - place[b]) <= _NEIGHBOUR for a, b in frames)
    chance = sum(min(1.0, 2 * _NEIGHBOUR / (length[sequence[a]] - 1)) for a, _ in frames)
    near = close >= max(_FRAMES, _SEQUENCE * len(alike))
    return frames if near and (2 * sum(zoomed) < len(alike) or close >= _CHANCE * chance) else []
