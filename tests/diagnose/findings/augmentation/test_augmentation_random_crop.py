# environment: data
"""`ssd_random_crop`: how much it spoils, by hand, and that the remedy is what augment does."""

import re

import pytest

from boxwright.augment import policy
from boxwright.core import recipe as recipes
from boxwright.diagnose.findings.augmentation import augmentation_random_crop


def found(data, seed=0):
    finding = augmentation_random_crop.judge(data, seed)
    assert finding
    return finding, {evidence.metric: evidence.value for evidence in finding.evidence}


def test_an_object_in_a_corner_is_lost(make_data):
    """One draw in seven accepts windows without any object, and most windows miss a corner."""
    data = make_data(per_image={"cat": 1})
    data.objects[["ymin", "xmin", "ymax", "xmax"]] = (0.9, 0.9, 0.95, 0.95)
    _, value = found(data)
    assert 0.05 < value["objects lost"] < 0.85 / 7


def test_many_objects_are_lost_or_cut(make_data):
    finding, value = found(make_data(per_image={"cat": 12, "dog": 12}))
    assert finding.severity == "high" and value["objects lost"] > 0.3


@pytest.mark.parametrize("seed", range(3))
def test_a_few_objects_in_the_middle_are_no_severe_problem(make_data, seed):
    finding, _ = found(make_data(seed=seed), seed)
    assert finding.severity in ("low", "medium")


def test_another_seed_gives_the_same_shares(make_data):
    data = make_data(per_image={"cat": 3, "dog": 2})
    shares = [found(data, seed)[1]["objects lost or cut"] for seed in range(4)]
    assert max(shares) - min(shares) < 0.02


@pytest.mark.parametrize("name", ["ssd_random_crop", "random_horizontal_flip"])
def test_speaks_only_of_a_training_that_has_it(make_data, diagnosed, tmp_path, name):
    stock = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600)
    options = tuple(option for option in stock.augmentation if option.name == name)
    recipes.write(stock.model_copy(update={"augmentation": options}), tmp_path / "recipe.yaml")
    diagnosis, _, _ = diagnosed(make_data(), given=tmp_path / "recipe.yaml")
    assert (augmentation_random_crop.ID in {finding.id for finding in diagnosis.findings}) == (
        name == "ssd_random_crop"
    )


def test_the_remedy_is_what_augment_does(make_data):
    """The shares that the remedy names are those of the crop that augment chooses."""
    finding, _ = found(make_data())
    options = policy._crop().options
    named = [int(share) for share in re.findall(r"(\d+)%", finding.remedy)]
    assert named == [round(100 * options[name]) for name in ("least_area", "visible")]
    assert "boxwright augment" in finding.remedy
