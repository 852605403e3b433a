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
