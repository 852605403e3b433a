# environment: data
"""Damaged data sets, records, tables and artifacts end in a result or in a sentence. `make fuzz` tries many more."""

import convert_targets
import data_targets
import pytest
from target import faults

TARGETS = (*convert_targets.TARGETS, *data_targets.TARGETS)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_damaged_files_are_read_or_refused(target, tmp_path):
    assert faults(target, tmp_path) == []
