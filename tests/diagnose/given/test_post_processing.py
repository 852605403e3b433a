# environment: data
"""Objects that caps, thresholds and suppression throw away, on numbers worked out by hand."""

import pandas as pd
import pytest
from present import present

from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.given import detections_lost


def images_with(counts, classes=2, shift=0.0):
    """Images with so many objects each, of alternating classes; each box is shifted from the one before."""
    images = [
        {"image_id": i, "filename": f"{i}.jpg", "split": "train", "height": 300, "width": 300, "dhash": f"{i:016x}"}
        for i in range(len(counts))
    ]
    objects = [
        {
            "image_id": i,
            "split": "train",
            "class_id": k % classes + 1,
            "class": "ab"[k % classes],
            "ymin": 0.1,
            "ymax": 0.3,
        }
        | {"xmin": 0.1 + k * shift, "xmax": 0.3 + k * shift}
        for i, n in enumerate(counts)
        for k in range(n)
    ]
    return Data(tuple("ab"[:classes]), pd.DataFrame(images), pd.DataFrame(objects))


@pytest.mark.parametrize(
    ("per_class", "total", "lost"),
    [(100, 100, None), (4, 100, 2), (100, 6, 4), (4, 6, 4), (1, 2, 8)],
)
def test_counts_the_objects_beyond_the_caps(per_class, total, lost):
    """An image has 10 objects, 5 of each class; another has none too many."""
    found = detections_lost.capped(images_with([10, 2]), per_class, total)
    assert (found and round(found.evidence[0].value * 12)) == lost


@pytest.mark.parametrize(("most", "lost"), [(100, None), (10, None), (4, 6), (1, 10)])
def test_counts_the_boxes_that_training_drops(most, lost):
    found = detections_lost.boxes_dropped(images_with([10, 2]), most)
    assert (found and round(found.evidence[0].value * 12)) == lost


def test_counts_the_neighbours_that_suppression_removes():
    """Each box overlaps the next of its own class by 0.75 / 1.25 = 0.6, and the next of another class by 0.875 / 1.125 = 0.78."""
    data = images_with([4], shift=0.025)
    assert round(present(detections_lost.merged(data, 0.55, any_class=False)).evidence[0].value * 4) == 2
    assert detections_lost.merged(data, 0.65, any_class=False) is None
    assert round(present(detections_lost.merged(data, 0.65, any_class=True)).evidence[0].value * 4) == 2
    assert detections_lost.merged(data, 0.8, any_class=True) is None


@pytest.mark.parametrize(("score", "told"), [(1e-8, False), (0.01, False), (0.3, True), (0.6, True)])
def test_a_score_threshold_hides_detections(score, told):
    assert bool(detections_lost.hidden(score)) == told
