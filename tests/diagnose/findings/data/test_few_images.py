# environment: data
"""Few different training images, by hand."""

import pytest
from present import present

from boxwright.diagnose.findings.data.few_images import judge


@pytest.mark.parametrize(("n", "severity"), [(12, "high"), (29, "high"), (30, "medium"), (149, "medium"), (150, None)])
def test_severity_grows_as_images_get_fewer(n, severity):
    finding = judge(n, 0, {})
    assert (finding and finding.severity) == severity
    assert not finding or finding.evidence[0].value == n


def test_says_how_many_images_could_not_be_compared():
    """They were not measured, so near-duplicates among them are unknown."""
    assert "20 pictures (near-duplicates left out)" in present(judge(20, 0, {})).claim
    assert "(near-duplicates left out, but 20 images could not be compared)" in present(judge(20, 20, {})).claim


@pytest.mark.parametrize(("fewest", "severity"), [(14, "high"), (15, "medium")])
def test_classes_with_few_objects_are_rows_of_it(fewest, severity):
    """Both have one cause: there is too little data."""
    finding = present(judge(61, 0, {"queen": fewest, "ace": 40}))
    assert finding.severity == severity
    assert finding.title == f"There are only 61 different training images, and only {fewest} objects of queen"
    assert [row.subject for row in finding.evidence] == ["", "queen", "ace"]
    assert f"at least 50 objects of each class: {50 - fewest} more queen, 10 more ace." in finding.remedy


def test_one_finding_for_too_little_data(make_data, diagnosed):
    for n, expected in ((40, {"few_images"}), (160, set())):
        found = diagnosed(make_data(counts={"train": n, "val": 40}), steps=600)[0].findings
        assert {f.id for f in found if f.cause == "data_quantity"} == expected


def test_many_images_with_a_rare_class(make_data, diagnosed):
    """Few objects next to many: repeats act on them, so that is `imbalance`. Few of few: `few_objects`."""
    rare = make_data(counts={"train": 400, "val": 40}, per_image={"cat": 2, "dog": 1 / 15})
    scarce = make_data(counts={"train": 150, "val": 40}, per_image={"cat": 1, "dog": 0.25})
    for data, expected in ((rare, "imbalance"), (scarce, "few_objects")):
        found = diagnosed(data, steps=600)[0].findings
        assert [f.id for f in found if f.cause == "data_quantity"] == [expected]


@pytest.mark.parametrize(
    ("train", "val", "expected"),
    [
        (115, 24, {"few_images"}),  # convert's own split of 163 photographs
        (60, 15, {"few_images"}),
        (140, 10, {"few_images", "val_too_small"}),  # less than its share: some of train would help
        (160, 24, {"val_too_small"}),
        (140, 40, {"few_images"}),
    ],
)
def test_a_small_val_of_few_images_is_the_same_cause(make_data, diagnosed, train, val, expected):
    found = diagnosed(make_data(counts={"train": train, "val": val}), steps=600)[0].findings
    told = {one.id: one for one in found if one.id in ("few_images", "val_too_small")}
    assert set(told) == expected
    assert "few_images" not in told or (told["few_images"].cause == "split") == (
        expected == {"few_images"} and val < 30
    )
    said = " ".join(one.claim for one in told.values())
    assert ("uncertain by up to" in said) == (val < 30) and said.count("uncertain") <= 1
