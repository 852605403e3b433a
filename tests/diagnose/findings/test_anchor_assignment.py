# environment: data
"""Who gets which anchor, by hand (against the OD API's matcher: test_parity.py), and the finding on objects that get none."""

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.diagnose.findings import anchor_assignment

# Two anchors side by side, and one far away.
ANCHORS = np.array([[0, 0, 10, 10], [0, 10, 10, 20], [50, 50, 60, 60]], float)
STOCK = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600)


@pytest.mark.parametrize(
    ("boxes", "owner"),
    [
        ([[0, 0, 10, 10]], [0, -1, -1]),  # matched at IoU 1
        ([[0, 0, 4, 4]], [0, -1, -1]),  # IoU .16: forced
        ([[0, 0, 10, 20]], [0, 0, -1]),  # .5 with both
        ([[0, 0, 4, 4], [5, 5, 9, 9]], [0, -1, -1]),  # one best anchor: the first has it, the second goes empty-handed
        ([[0, 0, 4, 4], [0, 0, 10, 10]], [0, -1, -1]),  # even of one that it fits
        ([[0, 0, 10, 10], [0, 9, 10, 19]], [0, 1, -1]),
    ],
)
def test_assigned(boxes, owner):
    assert anchor_assignment.assign(np.array(boxes, float), ANCHORS).tolist() == owner


def test_positives():
    assert anchor_assignment.positives(
        np.array([[0, 0, 4, 4], [5, 5, 9, 9], [0, 10, 10, 20]], float), ANCHORS
    ).tolist() == [
        1,
        0,
        1,
    ]


def test_neighbours_in_one_cell(make_data):
    """Forty images in which a second cat lies 3 px beside the first: both are small, and the anchor is the same, but where the
    border of two cells lies between them. The dogs are alone."""
    import pandas as pd

    data = make_data(counts={"train": 40, "val": 40}, side={"cat": 0.03})
    cats = data.objects[data.objects.class_id == 1]
    beside = cats.assign(xmin=cats.xmin + 0.01, xmax=cats.xmax + 0.01)
    crowded = type(data)(data.classes, data.images, pd.concat([data.objects, beside], ignore_index=True))
    (finding,) = anchor_assignment.findings(crowded, STOCK, STOCK, 0)
    assert (finding.key, finding.severity) == ("anchor_collisions.cat", "high")
    assert 0.35 < finding.evidence[0].value <= 0.5 and finding.evidence[0].n == 80
    assert finding.evidence[0].value == finding.evidence[1].value and "No grid of this model" in finding.remedy


def test_an_object_that_is_boxed_twice_is_no_neighbour_of_itself(make_data):
    """To cut the pictures into tiles, or another grid, would tell nothing apart. Every second copy has the other class."""
    import pandas as pd

    data = make_data(counts={"train": 40, "val": 40}, side={"cat": 0.03})
    cats = data.objects_in("train").query("class_id == 1")
    again = cats.assign(class_id=[1, 2] * 20, **{"class": ["cat", "dog"] * 20})
    twice = type(data)(data.classes, data.images, pd.concat([data.objects, again], ignore_index=True))
    assert not anchor_assignment.findings(twice, STOCK, STOCK, 0)
    assert sum(len(ids) for _, ids in anchor_assignment.sampled(twice, 0)) == 80


@pytest.mark.parametrize("seed", range(100, 120))
def test_nothing_is_said_of_clean_data(make_data, seed):
    assert not [f for f in anchor_assignment.findings(make_data(seed=seed), STOCK, STOCK, 0) if f.severity != "low"]


def test_at_most_five_hundred_images_are_looked_at(make_data):
    images = anchor_assignment.sampled(make_data(counts={"train": 600, "val": 1}, side={"cat": 0.1}), 0)
    assert len(images) == 500
    assert all(len(ids) == 2 and set(ids) == {1, 2} for _, ids in images)
