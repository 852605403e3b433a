# environment: authoring
"""The registry of models: names, aliases, and facts that belong together."""

import subprocess
import sys

import pytest

from boxwright.core import models, recipe
from boxwright.core.models import model as model_types
from boxwright.core.runtime.errors import UserError


def test_default_model_is_offered_first():
    default, *others = models.NAMES
    assert default == models.DEFAULT and others == sorted(others)


def test_finds_a_model_by_name_and_alias():
    assert models.get("ssd_mobilenet_v1_pnp") is models.get("ssd_mobilenet_v1_ppn")


def test_unknown_model_is_refused_with_the_names():
    with pytest.raises(UserError, match=f"no model 'yolo'; choose one of {', '.join(models.NAMES)}$"):
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


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("", r"model name 'ssd_mobilenet_v2' is used twice, in models/ships\.py and models/ssd_mobilenet_v2\.py"),
        (
            "name='ships', aliases=('ssd_mobilenet_v2',)",
            r"model name 'ssd_mobilenet_v2' is used twice, in models/ships\.py",
        ),
        (
            "name='ships'",
            r"extractor 'ssd_mobilenet_v2_keras' is used twice, in models/ships\.py and models/ssd_mobilenet_v2",
        ),
        (
            "grids={'stride8': FeatureGrid(extractor='ships')}",
            r"models/ships\.py: the first grid must be stride16.*; got stride8",
        ),
        ("grids={}", r"models/ships\.py: the first grid must be stride16.*; got none"),
    ],
)
def test_refuses_a_model_that_it_cannot_use(add_module, change, says):
    text = "from dataclasses import replace\nfrom boxwright.core.models.model import FeatureGrid\n"
    text += "from boxwright.core.models import ssd_mobilenet_v2\n"
    add_module(models, "ships", f"{text}MODEL = replace(ssd_mobilenet_v2.MODEL, {change})\n")
    with pytest.raises(RuntimeError, match=says):
        models._registered()


def test_refuses_a_module_without_model(add_module):
    add_module(models, "ships", "MODELS = 1\n")
    with pytest.raises(
        RuntimeError, match=r"models/ships\.py defines no MODEL; see components/README\.md, Add a model"
    ):
        models._registered()


@pytest.mark.parametrize(("grid", "stride"), [("stride16", 16), ("stride8", 8)])
def test_first_stride_is_in_the_grids_name(grid, stride):
    assert model_types.first_stride(grid) == stride
