# environment: train
"""Which class each class number means, before anything is tried."""

import pytest

from boxwright.examine.reading import class_names

DATA = ("cat", "Big Dog", "bird")
# Labels of the detector, number of its class numbers -> ids of the data's classes.
GUESSES = {
    "same order": (DATA, 3, (1, 2, 3)),
    "other order": (("bird", "cat", "Big Dog"), 3, (3, 1, 2)),
    "case, dash, underscore, space": (("CAT", "big_dog", " bird "), 3, (1, 2, 3)),
    "a dash": (("cat", "big-dog"), 2, (1, 2)),
    "more classes": (("cat", "fish", "bird"), 3, (1, 0, 3)),
    "no name is the same: by position": (("a", "b", "c"), 3, (1, 2, 3)),
    "no names": ((), 3, (1, 2, 3)),
    "no names, more numbers": ((), 5, (1, 2, 3, 0, 0)),
    "no names, fewer numbers": ((), 2, (1, 2)),
    "nothing known": ((), 0, (1, 2, 3)),
}


@pytest.mark.parametrize(("labels", "count", "expected"), GUESSES.values(), ids=GUESSES)
def test_first_guess(labels, count, expected):
    assert class_names.first_guess(labels, DATA, count) == expected


# Labels, number of class numbers -> parts of the sentence; none: no sentence.
DIFFERENCES = {
    "the same": (DATA, 3, ()),
    "another order": (("bird", "cat", "big dog"), 3, ()),
    "no names, as many": ((), 3, ()),
    "no names, unknown number": ((), 0, ()),
    "no names, more": ((), 90, ("has 90 classes and names none", "the data have 3: cat, Big Dog, bird")),
    "other names": (("fish", "cat"), 2, ("2 classes fish, cat", "3 classes cat, Big Dog, bird")),
    "many names": (tuple(f"n{i}" for i in range(20)), 20, ("n11 and 8 more",)),
}


@pytest.mark.parametrize(("labels", "count", "parts"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_differences(labels, count, parts):
    told = class_names.differences(labels, DATA, count)
    assert bool(told) == bool(parts)
    assert all(part in told for part in parts)
