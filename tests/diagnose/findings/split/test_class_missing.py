# environment: data
"""Classes that a split does not have."""

import pytest

from boxwright.diagnose.findings.split.class_missing import judge


@pytest.mark.parametrize(("split", "severity"), [("train", "high"), ("val", "medium"), ("test", "medium")])
def test_severity_depends_on_the_split(split, severity):
    of_split = {name: {"cat": 40, "dog": 0 if name == split else 40} for name in ("train", "val", "test")}
    (finding,) = judge(of_split, {"cat": 120, "dog": 80})
    assert (finding.key, finding.severity) == ("class_missing.dog", severity) and split in finding.claim


def test_a_split_without_objects_lacks_no_class():
    assert list(judge({"train": {"cat": 1}, "val": {"cat": 1}}, {"cat": 2})) == []


def test_only_spare_images_are_told_to_move():
    """Classes with the same remedy are one finding. The ace and the three tens are in one training image each, the four kings in
    two."""
    train, images = {"ace": 1, "ten": 3, "king": 4, "jack": 9}, {"ace": 1, "ten": 1, "king": 2, "jack": 11}
    rare, spare = judge({"train": train, "val": dict.fromkeys(train, 0) | {"jack": 2}}, images)
    assert (
        rare.claim == "2 classes have no object in val (objects in all splits: ace 1, ten 3), so they cannot be judged."
    )
    assert rare.remedy.startswith("Add images with these classes to val (there are none to spare)")
    assert spare.claim == "king has no object in val (objects in all splits: king 4), so it cannot be judged."
    assert spare.remedy.startswith("Move images with king to val")
