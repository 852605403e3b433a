"""Whether boxes lie on their objects or beside them: boxes against the same boxes moved aside and elsewhere in their pictures."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from boxwright.core.findings import Evidence
from boxwright.diagnose.embedding.placement import BOX, MOVED, Around, Placed
from boxwright.diagnose.embedding.separation import separate, transferred
from boxwright.diagnose.embedding.vectors import scaled

_BOX, _OTHER = 1, 2
# Fewer boxes, or pictures with boxes, prove nothing.
_BOXES, _PICTURES = 40, 20
# The z value of a 95 % interval.
_Z = 1.96


@dataclass(frozen=True, eq=False)
class Beside:
    """A split. wins: (b,) bool, for each box, whether it looks more like a box than the same box moved aside does; half of
    them by chance. picture: (b,) the picture of each. apart: the area under the curve of boxes against all other places.

    sight: the lower bound of the same area against the places elsewhere alone. At 0.5 or below, the weights see no difference
    between boxes and the rest of the pictures, and `wins` means nothing.
    means: (m,) the mean score of the boxes of each picture: about 1 on objects, about -1 on background. names: (m,) its file.
    boxes_yxyx: (m, 4) the box of each picture with the lowest score.
    """

    wins: np.ndarray
    picture: np.ndarray
    apart: float
    sight: float
    means: np.ndarray
    names: np.ndarray
    boxes_yxyx: np.ndarray

    def share(self, split: str, seed: int) -> Evidence:
        """The share of wins. Its interval is that of a mean over pictures, because the boxes of one belong together."""
        of_picture = np.bincount(self.picture, self.wins) / np.bincount(self.picture)
        half = _Z * of_picture.std(ddof=1) / np.sqrt(len(of_picture))
        # Chance has a spread of its own, also where few pictures happen to agree.
        half = max(half, _Z * np.sqrt(0.25 / len(self.wins)))
        share = float(self.wins.mean())
        return Evidence(
            metric="boxes that look more like the other boxes than a place beside them does; 50 % is chance",
            subject=split,
            value=round(share, 4),
            n=len(self.wins),
            interval=(round(max(0.0, share - half), 4), round(min(1.0, share + half), 4)),
            seed=seed,
            where=f"records: looks of sampled boxes of {split}",
        )


def measure(placed: Mapping[str, Placed]) -> dict[str, Beside]:
    """Each split that has enough boxes, judged by its own other scenes.

    A held-out split is judged by train as well, and the more favourable share of wins counts: few boxes teach little, and
    another light is no wrong box.
    """
    found = {}
    for split, of in placed.items():
        if not _enough(of):
            continue
        scores = _own(of)
        if split != "train" and "train" in placed and _enough(placed["train"]):
            by_train = _transferred(placed["train"], of)
            found[split] = max((_judged(of, scores), _judged(of, by_train)), key=lambda judged: judged.wins.mean())
        else:
            found[split] = _judged(of, scores)
    return found


def _enough(placed: Placed) -> bool:
    """The scenes must be at least two: what a scene shows is judged by the others."""
    boxes = placed.picture[placed.role == BOX]
    return len(boxes) >= _BOXES and len(np.unique(boxes)) >= _PICTURES and len(np.unique(placed.scenes)) > 1


def _kinds(placed: Placed) -> np.ndarray:
    return np.where(placed.role == BOX, _BOX, _OTHER)


def _own(placed: Placed) -> np.ndarray:
    """(n,) about 1 for boxes and -1 for other places, by the crops of other scenes."""
    scores = separate(scaled(placed.vectors), _kinds(placed), placed.scenes[placed.picture], 2).scores
    return scores[:, 0] - scores[:, 1]


def _transferred(train: Placed, placed: Placed) -> np.ndarray:
    """Like `_own`, by the crops of train. Both are scaled by themselves: the light may differ."""
    scores = transferred(scaled(train.vectors), _kinds(train), scaled(placed.vectors), 2)
    return scores[:, 0] - scores[:, 1]


def _judged(placed: Placed, scores: np.ndarray) -> Beside:
    boxes = np.flatnonzero(placed.role == BOX)
    shown, picture = np.unique(placed.picture[boxes], return_inverse=True)
    lowest = boxes[np.lexsort((scores[boxes], picture))][np.searchsorted(np.sort(picture), np.arange(len(shown)))]
    return Beside(
        wins=scores[boxes] > scores[boxes + 1],
        picture=picture,
        apart=_area(scores, placed.role == BOX),
        sight=_sight(placed, scores),
        means=np.bincount(picture, scores[boxes]) / np.bincount(picture),
        names=placed.pictures[shown],
        boxes_yxyx=placed.boxes_yxyx[lowest],
    )


def _sight(placed: Placed, scores: np.ndarray) -> float:
    """Three standard errors below the area: noise is never that far from 0.5. The error is that of equal distributions (Mann and
    Whitney 1947)."""
    kept = placed.role != MOVED
    mine = placed.role[kept] == BOX
    a, b = int(mine.sum()), int((~mine).sum())
    return _area(scores[kept], mine) - 3 * np.sqrt((a + b + 1) / (12 * max(1, a * b)))


def best_places(reference: Placed, found: Mapping[str, Around]) -> dict[str, np.ndarray]:
    """Of the places (4,) around each box, the one that looks most like the boxes of `reference`; none where that is the box
    itself or looks no more like a box than like other places. found: by file name. Boxes of the same scenes are no reference."""
    if not found:
        return {}
    scenes = reference.scenes[np.isin(reference.pictures, list(found))]
    kept = ~np.isin(reference.scenes, scenes)[reference.picture]
    every = scaled(np.concatenate([reference.vectors[kept], *(of.vectors for of in found.values())]))
    scores = transferred(every[: kept.sum()], _kinds(reference)[kept], every[kept.sum() :], 2)
    parts = np.split(scores[:, 0] - scores[:, 1], np.cumsum([len(of.vectors) for of in found.values()])[:-1])
    best = {name: int(part.argmax()) for name, part in zip(found, parts, strict=True) if part.max() > 0}
    return {name: found[name].windows_yxyx[row] for name, row in best.items() if row}


def _area(scores: np.ndarray, mine: np.ndarray) -> float:
    """The area under the ROC curve (Mann-Whitney)."""
    ranks = np.argsort(np.argsort(scores, kind="stable"), kind="stable") + 1
    n = int(mine.sum())
    return float((ranks[mine].sum() - n * (n + 1) / 2) / max(1, n * (len(scores) - n)))
