"""What diagnose computes without the OD API, against the OD API (train environment)."""

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("object_detection", reason="the OD API is in the train environment")

from boxwright.core import recipe as recipes  # noqa: E402
from boxwright.diagnose import given  # noqa: E402

CLASSES = ["cat", "dog"]


@pytest.mark.parametrize("model", recipes.MODELS)
def test_as_the_od_api_writes_it(model, tmp_path):
    """The config that training makes of a recipe, printed by protobuf and read back here, to the precision of its floats."""
    from boxwright.core.od.config import pipeline_config

    recipe = recipes.stock(model, CLASSES, steps=600)
    file = tmp_path / "pipeline.config"
    file.write_text(str(pipeline_config(recipe)))
    now = given.read(file, CLASSES).recipe
    assert now.learning_rate.model_dump() == pytest.approx(recipe.learning_rate.model_dump(), rel=1e-6)
    assert now.anchors.scales == pytest.approx(recipe.anchors.scales, rel=1e-6)
    assert now.anchors.aspect_ratios == pytest.approx(recipe.anchors.aspect_ratios, rel=1e-6)
    same = ("model", "grid", "input_size", "batch_size", "steps")
    assert [getattr(now, name) for name in same] == [getattr(recipe, name) for name in same]
