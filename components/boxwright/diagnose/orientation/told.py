"""In how many pictures a turn can be told, by what the other pictures look like.

A rule learns from four fifths of the pictures how they differ from themselves after a turn, and is tried on the rest. If the turn
can be told from there, turned pictures look like nothing in the data.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from boxwright.diagnose.orientation import features
from boxwright.diagnose.orientation.features import TURNS, Turn

_FOLDS, _Z = 5, 1.96
# Ridge, in means of the squared features. From .1 to 2 the shares differ by less than .03 on ten sets.
_RIDGE = 0.5
# The rules of the five parts learn from many of the same pictures, so a share varies more than n single pictures would. In
# cells turned at random, 60 seeds for each of n = 20, 40, 100 and 300, the standard deviation is 1.25, 1.24, 1.3 and 1.38
# times as large.
_TOGETHER = 1.3


class Share(NamedTuple):
    """value: a mean over n pictures. low, high: its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


def mean(values: np.ndarray, chance: float = 0.5, wider: float = 1.0) -> Share:
    """The mean of (n,) values, which lie around chance. wider: a factor of the interval.

    The interval is normal, with one more value at either end, so that a few equal values have one (after Agresti and Coull 1998).
    """
    more = np.concatenate([values, [chance - 0.5, chance + 0.5]])
    middle, half = float(more.mean()), wider * _Z * float(more.std(ddof=1)) / np.sqrt(len(more))
    value = float(values.mean()) if len(values) else chance
    low, high = max(middle - half, chance - 0.5), min(middle + half, chance + 0.5)
    return Share(value, min(low, value), max(high, value), len(values))


@dataclass(frozen=True, eq=False)
class TurnsTold:
    """hits: by turn, the share of each picture's objects that the other pictures tell from themselves after the turn, (n,)."""

    hits: dict[Turn, np.ndarray]

    def share(self, turn: Turn) -> Share:
        """.5 is chance."""
        return mean(self.hits[turn], wider=_TOGETHER)

    @cached_property
    def gravity(self) -> Share:
        """By how much more often upside down is told than mirrored. The world has an up but no side; a lamp, a fixed camera and
        an alphabet have both. 0 is chance."""
        return mean(self.hits["upside down"] - self.hits["mirrored"], chance=0, wider=_TOGETHER)


class Differences(NamedTuple):
    """What turns change: by turn, (n, m) features before minus after it."""

    by_turn: dict[Turn, np.ndarray]

    def told(self, rows: np.ndarray, pictures: np.ndarray, seed: int) -> TurnsTold:
        """rows: of the objects to judge. pictures: (n,) number of the picture of each object, also of those not judged."""
        found: dict[Turn, np.ndarray] = {
            turn: hits(changed[rows], pictures[rows], seed) for turn, changed in self.by_turn.items()
        }
        return TurnsTold(found)


def differences(pixels: np.ndarray, seed: int) -> Differences:
    """pixels: (n, h, w) in 0..1, at least WINDOW + 2 MOVED on a side."""
    maps = features.features(features.windows(pixels, seed))
    size = int(np.prod(maps.shape[1:]))
    return Differences({turn: (maps - features.turned(maps, turn)).reshape(len(maps), size) for turn in TURNS})


def hits(changed: np.ndarray, pictures: np.ndarray, seed: int) -> np.ndarray:
    """(pictures,) share of the rows of each picture whose turn is told; see `scores`."""
    _, which, sizes = np.unique(pictures, return_inverse=True, return_counts=True)
    found = scores(changed, pictures, seed)
    return np.bincount(which, (found > 0) + 0.5 * (found == 0), len(sizes)) / sizes


def scores(changed: np.ndarray, pictures: np.ndarray, seed: int) -> np.ndarray:
    """(n,) above 0 for rows that look as the other pictures do, below 0 for rows that look as they do after the turn.

    changed: (n, m) features before minus after the turn. The rule is a ridge regression of 1 on them, without a constant. Each
    picture has the same weight. pictures: (n,) numbers.
    """
    _, which, sizes = np.unique(pictures, return_inverse=True, return_counts=True)
    fold = (np.random.default_rng(seed).permutation(len(sizes)) % _FOLDS)[which]
    weights, found = 1 / np.sqrt(sizes[which]), np.zeros(len(changed))
    for held in range(_FOLDS):
        learned, tried = fold != held, fold == held
        if learned.any() and tried.any():
            found[tried] = changed[tried] @ _rule(changed[learned] * weights[learned, None], weights[learned])
    return found


def _rule(rows: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(m,) weights of the features: the ridge regression of target (n,) on rows (n, m)."""
    count, wide = rows.shape
    ridge = _RIDGE * float((rows**2).sum()) / min(count, wide) + 1e-12
    if count < wide:
        return rows.T @ np.linalg.solve(rows @ rows.T + ridge * np.eye(count), target)
    return np.linalg.solve(rows.T @ rows + ridge * np.eye(wide), rows.T @ target)
