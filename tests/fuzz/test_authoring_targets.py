# environment: authoring
"""Damaged records of runs and flags end in a result or in a sentence. `make fuzz` tries many more."""

import pytest
from authoring_targets import TARGETS
from target import faults


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_damaged_files_are_read_or_refused(target, tmp_path):
    assert faults(target, tmp_path) == []
