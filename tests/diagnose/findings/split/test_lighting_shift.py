# environment: data
"""A split in another light: planted, and absent."""

import numpy as np
import pytest
from present import present

from boxwright.diagnose.findings.split.lighting_shift import judge


def test_finds_a_dark_split(make_data):
    finding = present(judge(make_data(brightness={"val": 0.2})))
    assert finding.severity == "high" and "The val images are darker" in finding.title
    assert finding.evidence[0].value == pytest.approx(1.0, abs=0.05)


def test_ignores_an_invisible_difference_in_light(make_data):
    """One fixed camera: 0.51 against 0.52, and no two images alike."""
    data = make_data()
    val = data.images.split == "val"
    data.images["brightness"] = np.where(val, 0.51, 0.52) + np.linspace(0, 0.004, len(val))
    assert judge(data) is None


def test_finds_nothing_in_images_without_measures(make_data):
    data = make_data()
    data.images["brightness"] = None
    assert judge(data) is None
