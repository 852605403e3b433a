"""What is measured on the training images."""

import numpy as np
import pytest

from boxwright.augment import measure, policy
from boxwright.augment.effect import effect_size
from boxwright.core.errors import UserError


def test_effect_size():
    assert effect_size(np.array([1.0, 3.0] * 4)) == pytest.approx(2 / np.std([1, 3] * 4, ddof=1))
    assert effect_size(np.arange(7.0)) is None
    assert effect_size(np.zeros(8)) == 0.0
    assert effect_size(-np.ones(8)) == -np.inf


def test_facts_of_upright_objects(tiny_records):
    facts = measure.facts(tiny_records, 128)
    assert (facts.images, facts.height, facts.width, facts.grey) == (8, 120, 160, False)
    assert facts.aspect == (pytest.approx(4 / 3), pytest.approx(4 / 3))
    assert facts.small == 0.0 and facts.spread == 1.0 and facts.images_of == {"box": 8, "pole": 8}
    assert {name: upright.n for name, upright in facts.upright.items()} == {"box": 8, "pole": 8}


def test_a_class_not_among_the_images_looked_at_is_unmeasured(tiny_records, monkeypatch):
    """Only 7 of the 8 images are looked at, one crop too few a class."""
    monkeypatch.setattr(measure, "_IMAGES", 7)
    facts = measure.facts(tiny_records, 128)
    assert {upright.d for upright in facts.upright.values()} == {None}
    assert "random_vertical_flip" not in [option.name for option in policy.choose(facts, ("box", "pole"), ())]


def test_no_training_images(tmp_path):
    with pytest.raises(UserError, match="no training images"):
        measure.facts(tmp_path, 128)
