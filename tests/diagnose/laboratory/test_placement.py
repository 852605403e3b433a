# environment: data
"""The flaw laboratory of boxes that lie beside their objects: in some pictures of each split, or in all of one split."""

from dataclasses import replace
from pathlib import Path

import drawn_looks
import drawn_placement
import numpy as np
import pytest

from boxwright.diagnose import diagnosis
from boxwright.diagnose.config import Config

ENOUGH = {"train": 130, "val": 60, "test": 60}
CLEAN = {"train": 0.0, "val": 0.0, "test": 0.0}
# flaw: the share of pictures whose boxes lie beside the objects, by split
FLAWS = {
    "labels of 30 % of the pictures": dict.fromkeys(CLEAN, 0.3),
    "labels of the test split": {**CLEAN, "test": 1.0},
}


def findings(make_data, beside, seed):
    data = make_data(counts=ENOUGH, seed=seed)
    random = np.random.default_rng(seed)
    looks = drawn_looks.of(data, data.objects_in("train").class_id.to_numpy(), seed)
    looks = replace(looks, placed=drawn_placement.of(data, beside, random))
    config = Config(records=Path("-"), tables=Path("-"), init="none", steps=600)
    return diagnosis.diagnose(data, diagnosis.diagnosed_training(data, config), config, looks=looks).diagnosis.findings


def rate(make_data, flaw, seeds):
    firsts = [findings(make_data, FLAWS[flaw], seed)[0] for seed in seeds]
    return np.mean([(first.key, first.severity) == ("misplaced_boxes", "high") for first in firsts])


def alarms(make_data, seeds):
    return np.mean(["misplaced_boxes" in {f.key for f in findings(make_data, CLEAN, seed)} for seed in seeds])


@pytest.mark.parametrize("flaw", FLAWS)
def test_boxes_beside_their_objects_come_first(make_data, flaw):
    assert rate(make_data, flaw, range(2)) == 1


def test_boxes_on_their_objects_raise_no_alarm(make_data):
    assert alarms(make_data, range(2)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("flaw", FLAWS)
def test_boxes_beside_come_first_in_9_of_10_seeds(make_data, flaw):
    assert rate(make_data, flaw, range(100, 120)) >= 0.9


@pytest.mark.slow
def test_right_boxes_raise_no_alarm_in_19_of_20_seeds(make_data):
    assert alarms(make_data, range(100, 120)) <= 0.05
