# environment: data
"""The whole diagnosis, from the tables to findings and recipe."""

import pytest

from boxwright.diagnose.data import SIDES


def by_id(diagnosis):
    return {finding.key: finding for finding in diagnosis.findings}


def test_finds_nothing_severe_in_clean_data(make_data, diagnosed):
    """Two middle-sized classes, evenly spread: all findings are about the zoo's recipe, and none is severe."""
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


def test_stock_misses_small_objects_and_the_plan_reaches_them(make_data, diagnosed):
    """18 px squares: the smallest stock anchor (45 px) overlaps them by (18/45)^2 = .16 at best."""
    diagnosis, recipe, _ = diagnosed(make_data(side={"cat": 0.06}), init="weights.npz")
    finding = by_id(diagnosis)["anchors_unreachable"]
    assert (finding.severity, finding.evidence[0].value) == ("high", 1.0)
    assert {evidence.subject for evidence in finding.evidence} == {"cat"}
    assert recipe.grid == "stride8"
    assert diagnosis.unreachable["stock"] == {"cat": 1.0, "dog": 0.0}
    assert max(diagnosis.unreachable["used"].values()) <= 0.04
    assert {id for c in recipe.changes for id in c.findings} <= set(by_id(diagnosis))


def test_coverage_by_class_and_size_under_both_recipes(make_data, diagnosed):
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


def test_random_crop_harms_crowded_images(make_data, diagnosed):
    diagnosis, recipe, _ = diagnosed(make_data(per_image={"cat": 12, "dog": 12}, side={"cat": 0.3, "dog": 0.3}))
    finding = by_id(diagnosis)["augmentation_random_crop"]
    assert finding.severity == "high"
    assert recipe.augmentation == ()


def test_wrong_labels_leave_nothing_to_predict(make_data, diagnosed):
    """Every fourth dog is moved onto its cat: two labels for one object."""
    clean, wrong = make_data(), make_data()
    cats = wrong.objects.index[wrong.objects.class_id == 1][::4]
    wrong.objects.loc[cats + 1, SIDES] = wrong.objects.loc[cats, SIDES].to_numpy() + 0.003
    assert diagnosed(clean, init="weights.npz", steps=600)[0].prediction
    found, _, why = diagnosed(wrong, init="weights.npz", steps=600)
    assert not found.prediction and why.startswith("this must be corrected first (")
