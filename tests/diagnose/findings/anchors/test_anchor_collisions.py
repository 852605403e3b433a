# environment: data
"""Objects that get no anchor because a neighbour gets it."""

import pandas as pd
import pytest

from boxwright.core import recipe as recipes
from boxwright.diagnose.findings.anchors.anchor_collisions import judge
from boxwright.diagnose.measures.anchor_assignment import sampled

STOCK = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600)


def test_finds_neighbours_in_one_cell(make_data):
    """In forty images a second cat is 3 px beside the first. Both are small and have the same best anchor, unless the border of
    two cells is between them. The dogs are alone."""
    data = make_data(counts={"train": 40, "val": 40}, side={"cat": 0.03})
    cats = data.objects[data.objects.class_id == 1]
    beside = cats.assign(xmin=cats.xmin + 0.01, xmax=cats.xmax + 0.01)
    crowded = type(data)(data.classes, data.images, pd.concat([data.objects, beside], ignore_index=True))
    (finding,) = filter(None, judge(crowded, STOCK, STOCK, 0))
    assert (finding.key, finding.severity) == ("anchor_collisions.cat", "high")
    assert 0.35 < finding.evidence[0].value <= 0.5 and finding.evidence[0].n == 80
    assert finding.evidence[0].value == finding.evidence[1].value and "No grid of this model" in finding.remedy


def test_an_object_boxed_twice_is_not_its_own_neighbour(make_data):
    """Neither tiles nor another grid would separate the two boxes. Every second copy has the other class."""
    data = make_data(counts={"train": 40, "val": 40}, side={"cat": 0.03})
    cats = data.objects_in("train").query("class_id == 1")
    again = cats.assign(class_id=[1, 2] * 20, **{"class": ["cat", "dog"] * 20})
    twice = type(data)(data.classes, data.images, pd.concat([data.objects, again], ignore_index=True))
    assert not list(filter(None, judge(twice, STOCK, STOCK, 0)))
    assert sum(len(ids) for _, ids in sampled(twice, 0)) == 80


@pytest.mark.parametrize("seed", range(100, 120))
def test_finds_nothing_in_clean_data(make_data, seed):
    found = judge(make_data(seed=seed), STOCK, STOCK, 0)
    assert not [finding for finding in found if finding and finding.severity != "low"]
