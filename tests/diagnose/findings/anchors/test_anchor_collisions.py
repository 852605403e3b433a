# environment: data
"""Objects that an anchor fits, but that get none because a neighbour gets it."""

import pandas as pd
import pytest
from present import present

from boxwright.core import recipe as recipes
from boxwright.diagnose.findings.anchors.anchor_collisions import KIND, judge
from boxwright.diagnose.measures.anchor_assignment import sampled

STOCK = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600)


def crowded(make_data, side, beside):
    """In forty images three more cats are beside the first, each this far from the one before. The dogs are alone."""
    data = make_data(counts={"train": 40, "val": 40}, side={"cat": side})
    cats = data.objects[data.objects.class_id == 1]
    more = [cats.assign(xmin=cats.xmin + k * beside, xmax=cats.xmax + k * beside) for k in (1, 2, 3)]
    return type(data)(data.classes, data.images, pd.concat([data.objects, *more], ignore_index=True))


def test_finds_neighbours_that_share_their_anchors(make_data):
    """Cats of 45 px, each 8 px beside the last, overlap by 0.7. Half a cell is 8 px, so two have the same best anchors."""
    finding = present(judge(crowded(make_data, 0.15, 0.027), STOCK, STOCK, 0))
    assert finding.key == "anchor_collisions" and finding.severity in ("high", "medium")
    rows = finding.evidence
    assert {row.subject for row in rows} == {"cat"} and rows[0].n == 160
    assert rows[0].value == rows[1].value and "No grid of this model" in finding.remedy


def test_what_the_plan_answers_in_part_is_told(make_data):
    """On the finer grid, half a cell is 4 px: more of the cats have a best anchor of their own."""
    finer = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600).model_copy(update={"grid": "stride8"})
    found = present(judge(crowded(make_data, 0.15, 0.027), STOCK, finer, 0))
    lost, left = (row.value for row in found.evidence)
    assert left < lost
    answered, partly = (of(found, None) for of in (KIND.answered, KIND.partly))  # type: ignore[arg-type]  # not read
    assert partly and answered == (left <= lost / 2)
    same = present(judge(crowded(make_data, 0.15, 0.027), STOCK, STOCK, 0))
    assert not KIND.partly(same, None)  # type: ignore[arg-type]  # not read


def test_objects_out_of_reach_are_told_elsewhere(make_data):
    """Cats of 9 px, 3 px beside each other, lose their best anchor too. But no anchor fits them, and that is told already."""
    assert judge(crowded(make_data, 0.03, 0.01), STOCK, STOCK, 0) is None


def test_an_object_boxed_twice_is_not_its_own_neighbour(make_data):
    """Neither tiles nor another grid would separate the two boxes. Every second copy has the other class."""
    data = make_data(counts={"train": 40, "val": 40}, side={"cat": 0.2})
    cats = data.objects_in("train").query("class_id == 1")
    again = cats.assign(class_id=[1, 2] * 20, **{"class": ["cat", "dog"] * 20})
    twice = type(data)(data.classes, data.images, pd.concat([data.objects, again], ignore_index=True))
    assert judge(twice, STOCK, STOCK, 0) is None
    assert sum(len(ids) for _, ids in sampled(twice, 0)) == 80


@pytest.mark.parametrize("seed", range(100, 110))
def test_finds_nothing_in_clean_data(make_data, seed):
    finding = judge(make_data(seed=seed), STOCK, STOCK, 0)
    assert finding is None or finding.severity == "low"
