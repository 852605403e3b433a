# environment: data
"""Objects under 8 px at the input, by hand."""

import numpy as np
import pytest

from boxwright.diagnose.findings.anchors.tiny_objects import judge


@pytest.mark.parametrize(
    ("tiny", "severity"), [(0, None), (4, None), (5, "medium"), (49, "medium"), (50, "high"), (100, "high")]
)
def test_severity_grows_with_the_share_of_tiny_objects(tiny, severity):
    """8 px are not tiny."""
    finding = judge(np.array([7.9] * tiny + [8.0] * (100 - tiny)), "cat", 300)
    assert (finding and finding.severity) == severity
    assert not finding or finding.evidence[0].value == tiny / 100
