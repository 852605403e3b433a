# environment: data
"""Windows of background are told apart by their looks, on real pictures."""

from dataclasses import replace

import numpy as np
import pytest
from present import present

from boxwright.core.pretrained import slim_arrays
from boxwright.diagnose.embedding import backbone, backbone_crops, looks
from boxwright.diagnose.findings.data.other_backgrounds import told_apart


@pytest.fixture(scope="module")
def mixed(imagenet_weights, converted):
    """mixed(empty) -> looks of windows of blood smears and of photographs of cards. empty: whether each window's picture has no
    objects, from the set that it is of (0, 1) and a random number."""
    windows, sets, read = [], [], []
    for number, name in enumerate(("bccd_voc", "cards_voc")):
        records, data = converted(name)
        read.append(backbone_crops.read(records, data, 0))
        windows.append(read[-1].windows)
        sets += [number] * len(windows[-1])
    both, network = np.concatenate(windows), backbone.layers(slim_arrays.read(imagenet_weights))
    rows = np.arange(len(both))
    sampled = replace(read[-1], windows=both, window_picture=rows, empty=rows > 0)
    seen = looks.of(replace(sampled, objects=both[:0]), network)
    random = np.random.default_rng(0).random(len(both))

    def labelled(empty):
        return replace(seen, sampled=replace(sampled, empty=empty(np.array(sets), random)))

    return labelled


def test_photographs_are_no_backgrounds_of_smears(mixed):
    found = present(told_apart(mixed(lambda sets, random: sets == 1)))
    assert found.value > 0.95 and present(found.interval)[0] > 0.85


def test_a_random_half_is_not_told_from_the_other(mixed):
    found = present(told_apart(mixed(lambda sets, random: random < 0.5)))
    assert present(found.interval)[0] < 0.6


def test_few_empty_pictures_are_not_judged(mixed):
    assert told_apart(mixed(lambda sets, random: random < 0.1)) is None
