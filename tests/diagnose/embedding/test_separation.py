# environment: data
"""Each object is judged by a ridge regression that has not seen its picture."""

import numpy as np
import pytest

from boxwright.diagnose.embedding import separation
from boxwright.diagnose.embedding.separation import Separation, separate

RANDOM = np.random.default_rng(0)
PICTURES = np.sort(RANDOM.integers(0, 12, 40))
IDS = RANDOM.integers(1, 4, 40)
VECTORS = RANDOM.normal(0, 0.3, (40, 6)) + IDS[:, None] * 0.2


def refitted(picture):
    """Scores of the objects of a picture from a regression on all others, with the penalty of the whole set."""
    counts = np.bincount(IDS)[IDS]
    weight = np.sqrt(len(IDS) / (3 * counts))[:, None]
    inputs, target = np.c_[VECTORS, np.ones(40)] * weight, np.eye(3)[IDS - 1] * weight
    penalty = separation._PENALTY * (inputs**2).sum() / len(IDS)
    seen = picture != PICTURES
    gram = inputs[seen].T @ inputs[seen] + penalty * np.eye(7)
    return np.c_[VECTORS, np.ones(40)][~seen] @ np.linalg.solve(gram, inputs[seen].T @ target[seen])


def test_scores_are_those_of_a_fit_without_the_picture():
    scores = separate(VECTORS, IDS, PICTURES, 3).scores
    for picture in np.unique(PICTURES):
        assert scores[picture == PICTURES] == pytest.approx(refitted(picture))


def test_margin_is_own_score_minus_that_of_the_best_other():
    found = Separation(np.array([[0.7, 0.2, 0.1], [0.5, 0.2, 0.3]]), np.array([1, 3]), [1, 2, 3])
    assert found.margin == pytest.approx([0.5, -0.2])
    assert found.rival.tolist() == [2, 1]
    assert found.only([2, 3]).rival.tolist() == [2, 2]


def test_objects_of_one_picture_do_not_vouch_for_each_other():
    """Two pictures: in each, the light is the same for all objects of a wrong class."""
    light = np.repeat(np.eye(20), 2, axis=0)
    pictures, ids = np.repeat(np.arange(20), 2), np.repeat(np.arange(20) % 2, 2) + 1
    assert (separate(light, ids, pictures, 2).margin <= 1e-9).all()
