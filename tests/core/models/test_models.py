# environment: authoring
"""The registry of models: names, aliases, and facts that belong together."""

import subprocess
import sys

import pytest

from boxwright.core import models, recipe
from boxwright.core.models import model as model_types
from boxwright.core.runtime.errors import UserError


def test_default_model_is_offered_first():
    assert models.NAMES == ("ssd_mobilenet_v1_ppn", "ssd_mobilenet_v1", "ssd_mobilenet_v2")
    assert models.NAMES[0] == models.DEFAULT


def test_finds_a_model_by_name_and_alias():
    assert models.get("ssd_mobilenet_v1_pnp") is models.get("ssd_mobilenet_v1_ppn")


def test_unknown_model_is_refused_with_the_names():
    with pytest.raises(UserError, match="no model 'yolo'; choose one of ssd_mobilenet_v1_ppn, ssd_mobilenet_v1, ssd_"):
        models.get("yolo")


def test_names_need_no_library():
    """Every command line imports them."""
    code = "import sys, boxwright.core.models; print({'numpy', 'pydantic', 'yaml', 'tensorflow'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True).stdout == "set()\n"


@pytest.mark.parametrize("name", models.NAMES)
def test_each_model_has_a_stock_recipe(name):
    stock = recipe.stock(name, ["a"], steps=100)
    assert stock.grid in models.get(name).grids
    assert stock.learning_rate.base == pytest.approx(models.get(name).zoo.rate * 8 / models.get(name).zoo.batch)


def test_extractors_are_distinct():
    extractors = [grid.extractor for model in models.MODELS.values() for grid in model.grids.values()]
    assert len(set(extractors)) == len(extractors)


@pytest.mark.parametrize(("grid", "stride"), [("stride16", 16), ("stride8", 8)])
def test_first_stride_is_in_the_grids_name(grid, stride):
    assert model_types.first_stride(grid) == stride
