# environment: data
"""A validation split that is too small to choose a step by."""

from pathlib import Path

import pytest
from present import present

from boxwright.core.findings import Finding
from boxwright.diagnose import diagnosis
from boxwright.diagnose.config import Config
from boxwright.diagnose.findings.split.val_too_small import judge


@pytest.mark.parametrize(("n", "severity"), [(8, "medium"), (29, "medium"), (30, "low"), (39, "low"), (40, None)])
def test_forty_images_with_objects_are_enough(make_data, n, severity):
    finding = judge(make_data(counts={"train": 160, "val": n}))
    assert (finding and finding.severity) == severity and (not finding or finding.evidence[0].value == n)


def test_a_usual_share_of_few_images_is_no_note(make_data):
    """`few_images` tells it."""
    assert judge(make_data(counts={"train": 100, "val": 35})) is None


@pytest.mark.parametrize("id", ["empty_split", "no_objects"])
def test_what_validate_tells_is_not_told_again(make_data, id):
    data, config = make_data(counts={"train": 160, "test": 40}), Config(records=Path(), tables=Path(), init="none")
    told = Finding(id=id, subject="val", cause="split", severity="high", stops=True, title="t", claim="c")
    training = diagnosis.diagnosed_training(data, config)
    ids = {one.id for one in diagnosis.diagnose(data, training, config, validated=(told,)).diagnosis.findings}
    assert id in ids and "val_too_small" not in ids


def test_backgrounds_do_not_count(make_data):
    data = make_data(counts={"train": 1, "val": 40})
    seen = data.images_in("val").image_id[3:]
    data.objects.drop(index=data.objects[data.objects.image_id.isin(seen)].index, inplace=True)
    assert present(judge(data)).claim.startswith(
        "The validation split has 3 images with 6 objects, and 37 without any."
    )


@pytest.mark.parametrize(
    ("objects", "claim"),
    [
        (0, "0 images with 0 objects, and 40 without any. Without objects there is no AP"),
        (1, "1 image with 1 object, and 39 without any. Recall measured on it is uncertain by up to 100"),
    ],
)
def test_says_what_few_objects_mean_for_the_choice(make_data, objects, claim):
    data = make_data(counts={"train": 1, "val": 40})
    data.objects.drop(index=data.objects_in("val").index[objects:], inplace=True)
    finding = present(judge(data))
    assert claim in finding.claim
    assert "validation, of scenes that training does not have" in finding.remedy, "not training's own"
