# environment: data
"""A validation split that is too small to choose a step by."""

import pytest
from present import present

from boxwright.diagnose.findings.split.val_too_small import judge


@pytest.mark.parametrize(("n", "found"), [(8, True), (29, True), (30, False)])
def test_thirty_images_with_objects_are_enough(make_data, n, found):
    finding = judge(make_data(counts={"train": 1, "val": n}))
    assert bool(finding) == found and (not finding or finding.evidence[0].value == n)


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
