# environment: data
"""Wrong labels and look-alike classes, from scores that are worked out by hand and on real sets."""

import numpy as np
import pytest
from present import present

from boxwright.core import recipe
from boxwright.diagnose.embedding import looks
from boxwright.diagnose.embedding.separation import Separation, separate
from boxwright.diagnose.findings.labels import odd_objects, similar_classes


def separation(*groups):
    """groups: (label, margin towards the other class, number of objects). Two classes."""
    ids = np.concatenate([np.full(n, label) for label, _, n in groups])
    margins = np.concatenate([np.full(n, margin) for _, margin, n in groups])
    own = (1 + margins) / 2
    scores = np.where(ids[:, None] == [1, 2], own[:, None], 1 - own[:, None])
    return Separation(scores, ids, [1, 2])


CLEAR = ((1, 0.8, 50), (2, 0.8, 50))


@pytest.mark.parametrize(
    ("groups", "odd"),
    [
        (CLEAR, 0),
        ((*CLEAR, (1, -0.8, 5)), 5),
        ((*CLEAR, (1, -0.8, 5), (1, 0.0, 4)), 0),  # too many between
        ((*CLEAR, (1, -0.8, 5), (1, 0.0, 3)), 5),
        (((1, 0.1, 50), (2, 0.1, 50), (1, -0.8, 5)), 0),  # the classes look alike
        (((1, 0.8, 50), (2, 0.8, 10), (2, -0.8, 3)), 0),  # too few of class 2
    ],
)
def test_odd_are_clear_objects_of_another_class(groups, odd):
    assert odd_objects.odd(separation(*groups)).odd.sum() == odd


@pytest.mark.parametrize(("right", "n", "alike"), [(0.5, 100, True), (0.75, 100, False), (0.5, 20, False)])
def test_alike_are_classes_that_are_told_apart_by_chance(right, n, alike):
    """Each object is in a picture of its own."""
    good = round(right * n)
    groups = [(label, margin, count) for label in (1, 2) for margin, count in ((0.3, good), (-0.3, n - good))]
    found = similar_classes.alike(separation(*groups), np.arange(2 * n))
    assert [(pair.first, pair.second) for pair in found] == ([(1, 2)] if alike else [])


def test_many_objects_of_few_pictures_are_no_evidence():
    groups = [(label, margin, 50) for label in (1, 2) for margin in (0.3, -0.3)]
    assert similar_classes.alike(separation(*groups), np.arange(200) % 10) == []


@pytest.fixture(scope="module")
def seen(imagenet_weights, converted):
    """The looks of a shared set to the ImageNet weights, and its tables."""

    def read(name):
        records, data = converted(name)
        stock = recipe.stock("ssd_mobilenet_v1_ppn", data.classes, steps=600)
        found = looks.read(records, data, str(imagenet_weights), stock, 0)
        assert isinstance(found, looks.Looks)
        return data, found

    return read


def judged(data, found, ids):
    sampled = found.sampled
    separated = separate(found.objects, ids, sampled.object_picture, len(data.classes))
    return separated, odd_objects.judge(separated, found, data, 0), similar_classes.judge(separated, found, data, 0)


def test_blood_cells_with_wrong_labels_are_found(seen):
    data, found = seen("bccd_voc")
    ids = found.sampled.class_ids
    _, odd, similar = judged(data, found, ids)
    odd = present(odd)
    # A WBC that is a Platelet and a Platelet that is a WBC: the labels of the published set are wrong.
    assert odd.severity == "low" and {item[1] for item in odd.items} == {"labelled WBC", "labelled Platelets"}
    assert similar is None
    random = np.random.default_rng(0)
    swapped = random.random(len(ids)) < 0.1
    separated, many, _ = judged(data, found, np.where(swapped, ids % 3 + 1, ids))
    hits = odd_objects.odd(separated).odd
    assert present(many).severity == "high"
    assert hits[swapped].mean() > 0.95 and swapped[hits].mean() > 0.9


def test_playing_cards_are_not_judged(seen):
    """Their ranks differ by details, and there are two dozen of each."""
    data, found = seen("cards_voc")
    _, odd, similar = judged(data, found, found.sampled.class_ids)
    assert odd is None and similar is None
