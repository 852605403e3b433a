# environment: data
"""Each finding on data with that flaw planted, and none of them on data without."""

import numpy as np
import pytest

from boxwright.diagnose.findings import class_balance


def by_id(diagnosis):
    return {finding.key: finding for finding in diagnosis.findings}


def test_clean_data(make_data, diagnosed):
    """Two middle-sized classes, evenly spread: only what is about the zoo's recipe is said, nothing severe."""
    diagnosis, recipe, _ = diagnosed(make_data())
    assert set(by_id(diagnosis)) <= {"learning_rate_batch", "augmentation_random_crop"}
    assert all(finding.severity != "high" for finding in diagnosis.findings)
    assert recipe.grid == "stride16"
    assert not [change for change in recipe.changes if change.field.startswith("anchors")]


def test_every_finding_can_be_acted_on(make_data, diagnosed):
    diagnosis, _, _ = diagnosed(make_data(counts={"train": 20, "val": 5}, side={"cat": 0.03}))
    for finding in diagnosis.findings:
        assert finding.remedy and finding.expected_effect and finding.evidence
        assert all(evidence.n > 0 and evidence.where for evidence in finding.evidence)


def test_small_objects_starve(make_data, diagnosed):
    """18 px squares: the smallest stock anchor (45 px) overlaps them by (18/45)^2 = .16 at best."""
    diagnosis, recipe, _ = diagnosed(make_data(side={"cat": 0.06}), init="weights.npz")
    finding = by_id(diagnosis)["anchors_unreachable.cat"]
    assert (finding.severity, finding.evidence[0].value) == ("high", 1.0)
    assert "anchors_unreachable.dog" not in by_id(diagnosis)
    assert recipe.grid == "stride8"
    assert diagnosis.unreachable["stock"] == {"cat": 1.0, "dog": 0.0}
    assert max(diagnosis.unreachable["used"].values()) <= 0.04
    assert {id for c in recipe.changes for id in c.findings} <= set(by_id(diagnosis))


def test_coverage_of_every_class_and_size_under_both_recipes(make_data, diagnosed):
    """18 px cats, half of the dogs 18 px too, half 90 px: 160 training images with one of each class."""
    data = make_data(side={"cat": 0.06})
    dogs = data.objects.query("class_id == 2 and split == 'train'").index[:80]
    data.objects.loc[dogs, ["ymax", "xmax"]] = data.objects.loc[dogs, ["ymin", "xmin"]].to_numpy() + 0.06
    diagnosis, _, _ = diagnosed(data)
    rows = {(row.class_name, row.size.split()[0]): row for row in diagnosis.coverage}
    small, medium = rows["dog", "small"], rows["dog", "medium"]
    assert (rows["cat", "small"].n, small.n) == (160, 80)
    assert sum(row.n for row in diagnosis.coverage if row.class_name == "dog") == 160
    assert (rows["cat", "small"].stock, small.stock, medium.stock) == (1.0, 1.0, 0.0)
    for which in ("stock", "used"):
        weighted = sum(row.n * getattr(row, which) for row in diagnosis.coverage if row.class_name == "dog") / 160
        assert weighted == pytest.approx(diagnosis.unreachable[which]["dog"])
    assert small.used < 0.1


def test_crowded_images_and_random_crop(make_data, diagnosed):
    diagnosis, recipe, _ = diagnosed(make_data(per_image={"cat": 12, "dog": 12}, side={"cat": 0.3, "dog": 0.3}))
    finding = by_id(diagnosis)["augmentation_random_crop"]
    assert finding.severity == "high"
    assert recipe.augmentation == ()


@pytest.mark.parametrize(("n", "severity"), [(10, "high"), (30, "medium")])
def test_few_objects(make_data, diagnosed, n, severity):
    data = make_data()
    cats = data.objects_in("train").query("class_id == 1").index[n:]
    data.objects.drop(index=cats, inplace=True)
    finding = by_id(diagnosed(data)[0])["few_objects"]
    assert (finding.severity, finding.evidence[0].value) == (severity, n)
    assert finding.claim.startswith(f"cat has only {n} training objects: too few to learn how it varies")


def test_all_classes_with_few_objects_are_one_finding():
    """The fewest first; 50 are enough, and a class without any is another finding's."""
    finding = class_balance.few_objects({"ace": 40, "king": 14, "ten": 50, "jack": 0})
    assert finding.severity == "high"
    assert finding.claim.startswith("2 classes have fewer than 50 training objects (king 14, ace 40): too few")
    assert finding.remedy.endswith("36 king, 10 ace at least.")
    assert class_balance.few_objects({"ten": 50, "jack": 0}) is None


@pytest.mark.parametrize(("n", "severity"), [(12, "high"), (60, "medium")])
def test_few_images(make_data, diagnosed, n, severity):
    finding = by_id(diagnosed(make_data(counts={"train": n, "val": 40}))[0])["few_images"]
    assert (finding.severity, finding.evidence[0].value) == (severity, n)


def test_imbalance(make_data, diagnosed):
    finding = by_id(diagnosed(make_data(per_image={"cat": 15, "dog": 1}, side={"cat": 0.15}))[0])["imbalance"]
    assert (finding.severity, finding.evidence[0].value) == ("medium", 15.0)
    assert "cat outnumbers dog 15 to 1" in finding.claim


def test_tiny_objects(make_data, diagnosed):
    """A side of .02 is 6 px at 300."""
    found = by_id(diagnosed(make_data(side={"cat": 0.02}))[0])
    assert found["tiny_objects.cat"].evidence[0].value == 1.0
    assert "tiny_objects.dog" not in found


