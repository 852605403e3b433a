# environment: data
"""Objects with two boxes or the wrong class, by hand: rows for each class, and data without the flaw."""

import numpy as np
import pytest
from present import present

from boxwright.diagnose.data import SIDES
from boxwright.diagnose.findings.labels import boxed_twice, suspected_classes


def twice(data, n):
    """Moves the dog of the first n training images onto the cat."""
    cats = data.objects.index[data.objects.class_id == 1][:n]
    data.objects.loc[cats + 1, SIDES] = data.objects.loc[cats, SIDES].to_numpy()
    return data


@pytest.mark.parametrize(("n", "severity"), [(3, None), (4, "medium"), (16, "high")])
def test_boxes_of_two_classes_on_one_object(make_data, n, severity):
    """Of 320 training objects."""
    _, finding = boxed_twice.judge(twice(make_data(), n))
    assert (finding and finding.severity) == severity
    assert not finding or [(row.subject, row.value) for row in finding.evidence] == [
        ("", pytest.approx(n / 320, abs=1e-4)),
        ("dog", pytest.approx(n / 160, abs=1e-4)),
    ]


def pairs_of(met):
    """(pairs, classes): two objects for each pair of classes, as often as `met` says."""
    classes = np.array([name for pair, n in met.items() for _ in range(n) for name in pair])
    return np.arange(len(classes)).reshape(-1, 2), classes


KIND_AND_DEPTH = {("dent", "deep"): 80, ("dent", "flat"): 20, ("scratch", "deep"): 30, ("flat", "scratch"): 40}


def test_two_properties_of_one_object_are_no_mistakes():
    """A few doors are boxed as a dent, too. Most doors are not, so these are mistakes."""
    pairs, classes = pairs_of(KIND_AND_DEPTH | {("door", "dent"): 4})
    classes = np.append(classes, ["door"] * 100)
    harm, remedy = boxed_twice._of_two_classes(pairs, classes)
    assert boxed_twice.shared(pairs, classes) == {"dent", "scratch", "deep", "flat"}
    assert "deep, flat with dent, scratch." in harm
    assert "one class of each combination" in remedy and "the other 4 pairs" in remedy


def test_a_general_class_over_some_objects_is_a_property():
    """Each lorry is boxed as a vehicle, too, but most vehicles are not lorries."""
    pairs, classes = pairs_of({("lorry", "vehicle"): 30})
    assert boxed_twice.shared(pairs, np.append(classes, ["vehicle"] * 200)) == {"lorry", "vehicle"}


@pytest.mark.parametrize(("n", "properties"), [(16, False), (79, False), (120, True)])
def test_the_remedy_of_contradicting_boxes(make_data, n, properties):
    """Of 160 cats and 160 dogs in training."""
    _, finding = boxed_twice.judge(twice(make_data(), n))
    assert ("combination" in present(finding).remedy) == properties
    assert ("Delete one box" in present(finding).remedy) != properties


def resized(data, name, sides):
    """Gives the training objects of a class these sides."""
    rows = data.objects.index[(data.objects["class"] == name) & (data.objects.split == "train")]
    for low, high in (("ymin", "ymax"), ("xmin", "xmax")):
        data.objects.loc[rows, high] = data.objects.loc[rows, low] + sides[: len(rows)]
    return data


def test_objects_of_another_class_are_a_group_of_their_own(make_data):
    random = np.random.default_rng(0)
    sides = np.concatenate([np.full(16, 0.3), random.uniform(0.09, 0.11, 144)])
    finding = present(suspected_classes.judge(resized(make_data(), "cat", sides)))
    assert [(row.subject, row.value, row.n) for row in finding.evidence] == [("", 0.05, 320), ("cat", 0.1, 160)]


def test_a_class_whose_sizes_tail_off_is_no_flaw(make_data):
    """Most cats are far away, some near: there are cats of all sizes on the way to the dogs."""
    far = 0.1 * np.exp(np.random.default_rng(0).normal(0, 0.06, 130))
    data = resized(make_data(), "cat", np.concatenate([far, np.geomspace(0.11, 0.3, 30)]))
    assert suspected_classes.judge(data) is None
