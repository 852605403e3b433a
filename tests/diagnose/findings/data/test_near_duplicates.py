# environment: data
"""Training images that show the same picture, by hand."""

import pytest

from boxwright.core import near_duplicates
from boxwright.diagnose.findings.data.near_duplicates import judge


@pytest.mark.parametrize(
    ("distinct", "severity"), [(96, None), (95, "low"), (71, "low"), (70, "medium"), (1, "medium")]
)
def test_severity_grows_with_the_duplicates(distinct, severity):
    finding = judge(100, distinct)
    assert (finding and finding.severity) == severity
    assert not finding or finding.evidence[0].value == distinct


def test_versions_by_roboflow_get_another_remedy_than_frames():
    made, frames = judge(100, 40, 50), judge(100, 40, 10)
    assert made and frames
    assert "50 are further versions that Roboflow made" in made.claim and "without augmentation" in made.remedy
    assert "Roboflow" not in frames.claim and "other places" in frames.remedy


def test_duplicates_by_hash_and_by_name(make_data):
    """160 training images: 40 duplicates by hash (one bit off), 20 more by Roboflow's suffix. 100 pictures remain."""
    images = make_data().images_in("train").copy()
    for i in range(40):
        images.loc[40 + i, "dhash"] = f"{int(images.dhash[i], 16) ^ 1:016x}"
    for i in range(20):
        images.loc[100 + i, "filename"] = f"a{i}_jpg.rf.1.jpg"
        images.loc[120 + i, "filename"] = f"a{i}_jpg.rf.2.jpg"
    same = near_duplicates.same_pictures(images.filename.tolist(), images.dhash.tolist())
    assert len(set(same.groups)) == 100
