# environment: data
"""Held-out images that training has seen."""

import pytest

from boxwright.core import near_duplicates
from boxwright.diagnose.findings.split.split_leakage import judge


def found(data):
    images = data.images
    return judge(data, near_duplicates.same_pictures(images.filename.tolist(), images.dhash.tolist()))


@pytest.mark.parametrize(("leaked", "severity"), [(0, None), (3, "medium"), (4, "high")])
def test_severity_grows_with_the_share_that_leaked(make_data, leaked, severity):
    """Of 80 held-out images: four are 5 %."""
    data = make_data()
    for i in range(leaked):
        data.images.loc[160 + i, "dhash"] = data.images.dhash[i]
    finding = found(data)
    assert (finding and finding.severity) == severity
    assert not finding or (finding.evidence[0].value, finding.evidence[0].n) == (leaked / 80, 80)


def test_duplicates_within_training_do_not_leak(make_data):
    data = make_data()
    data.images.loc[1, "dhash"] = data.images.dhash[0]
    assert found(data) is None
