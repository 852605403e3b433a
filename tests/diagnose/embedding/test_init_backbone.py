# environment: data
"""Weights that cannot be read are no error of diagnose; it says what was not judged."""

import numpy as np
import pytest
import tiny_backbone

from boxwright.core import recipe
from boxwright.diagnose.embedding import init_backbone

STOCK = recipe.stock("ssd_mobilenet_v1_ppn", ["cat"], steps=600)


def test_weights_of_a_file_are_read(tmp_path):
    np.savez(tmp_path / "init.npz", **tiny_backbone.arrays())
    found = init_backbone.read(str(tmp_path / "init.npz"), STOCK)
    assert len(found.layers) == 27 and not found.why_not


@pytest.mark.parametrize(
    ("init", "why"),
    [("none", "from scratch"), ("missing.npz", "no such file"), ("text.npz", "these are not initial weights")],
)
def test_other_weights_are_a_reason(tmp_path, monkeypatch, init, why):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.npz").write_text("no weights")
    found = init_backbone.read(init, STOCK)
    assert not found.layers and why in found.why_not


def test_another_network_is_a_reason(tmp_path):
    other = recipe.stock("ssd_mobilenet_v2", ["cat"], steps=600)
    assert "MobileNet v2" in init_backbone.read("init.npz", other).why_not