@pytest.mark.parametrize("split", ["val", "test"])
def test_class_missing_from_a_split(make_data, diagnosed, split):
    data = make_data()
    data.objects.drop(index=data.objects_in(split).query("class_id == 2").index, inplace=True)
    finding = by_id(diagnosed(data)[0])["class_missing.dog"]
    assert finding.severity == "medium" and split in finding.claim


def test_a_split_of_backgrounds_lacks_no_class(make_data, diagnosed):
    data = make_data()
    data.objects.drop(index=data.objects_in("test").index, inplace=True)
    assert not [finding for finding in by_id(diagnosed(data)[0]) if finding.startswith("class_missing")]


def test_class_missing_from_train(make_data, diagnosed):
    data = make_data()
    data.objects.drop(index=data.objects_in("train").query("class_id == 2").index, inplace=True)
    assert by_id(diagnosed(data)[0])["class_missing.dog"].severity == "high"


def test_rare_classes_that_a_split_lacks_are_one_finding_and_nobody_is_told_to_move_their_only_picture():
    """The ace and the three tens are in one picture each, in train; the four kings are in two."""
    train, pictures = {"ace": 1, "ten": 3, "king": 4, "jack": 9}, {"ace": 1, "ten": 1, "king": 2, "jack": 11}
    rare, spare = class_balance.missing({"train": train, "val": dict.fromkeys(train, 0) | {"jack": 2}}, pictures)
    assert rare.claim == "2 classes have no object in val (objects in all: ace 1, ten 3): they cannot be judged."
    assert rare.remedy.startswith("Add pictures with these classes to val: there are none to spare")
    assert spare.claim == "king has no object in val (objects in all: king 4): it cannot be judged."
    assert spare.remedy.startswith("Move pictures with king to val")


def test_copies_that_nobody_looked_for_are_not_said_to_be_left_out(make_data, diagnosed):
    data = make_data(counts={"train": 20, "val": 40})
    assert "20 pictures, copies left out: few" in by_id(diagnosed(data)[0])["few_images"].claim
    data.images["dhash"] = None
    claim = by_id(diagnosed(data)[0])["few_images"].claim
    assert "20 pictures, copies left out but for those among the 20 that were not looked at: few" in claim


def test_small_validation_split(make_data, diagnosed):
    assert by_id(diagnosed(make_data(counts={"train": 160, "val": 8}))[0])["val_too_small"].evidence[0].value == 8


def test_backgrounds_make_no_validation_split_larger(make_data, diagnosed):
    data = make_data()
    seen = data.images_in("val").image_id[3:]
    data.objects.drop(index=data.objects[data.objects.image_id.isin(seen)].index, inplace=True)
    finding = by_id(diagnosed(data)[0])["val_too_small"]
    assert finding.claim.startswith("The validation split has 3 images with 6 objects, and 37 without any")


@pytest.mark.parametrize(
    ("objects", "claim", "remedy"),
    [
        (0, "0 images with 0 objects, and 40 without any: there is no AP to choose a step by", "into validation."),
        (
            1,
            "1 image with 1 object, and 39 without any: a share measured on it is uncertain by up to 100",
            "evaluate_every",
        ),
    ],
)
def test_validation_of_backgrounds_chooses_no_step(make_data, diagnosed, objects, claim, remedy):
    data = make_data()
    data.objects.drop(index=data.objects_in("val").index[objects:], inplace=True)
    finding = by_id(diagnosed(data)[0])["val_too_small"]
    assert claim in finding.claim and remedy in finding.remedy


def test_near_duplicates_by_hash_and_by_name(make_data, diagnosed):
    """160 training images: 40 copies by hash (one bit off), 20 more by Roboflow's suffix: 100 pictures remain."""
    data = make_data()
    for i in range(40):
        data.images.loc[40 + i, "dhash"] = f"{int(data.images.dhash[i], 16) ^ 1:016x}"
    for i in range(20):
        data.images.loc[100 + i, "filename"] = f"a{i}_jpg.rf.1.jpg"
        data.images.loc[120 + i, "filename"] = f"a{i}_jpg.rf.2.jpg"
    finding = by_id(diagnosed(data)[0])["near_duplicates"]
    assert finding.evidence[0].value == 100
    assert finding.severity == "medium"


def test_leak_from_train_to_val(make_data, diagnosed):
    """Four of 80 held-out images are 5 %."""
    data = make_data()
    for i in range(4):
        data.images.loc[160 + i, "dhash"] = data.images.dhash[i]
    finding = by_id(diagnosed(data)[0])["split_leakage"]
    assert (finding.severity, finding.evidence[0].value, finding.evidence[0].n) == ("high", 0.05, 80)


def test_another_light(make_data, diagnosed):
    found = by_id(diagnosed(make_data(brightness={"val": 0.2}))[0])
    assert found["lighting_shift"].severity == "high"
    assert found["lighting_shift"].evidence[0].value == pytest.approx(1.0, abs=0.05)


def test_a_certain_difference_that_nobody_sees_is_no_other_light(make_data, diagnosed):
    """As pictures of one fixed camera have it: 0.51 against 0.52, and no two alike."""
    data = make_data()
    val = data.images.split == "val"
    data.images["brightness"] = np.where(val, 0.51, 0.52) + np.linspace(0, 0.004, len(val))
    assert "lighting_shift" not in by_id(diagnosed(data)[0])
