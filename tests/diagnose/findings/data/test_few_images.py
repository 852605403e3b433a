# environment: data
"""Few different training images, by hand."""

import pytest
from present import present

from boxwright.diagnose.findings.data.few_images import judge


@pytest.mark.parametrize(("n", "severity"), [(12, "high"), (29, "high"), (30, "medium"), (99, "medium"), (100, None)])
def test_severity_grows_as_images_get_fewer(n, severity):
    finding = judge(n, 0)
    assert (finding and finding.severity) == severity
    assert not finding or finding.evidence[0].value == n


def test_says_how_many_images_could_not_be_compared():
    """They were not measured, so near-duplicates among them are unknown."""
    assert "20 pictures (near-duplicates left out)" in present(judge(20, 0)).claim
    assert "(near-duplicates left out, but 20 images could not be compared)" in present(judge(20, 20)).claim
