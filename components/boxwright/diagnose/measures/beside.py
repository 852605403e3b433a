"""Whether boxes lie on their objects or beside them: boxes against the same boxes moved aside and elsewhere in their pictures."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from boxwright.core.findings import Evidence
from boxwright.diagnose.embedding.placement import BOX, Placed
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

    means: (m,) the mean score of the boxes of each picture: about 1 on objects, about -1 on background. names: (m,) its file.
    """

    wins: np.ndarray
    picture: np.ndarray
    apart: float
    means: np.ndarray
    names: np.ndarray

    def share(self, split: str, seed: int) -> Evidence:
        """The share of wins. Its interval is that of a mean over pictures, because the boxes of one belong together."""
        of_picture = np.bincount(self.picture, self.wins) / np.bincount(self.picture)
        half = _Z * of_picture.std(ddof=1) / np.sqrt(len(of_picture))
        # Chance has a spread of its own, also where few pictures happen to agree.
        half = max(half, _Z * np.sqrt(0.25 / len(self.wins)))
        share = float(self.wins.mean())
        return Evidence(
            metric="boxes that look more like a box than the same box moved aside; 50 % is chance",
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
    means = np.bincount(picture, scores[boxes]) / np.bincount(picture)
    wins = scores[boxes] > scores[boxes + 1]
    return Beside(wins, picture, _area(scores, placed.role == BOX), means, placed.pictures[shown])


def _area(scores: np.ndarray, mine: np.ndarray) -> float:
    """The area under the ROC curve (Mann-Whitney)."""
    ranks = np.argsort(np.argsort(scores, kind="stable"), kind="stable") + 1
    n = int(mine.sum())
    return float((ranks[mine].sum() - n * (n + 1) / 2) / max(1, n * (len(scores) - n)))
