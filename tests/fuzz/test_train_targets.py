# environment: train
"""Damaged weights, models and records end in a result or in a sentence. `make fuzz` tries many more."""

import pytest
from target import faults
from train_targets import TARGETS


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_damaged_files_are_read_or_refused(target, tmp_path):
    assert faults(target, tmp_path) == []
