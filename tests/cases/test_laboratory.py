# environment: data
"""The laboratory of reading: a mistake that is planted into a clean set is recognised, and a clean set raises no alarm.

The quick tests use two seeds for each mistake, the slow ones twenty, of which nineteen must be recognised. What is planted comes
from `misread_files` (units and orders) and `misread_sets` (everything else).
"""

import misread_files
import misread_sets
import pytest
from misread_boxes import FAULTS, RIGHT

from boxwright.core.runtime.errors import UserError

QUICK, ALL = range(2), range(20)
# The splits of a set are so small that TFDV may see a difference between them.
EXPECTED = {"tfdv_anomaly"}


@pytest.fixture
def outcome(tmp_path, read_case, judged):
    """What convert and validate say about a folder: the refusal, or the objects that are stored and the ids that are told."""

    def outcome(folder, **flags):
        try:
            read = read_case(folder, **flags)
        except UserError as refused:
            return misread_sets.Outcome(str(refused), {}, {}, frozenset(), frozenset())
        found = judged(read)
        told = {finding.id for finding in found.findings if finding.severity != "info"}
        told |= {notice["id"] for notice in read.converted.manifest["notices"] if notice["severity"] != "info"}
        splits = {split: read.split_of(split) for split in ("train", "val", "test")}
        stopping = frozenset(finding.id for finding in found.stopping)
        return misread_sets.Outcome("", read.boxes(), splits, frozenset(told), stopping)

    return outcome


def recognised(mistake, seeds, tmp_path, outcome) -> int:
    found = 0
    for seed in seeds:
        pictures = mistake.plant(tmp_path / f"set{seed}", seed)
        found += mistake.recognised(outcome(tmp_path / f"set{seed}", **(mistake.flags or {})), pictures)
    return found


@pytest.mark.parametrize("name", misread_sets.MISTAKES)
def test_a_planted_mistake_is_recognised(name, tmp_path, outcome):
    assert recognised(misread_sets.MISTAKES[name], QUICK, tmp_path, outcome) == len(QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("name", misread_sets.MISTAKES)
def test_a_planted_mistake_is_recognised_in_19_of_20(name, tmp_path, outcome):
    assert recognised(misread_sets.MISTAKES[name], ALL, tmp_path, outcome) >= 19


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_boxes_in_another_order_or_unit_stop_in_19_of_20(name, tmp_path, outcome):
    """`test_units_in_files` has the quick version."""
    sets = (misread_files.plant(tmp_path / f"set{seed}", name, seed, misread_sets.IMAGES) for seed in ALL)
    assert sum("boxes are wrong if read as" in outcome(folder).refused for folder in sets) >= 19


def alarms(format, seeds, tmp_path, outcome) -> list:
    """What is told of clean sets, but for their size. A notice of severity info is no alarm."""
    wrong = []
    for seed in seeds:
        pictures = misread_sets.clean(tmp_path / f"set{seed}", seed, format)
        found = outcome(tmp_path / f"set{seed}")
        wrong += [] if found.has_all(pictures) else [(seed, found.refused or "objects are missing")]
        wrong += [(seed, code) for code in sorted(found.told - EXPECTED)]
    return wrong


@pytest.mark.parametrize("format", RIGHT)
def test_clean_sets_raise_no_alarm(format, tmp_path, outcome):
    assert alarms(format, QUICK, tmp_path, outcome) == []


@pytest.mark.slow
@pytest.mark.parametrize("format", RIGHT)
def test_20_clean_sets_raise_no_alarm(format, tmp_path, outcome):
    assert alarms(format, ALL, tmp_path, outcome) == []
