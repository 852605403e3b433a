# environment: data
"""Exposure per epoch and repeat factors, by hand."""

import numpy as np
import pandas as pd

from boxwright.core import recipe as recipes
from boxwright.core import repeat_factors
from boxwright.diagnose.data import Data
from boxwright.diagnose.plan import repeats

# 16 images with two cats each, one of them with a dog. Cats are in all images, dogs in a sixteenth: sqrt(16) = 4.
COUNTS = np.array([[2, 0]] * 15 + [[2, 1]])


def test_counts_the_objects_of_each_image(make_data):
    rows = [{"image_id": i, "split": "train", "class_id": 1, "class": "cat"} for i in range(16) for _ in range(2)]
    rows += [{"image_id": 15, "split": "train", "class_id": 2, "class": "dog"}]
    assert repeats.contents(Data(("cat", "dog"), make_data().images, pd.DataFrame(rows))).tolist() == COUNTS.tolist()


def test_the_plan_repeats_only_if_it_helps(make_data, diagnosed):
    apart = make_data(counts={"train": 900, "val": 40}, per_image={"cat": 2, "dog": 1 / 15}, side={"cat": 0.15})
    together = make_data(per_image={"cat": 15, "dog": 1}, side={"cat": 0.15})
    assert (repeats.repeats(apart).worth(1), repeats.repeats(together).worth(1)) == (True, False)
    recipes = [diagnosed(data)[1] for data in (apart, together)]
    assert [recipe.max_repeats for recipe in recipes] == [repeat_factors.MOST, 1]
    (change,) = [c for c in recipes[0].changes if c.field == "max_repeats"]
    assert change.findings == ("imbalance",)


def test_keeps_the_repeats_of_a_given_recipe(make_data, diagnosed, tmp_path):
    data = make_data(counts={"train": 900, "val": 40}, per_image={"cat": 2, "dog": 1 / 15}, side={"cat": 0.15})
    given = recipes.stock("ssd_mobilenet_v1_ppn", data.classes, steps=3_000).model_copy(update={"max_repeats": 10})
    recipes.write(given, tmp_path / "recipe.yaml")
    (finding,) = [f for f in diagnosed(data, given=str(tmp_path / "recipe.yaml"))[0].findings if f.id == "imbalance"]
    assert "already repeats the existing ones" in finding.remedy
