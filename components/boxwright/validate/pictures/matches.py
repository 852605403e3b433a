"""Which held-out pictures show what a picture of an earlier split shows, as their pixels say."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from boxwright.validate.pictures import content, thumbnails
from boxwright.validate.pictures.content import Agreement
from boxwright.validate.pictures.thumbnails import Thumbnail

# same: a copy, re-encoded, resized or mirrored. rotated, zoomed, sheared: a changed copy. part: the view moved, half of it or
# more is in both. near: most of it agrees, as in a frame that follows. view: the background agrees, the objects do not. place:
# so it is, and so many features agree that no other thing of the same kind stands there. other: they differ.
Kind = Literal["same", "rotated", "zoomed", "sheared", "part", "near", "view", "place", "other"]
COPIES: tuple[Kind, ...] = ("same", "rotated", "zoomed", "sheared", "part")

# Share of the places that agree in a copy. Measured, the worse of both directions: rotated, zoomed and noisy copies of three real
# sets have 0.94 or more, views of BCCD that overlap 0.86 or more; two layouts of cards on one table 0.8, all others up to 0.67.
_COPY, _NEAR = 0.8, 0.6
# Share of the background that agrees at one place, and features that do. Measured: pictures of one street corner with other cars
# have 60 to 370 features, two wagons of one type before one sky up to 54.
_PLACE, _FEATURES = 0.7, 60
# Share of the objects that agree. In the layouts of cards it is 0 or 0.5.
_OBJECTS = 0.6
# Share of the picture that must be in both: then most of its objects are.
_OVERLAP, _WHOLE = 0.5, 0.9
# Fewer places prove nothing, and a smaller share of the picture proves only that one object is in both: a pen on a bare table.
_LEAST, _COVERED = 6, 0.15
# Pictures that a picture is compared with, the likeliest first. In three real sets the original was always the first; where
# other objects passed, it was among the first three.
_CANDIDATES = 3
# Pairs that are drawn at random, and the share of them with one view from which on views are common: 20 cameras or fewer.
_DRAWN, _COMMON, _SEED = 100, 0.05, 0


class Picture(NamedTuple):
    """row: in the table of images."""

    row: int
    split: str
    thumbnail: Thumbnail


class Match(NamedTuple):
    """held, seen: rows of the table of images."""

    held: int
    seen: int
    kind: Kind


def matches(
    held: Sequence[Picture], seen: Sequence[Picture], suspects: Mapping[tuple[int, int], bool]
) -> Iterator[Match]:
    """The first picture of `seen` that shows the same as each one of `held`; else one of the same view, if there is one.

    suspects: pairs of rows (held, seen) that are compared first, and whether hashes say so; else, names do. Of pairs that differ,
    only those are given whose hashes are near.
    """
    if not held or not seen:
        return
    flipped = [picture.thumbnail.mirrored for picture in held]
    among = [picture.thumbnail for picture in seen]
    upright, mirrored = (thumbnails.likeness(of, among) for of in ([picture.thumbnail for picture in held], flipped))
    place = {picture.row: number for number, picture in enumerate(seen)}
    partners: dict[int, list[int]] = {}
    for a, b in suspects:
        if b in place:
            partners.setdefault(a, []).append(place[b])
    for number, picture in enumerate(held):
        likely = np.argsort(-np.maximum(upright[number], mirrored[number]), kind="stable")[:_CANDIDATES]
        suspected = partners.get(picture.row, [])
        tried = []
        for other in dict.fromkeys([*suspected, *likely.tolist()]):
            flip = bool(mirrored[number, other] > upright[number, other])
            pair = (picture.row, seen[other].row)
            kind = relation(
                picture.thumbnail, flipped[number], among[other], flip=flip, hashed=suspects.get(pair, False)
            )
            tried.append(Match(*pair, kind))
            if kind in COPIES:
                break
        yield from (one for one in tried if one.kind != "other" or suspects.get((one.held, one.seen), False))


def relation(first: Thumbnail, flipped: Thumbnail, second: Thumbnail, *, flip: bool, hashed: bool) -> Kind:
    """How the first picture relates to the second. flipped: the first one, mirrored. flip: whether that is likelier.

    hashed: whether their hashes are near. Then they are laid on each other if their features do not match.
    """
    one = flipped if flip else first
    there = content.agreement(one, second)
    back = content.agreement(second, one) if there else None
    if there and back:
        return judged(there, back, hashed=hashed)
    if not hashed:
        return "other"
    kinds: list[Kind] = [
        judged(content.unmoved(one, second), content.unmoved(second, one), hashed=True) for one in (first, flipped)
    ]
    return kinds[0] if kinds[0] != "other" else kinds[1]


def judged(there: Agreement, back: Agreement, *, hashed: bool = False) -> Kind:
    """there, back: both directions; the worse one counts. hashed: whether the hashes of the whole pictures are near."""
    places = _worse(*(content.places_agree(side.places) for side in (there, back)))
    background = _worse(*(content.places_agree(side.background) for side in (there, back)))
    objects = _worse(*(content.objects_agree(side.objects) for side in (there, back)))
    overlap = min(there.overlap, back.overlap)
    compared = min(len(there.places), len(back.places))
    covered = min(there.covered, back.covered)
    if compared < _LEAST or (covered < _COVERED and not hashed) or overlap < _OVERLAP:
        return "other"
    alike = not objects < _OBJECTS  # also if there are none
    if places >= _COPY and alike:
        return there.change or ("same" if overlap >= _WHOLE else "part")
    if min(there.points, back.points) >= _FEATURES and background >= _PLACE and overlap >= _WHOLE and not alike:
        return "place"
    if there.still and background >= _COPY and not alike:
        return "view"
    return "near" if places >= _NEAR and alike else "other"


def settled(found: Sequence[Match], pictures: Sequence[Picture]) -> list[Match]:
    """The same matches, with places told from views: where views are common, as before a fixed camera or in one layout, a place
    is one of them. Where they are rare, it was photographed again."""
    if not any(one.kind == "place" for one in found):
        return list(found)
    held, train = (
        [picture for picture in pictures if (picture.split == "train") == is_train] for is_train in (False, True)
    )
    common = _common(held, train)
    return [one._replace(kind="view") if common and one.kind == "place" else one for one in found]


def _common(held: Sequence[Picture], seen: Sequence[Picture]) -> bool:
    """Whether pictures that are drawn at random often show one view."""
    if not held or not seen:
        return False
    random = np.random.default_rng(_SEED)
    drawn = [[of[random.integers(len(of))].thumbnail for of in (held, seen)] for _ in range(_DRAWN)]
    return sum(relation(a, a, b, flip=False, hashed=False) != "other" for a, b in drawn) >= _COMMON * _DRAWN


def _worse(there: float, back: float) -> float:
    """The smaller share; NaN only if neither direction has a place."""
    return float(np.fmin(np.float64(there), np.float64(back)))
