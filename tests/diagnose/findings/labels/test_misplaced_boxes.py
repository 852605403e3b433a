# environment: data
"""Boxes beside their objects, from scores that are worked out by hand and on real sets."""

from dataclasses import replace

import numpy as np
import pytest
from present import present

from boxwright.core.pretrained import slim_arrays
from boxwright.core.records import tfrecords
from boxwright.diagnose.data import SIDES, Data
from boxwright.diagnose.embedding import backbone, placement
from boxwright.diagnose.findings.labels import cornered_boxes, misplaced_boxes
from boxwright.diagnose.measures.beside import Beside, measure


def split(*groups, wins=0.95, apart=0.95, sight=0.9):
    """groups: (mean score, pictures). Two boxes a picture. wins: the share of boxes that look more like a box."""
    means = np.concatenate([np.full(n, score) for score, n in groups])
    boxes = 2 * len(means)
    names = np.array([f"{number}.jpg" for number in range(len(means))], object)
    won = np.random.default_rng(0).permutation(boxes) < wins * boxes
    return Beside(won, np.arange(boxes) // 2, apart, sight, means, names, np.zeros((len(means), 4)))


@pytest.mark.parametrize(
    ("found", "severity"),
    [
        (split((0.8, 100)), None),
        (split((0.8, 85), (-0.5, 15)), "high"),
        (split((0.8, 92), (-0.5, 8)), "medium"),
        (split((0.8, 75), (-0.5, 15), (0.0, 10)), "high"),
        (split((0.8, 70), (-0.5, 15), (0.0, 15)), None),  # one heap around 0: hard to see
        (split((0.8, 97), (-0.5, 3)), None),  # too few
        (split((0.8, 85), (-0.5, 15), apart=0.7), None),  # boxes are not told from other places
        (split((0.2, 100), wins=0.5), "high"),
        (split((0.2, 100), wins=0.85), None),
        (split((0.2, 10), wins=0.6), None),  # too few to be sure
    ],
)
def test_misplaced_are_a_heap_of_pictures_or_a_split(found, severity):
    judged = misplaced_boxes.judge({"train": found}, 0)
    assert (judged and judged.severity) == severity


def test_one_finding_names_the_splits_and_files():
    found = {"train": split((0.8, 85), (-0.5, 15)), "test": split((0.1, 60), wins=0.5)}
    judged = present(misplaced_boxes.judge(found, 0))
    assert judged.title == "The boxes of test do not lie on their objects"
    assert [row.subject for row in judged.evidence] == ["test", "train"]
    assert {f"{number}.jpg" for number in range(85, 100)} <= set(judged.items)


def test_boxes_that_the_weights_cannot_see_are_not_judged():
    blind = split((0.0, 100), wins=0.5, apart=0.5, sight=0.5)
    judged = present(misplaced_boxes.judge({"train": blind, "val": blind}, 0))
    assert (judged.severity, judged.title) == (
        "low",
        "It cannot be judged whether the boxes of train and val lie on their objects",
    )
    seen = split((0.8, 100))
    assert present(misplaced_boxes.judge({"train": seen, "val": blind}, 0)).severity == "high", (
        "train shows that they see"
    )


def test_a_moved_box_stays_in_the_picture():
    random = np.random.default_rng(0)
    aside = present(placement.moved(np.array([0.0, 0.0, 0.4, 0.4]), random))
    assert aside.min() >= 0 and np.hypot(aside[0], aside[1]) == pytest.approx(0.24)
    assert placement.moved(np.array([0.0, 0.0, 1.0, 1.0]), random) is None


def test_elsewhere_meets_no_box():
    boxes = np.array([[0.0, 0.0, 0.3, 1.0], [0.7, 0.0, 1.0, 1.0]])
    found = present(placement.elsewhere(np.array([0.0, 0.0, 0.3, 0.3]), boxes, np.random.default_rng(0)))
    assert found[0] >= 0.3 and found[2] <= 0.7
    assert placement.elsewhere(boxes[0], np.array([[0.0, 0.0, 1.0, 1.0]]), np.random.default_rng(0)) is None


@pytest.fixture(scope="module")
def placed(imagenet_weights, converted):
    """placed(name) -> the placed boxes of a shared set."""

    def read(name):
        records, data = converted(name)
        network = backbone.layers(slim_arrays.read(imagenet_weights))
        return placement.read(records, data, network, 0)

    return read


@pytest.mark.parametrize("name", ["bccd_voc", "cards_voc", "rbcwbc_coco"])
def test_boxes_of_real_sets_lie_on_their_objects(placed, name):
    found = measure(placed(name))
    assert "train" in found and misplaced_boxes.judge(found, 0) is None


@pytest.mark.parametrize(("share", "title"), [(0.3, "The boxes lie beside"), (1.0, "The boxes of train, val and test")])
def test_exchanged_labels_of_blood_cells_are_found(placed, monkeypatch, share, title):
    real = tfrecords.read

    def exchanged(records, of):
        """The boxes of this share of the pictures, each with the boxes of the next one of them."""
        found = list(real(records, of))
        chosen = np.random.default_rng(0).permutation(len(found))[: round(share * len(found))]
        boxes = {a: found[b].boxes_yxyx for a, b in zip(chosen, np.roll(chosen, 1), strict=True)}
        return (replace(one, boxes_yxyx=boxes.get(row, one.boxes_yxyx)) for row, one in enumerate(found))

    monkeypatch.setattr(tfrecords, "read", exchanged)
    judged = present(misplaced_boxes.judge(measure(placed("bccd_voc")), 0))
    assert judged.severity == "high" and judged.title.startswith(title)


@pytest.mark.parametrize("name", ["bccd_voc", "cards_voc", "rbcwbc_coco"])
def test_boxes_of_real_sets_are_not_in_the_corner(converted, name):
    assert cornered_boxes.judge(converted(name)[1]) is None


def test_real_boxes_that_lost_their_place_are_found(converted):
    data = converted("bccd_voc")[1]
    objects = data.objects.copy()
    lost = objects.index[objects.split == "train"][::10]
    size = objects.loc[lost, ["ymax", "xmax"]].to_numpy() - objects.loc[lost, ["ymin", "xmin"]].to_numpy()
    objects.loc[lost, SIDES] = np.concatenate([np.zeros_like(size), size], axis=1)
    judged = present(cornered_boxes.judge(Data(data.classes, data.images, objects)))
    assert judged.severity == "high" and "of the training boxes lie in the top left corner" in judged.title
    assert 0 <= judged.evidence[0].value * judged.evidence[0].n - len(lost) < 50, "some real cells lie there, too"
