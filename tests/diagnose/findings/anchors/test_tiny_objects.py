# environment: data
"""Objects under 8 px at the input, by hand."""

import numpy as np
import pytest
from present import present

from boxwright.diagnose.findings.anchors.tiny_objects import judge


@pytest.mark.parametrize(
    ("tiny", "severity"), [(0, None), (4, None), (5, "medium"), (29, "medium"), (30, "high"), (100, "high")]
)
def test_severity_grows_with_the_share_of_tiny_objects(tiny, severity):
    """8 px are not tiny."""
    finding = judge(np.array([7.9] * tiny + [8.0] * (100 - tiny)), np.ones(100, int), ("cat",), [], 300)
    assert (finding and finding.severity) == severity
    assert not finding or finding.evidence[0].value == tiny / 100


def test_one_finding_for_all_classes_but_those_out_of_reach():
    pixels, ids = np.repeat([6.0, 7.0, 5.0, 50.0], 100), np.repeat([1, 2, 3, 4], 100)
    finding = present(judge(pixels, ids, ("ant", "bee", "mite", "cow"), [3], 300))
    assert finding.key == "tiny_objects" and "ant, bee are smaller than 8 px" in finding.title
    assert [row.subject for row in finding.evidence] == ["ant", "bee"]
    assert judge(pixels, ids, ("ant", "bee", "mite", "cow"), [1, 2, 3], 300) is None


def test_tiny_objects_out_of_reach_are_told_once(make_data, diagnosed):
    found = {f.id for f in diagnosed(make_data(side={"cat": 0.02}))[0].findings}
    assert "anchors_unreachable" in found and "tiny_objects" not in found
