# environment: data
"""Findings about classes, boxes and neighbours on real sets: silent on them as they are, told where the flaw is planted."""

import pandas as pd
import pytest
from present import present

from boxwright.core import recipe as recipes
from boxwright.diagnose.data import SIDES, Data
from boxwright.diagnose.findings.anchors import anchor_collisions
from boxwright.diagnose.findings.labels import boxes_alike, stray_classes

SETS = ("bccd_voc", "cards_voc", "rbcwbc_coco")


@pytest.fixture(scope="module")
def sets(converted) -> dict[str, Data]:
    return {name: converted(name)[1] for name in SETS}


def changed(data: Data, **columns) -> Data:
    """With other columns of objects."""
    return Data(data.classes, data.images, data.objects.assign(**columns))


@pytest.mark.parametrize("name", SETS)
def test_no_class_of_a_real_set_is_a_slip(sets, name):
    data = sets[name]
    assert stray_classes.stray(data) == {}
    common = data.objects["class"].value_counts().index[0]
    rows = data.objects.index[data.objects["class"] == common][:3]
    slip = f"{common[:-1]}{common[-1]}_".swapcase()
    names = data.objects["class"].astype(object).where(~data.objects.index.isin(rows), slip)
    assert stray_classes.stray(changed(data, **{"class": names})) == {slip: [common]}


@pytest.mark.parametrize("name", SETS)
def test_boxes_of_a_real_set_are_drawn_one_by_one(sets, name):
    data = sets[name]
    assert boxes_alike.alike(data) == []
    whole = changed(data, **dict(zip(SIDES, (0.0, 0.0, 1.0, 1.0), strict=True)))
    assert all(found.whole and found.copied for found in boxes_alike.alike(whole)) and boxes_alike.alike(whole)


@pytest.mark.parametrize("name", SETS)
def test_neighbours_take_anchors_only_in_crowds(sets, name):
    data = sets[name]
    stock = recipes.stock("ssd_mobilenet_v1_ppn", data.classes, steps=600)
    assert anchor_collisions.judge(data, stock, stock, 0) is None
    beside = [data.objects.assign(**{side: data.objects[side] + k * 0.01 for side in SIDES}) for k in range(4)]
    crowd = Data(data.classes, data.images, pd.concat(beside, ignore_index=True))
    assert "a neighbour takes it" in present(anchor_collisions.judge(crowd, stock, stock, 0)).title
