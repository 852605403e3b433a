# environment: data
"""What follows from manifest and counts alone, at its bounds."""

import pytest

from boxwright.validate import reasons
from boxwright.validate.reasons import Reason


def split(images, objects=None, **per_class):
    return {"images": images, "objects": images if objects is None else objects, "per_class": per_class}


def told(found):
    return [(reason.code, reason.severity) for reason in found]


def of_splits(crowds=None, **changed):
    splits = {"train": split(10, cat=10), "val": split(3, cat=3), "test": split(2, cat=2)} | changed
    return told(reasons.of_splits({"splits": splits, "split_by": "given"}, crowds or {}))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"train": split(9, cat=9)}, [("few_training_images", "caveat")]),
        ({"train": split(0)}, [("empty_split", "error")]),
        ({"val": split(0)}, [("empty_split", "error")]),
        ({"test": split(0)}, [("no_test_split", "caveat")]),
        ({"val": split(3, 0, cat=0)}, [("no_objects", "error")]),
        ({"test": split(2, 0, cat=0)}, [("no_objects", "caveat")]),
        ({"train": split(10, cat=10, dog=0)}, [("class_not_in_train", "error")]),
        ({"val": split(3, cat=3, dog=0)}, [("class_not_judged", "caveat")]),
        ({"val": split(3, cat=3, dog=0, cow=0, hen=0)}, [("class_not_judged", "caveat")]),
        ({"crowds": {("train", "cat"): 9, ("val", "cat"): 2, ("test", "cat"): 1}}, []),
        ({"crowds": {("val", "cat"): 3}}, [("no_objects", "error")]),
        ({"crowds": {("test", "cat"): 2}}, [("no_objects", "caveat")]),
        (
            {"train": split(10, cat=10, dog=5), "crowds": {("train", "dog"): 5}},
            [("class_not_in_train", "error")],
        ),
    ],
)
def test_splits(changed, expected):
    assert of_splits(**changed) == expected


@pytest.mark.parametrize(("absent", "more"), [(10, False), (11, True)])
def test_ten_classes_are_named(absent, more):
    names = [f"c{at:02}" for at in range(absent)]
    assert (", ...) have" in reasons._who(names)) == more and names[9] in reasons._who(names)


@pytest.mark.parametrize(
    ("split_by", "remedy"), [("given", "let convert make the splits"), ("seed 0, 70/15/15", "add pictures")]
)
def test_what_to_do_about_an_empty_split(split_by, remedy):
    splits = {"train": split(1, cat=1), "val": split(0), "test": split(0)}
    first = next(reasons.of_splits({"splits": splits, "split_by": split_by}, {}))
    assert first.code == "empty_split" and first.text.endswith(remedy)


@pytest.mark.parametrize("damage", ["missing", "truncated", "undecodable", "size_mismatch", "unreadable_annotation"])
@pytest.mark.parametrize(("damaged", "severity"), [(20, "caveat"), (21, "error")])
def test_a_fifth_damaged_of_the_images_that_are_meant_to_be_used(damage, damaged, severity):
    """100 of them; 50 more are whole and in no list."""
    manifest = {
        "quarantined": {"images": {damage: damaged, "unlisted": 50}, "objects": {"zero_area": 400}},
        "found": {"images": 150, "objects": 500},
    }
    assert told(reasons.of_quarantine(manifest)) == [("quarantine", severity), ("quarantine", "caveat")]


@pytest.mark.parametrize("damage", ["zero_area", "unreadable_annotation"])
def test_one_rejected_object_is_told_and_none_is_damage_at_large(damage):
    manifest = {
        "quarantined": {"images": {"unlisted": 0}, "objects": {damage: 1}},
        "found": {"images": 1, "objects": 2},
    }
    assert told(reasons.of_quarantine(manifest)) == [("quarantine", "caveat")]


def test_notices_of_convert():
    codes = ("class_absent", "split_made", "listings_differ")
    notices = [
        {"id": code, "claim": "t", "severity": "medium" if code == "listings_differ" else "info"} for code in codes
    ]
    assert told(reasons.of_notices({"notices": notices})) == [("split_made", "info"), ("listings_differ", "caveat")]


@pytest.mark.parametrize(("counted", "differ"), [((10, 12), False), ((9, 12), True), ((10, 11), True)])
def test_counts(counted, differ):
    manifest = {"splits": {"train": split(10, 12)}}
    assert bool(told(reasons.of_counts(manifest, {"train": counted}))) == differ


def test_what_is_accepted_is_a_caveat_unless_it_was_less():
    found = [Reason.error("a", "t"), Reason.info("b", "t"), Reason.error("c", "t")]
    taken = reasons.with_accepted(found, {"a": "known", "b": "known", "d": "known"})
    assert told(taken) == [("a", "caveat"), ("b", "info"), ("c", "error"), ("accepted_absent", "info")]
