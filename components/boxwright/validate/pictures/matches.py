"""Which held-out pictures show what a picture of an earlier split shows, as their pixels say."""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from boxwright.validate.pictures import content, thumbnails
from boxwright.validate.pictures.content import Agreement
from boxwright.validate.pictures.thumbnails import Thumbnail

# same: a copy, re-encoded, resized or mirrored. turned: rotated or zoomed. part: the view moved, half of it or more is in both.
# near: as a frame that follows: most of it agrees. view: the background agrees, the objects do not. other: they differ.
Kind = Literal["same", "turned", "part", "near", "view", "other"]
COPIES: tuple[Kind, ...] = ("same", "turned", "part")

# Share of the places that agree in a copy. Measured, the worse of both directions: rotated, zoomed and noisy copies of three real
# sets have 0.94 or more, views of BCCD that overlap 0.86 or more; two layouts of cards on one table 0.8, all others up to 0.67.
_COPY, _NEAR = 0.8, 0.6
# Share of the objects that agree. In the layouts of cards it is 0 or 0.5.
_OBJECTS = 0.6
# Share of the picture that must be in both: then most of its objects are.
_OVERLAP, _WHOLE = 0.5, 0.9
# Fewer places prove nothing.
_LEAST = 6
# Pictures that a picture is compared with, the likeliest first. In three real sets the original was always the first.
_CANDIDATES = 2


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


def matches(held: Sequence[Picture], seen: Sequence[Picture], suspects: Collection[tuple[int, int]]) -> Iterator[Match]:
    """The first picture of `seen` that shows the same as each one of `held`; else one of the same view, if there is one.

    suspects: pairs of rows (held, seen) that are compared first, because hashes or names say so.
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
            kind = relation(picture.thumbnail, flipped[number], among[other], flip=flip, suspected=other in suspected)
            tried.append(Match(picture.row, seen[other].row, kind))
            if kind in COPIES:
                break
        yield from (one for one in tried if one.kind != "other" or (one.held, one.seen) in suspects)


def relation(first: Thumbnail, flipped: Thumbnail, second: Thumbnail, *, flip: bool, suspected: bool) -> Kind:
    """How the first picture relates to the second. flipped: the first one, mirrored. flip: whether that is likelier.

    suspected: the pictures are laid on each other if their features do not match.
    """
    one = flipped if flip else first
    there = content.agreement(one, second)
    back = content.agreement(second, one) if there else None
    if there and back:
        return judged(there, back)
    if not suspected:
        return "other"
    kinds: list[Kind] = [judged(content.unmoved(one, second), content.unmoved(second, one)) for one in (first, flipped)]
    return next((kind for kind in kinds if kind != "other"), "other")


def judged(there: Agreement, back: Agreement) -> Kind:
    """there, back: both directions; the worse one counts."""
    places = _worse(there.places, back.places)
    background = _worse(there.background, back.background)
    objects = _worse(there.objects, back.objects)
    overlap = min(there.overlap, back.overlap)
    if min(len(there.places), len(back.places)) < _LEAST or overlap < _OVERLAP:
        return "other"
    alike = not objects < _OBJECTS  # also if there are none
    if places >= _COPY and alike:
        return "turned" if there.turned else "same" if overlap >= _WHOLE else "part"
    if there.still and background >= _COPY and not alike:
        return "view"
    return "near" if places >= _NEAR and alike else "other"


def _worse(there: np.ndarray, back: np.ndarray) -> float:
    """The smaller share of places that agree; NaN if neither direction has one."""
    return float(np.fmin(content.share(there), content.share(back)))
