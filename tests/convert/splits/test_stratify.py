# environment: data
"""Splits are complete and stratified. None is empty if there are enough images."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from boxwright.convert.splits import stratify

FRACTIONS = {"train": 0.7, "val": 0.15, "test": 0.15}
CLASSES = st.lists(st.frozensets(st.sampled_from("abc")), min_size=1, max_size=60)


@given(CLASSES, st.integers(0, 5))
def test_assigns_every_image_deterministically(classes, seed):
    assigned = stratify.stratified(classes, FRACTIONS, seed)
    counts = Counter(assigned)
    assert set(counts) <= set(FRACTIONS) and counts.total() == len(classes)
    assert assigned == stratify.stratified(classes, FRACTIONS, seed)
    if len(classes) >= 3:
        assert set(counts) == set(FRACTIONS)
    assert abs(counts["train"] - 0.7 * len(classes)) <= 2


def test_rare_class_is_distributed():
    """20 of 200 images have the rare class: 14, 3 and 3 by the fractions."""
    classes = [frozenset("ab") if i % 10 == 0 else frozenset("a") for i in range(200)]
    assigned = stratify.stratified(classes, FRACTIONS, 0)
    rare = Counter(s for s, c in zip(assigned, classes, strict=True) if "b" in c)
    assert rare == {"train": 14, "val": 3, "test": 3}
    assert Counter(assigned) == {"train": 140, "val": 30, "test": 30}


def test_split_sizes_by_hand():
    sizes = {
        n: [Counter(stratify.stratified([frozenset()] * n, FRACTIONS, 0))[s] for s in FRACTIONS] for n in (1, 2, 3, 10)
    }
    assert sizes == {1: [1, 0, 0], 2: [1, 1, 0], 3: [1, 1, 1], 10: [8, 1, 1]}
    # In floats .29 * 100 is less than 29.
    assert stratify._split_sizes(100, {"train": 0.42, "val": 0.29, "test": 0.29}) == {
        "train": 42,
        "val": 29,
        "test": 29,
    }


def test_given_splits():
    """Existing splits are kept. Only missing ones are made."""
    one = frozenset("a")

    def by(*names):
        done = stratify.assign(names, [one] * len(names), FRACTIONS, 0)
        return Counter(done.splits), done.split_by, [n.id for n in done.notices]

    assert by("train", "val", "test") == ({"train": 1, "val": 1, "test": 1}, "given", [])
    assert by("train", "val") == ({"train": 1, "val": 1}, "given", [])
    carved = by(*["train"] * 17, *["test"] * 3)
    assert carved == ({"train": 14, "val": 3, "test": 3}, "given; val carved out of train by seed 0", ["val_carved"])
    assert by("train", "val", "test", None, None) == ({"train": 3, "val": 1, "test": 1}, "given", ["outside_splits"])
    carved = by(*["train"] * 16, *["test"] * 3, None)
    assert carved[0] == {"train": 14, "val": 3, "test": 3} and carved[2] == ["outside_splits", "val_carved"]
    for names in (["train"] * 20, [None] * 20, ["train"] * 10 + [None] * 10, ["test"] * 20):
        assert by(*names)[0] == {"train": 14, "val": 3, "test": 3}
        assert by(*names)[2] == ["split_made"]


def test_image_outside_the_splits():
    """An image with objects goes to train. An image without objects is left out."""
    one, none = frozenset("a"), frozenset()
    done = stratify.assign(["val", None, "train", None], [one, one, one, none], FRACTIONS, 0)
    assert done.splits == ["val", "train", "train", None]
    assert "1 with objects went to train, 1 without objects were left out" in done.notices[0].claim
    assert None not in stratify.assign(["train", None], [one, none], FRACTIONS, 0).splits


@given(CLASSES, st.integers(2, 4))
def test_groups_stay_together(classes, size):
    groups = [i // size for i in range(len(classes))]
    assigned = stratify.stratified(classes, FRACTIONS, 0, groups)
    assert len(set(zip(groups, assigned, strict=True))) == len(set(groups))
    assert abs(Counter(assigned)["train"] - 0.7 * len(classes)) <= 2 + size


@given(CLASSES.filter(lambda classes: len(classes) >= 3), st.data())
def test_no_split_is_empty_with_enough_groups(classes, data):
    groups = data.draw(st.lists(st.integers(0, 5), min_size=len(classes), max_size=len(classes)))
    assigned = stratify.stratified(classes, FRACTIONS, 0, groups)
    assert len(set(assigned)) == min(3, len(set(groups)))


def test_large_group_goes_to_train():
    """Groups of 97, 2 and 1 images: the first does not fit into a share of 15."""
    groups = [0] * 97 + [1] * 2 + [2]
    for seed in range(5):
        assigned = stratify.stratified([frozenset("a")] * 100, FRACTIONS, seed, groups)
        assert set(assigned[:97]) == {"train"} and {assigned[97], assigned[99]} == {"val", "test"}


def test_open_rows():
    one, none = frozenset("a"), frozenset()

    def rows(*given):
        return stratify.open_rows(given, [one] * len(given))

    assert rows("train", "val", None) == rows("train", "val", "test") == []
    assert rows("train", "test", "train", None) == [0, 2, 3], "the image beside the splits goes to train"
    assert rows("train", None) == rows(None, None) == rows("test", "val") == [0, 1]
    assert stratify.open_rows(["train", "test", None], [one, one, none]) == [0]
