# environment: data
"""Exposure per epoch and repeat factors, by hand."""

import numpy as np
import pandas as pd

from boxwright.core import repeat_factors as factors
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings import class_balance
from boxwright.diagnose.plan import repeats

# 16 images with two cats each, one of them with a dog: cats are in all images, dogs in a sixteenth: sqrt(16) = 4.
COUNTS = np.array([[2, 0]] * 15 + [[2, 1]])


def test_contents_and_the_finding(make_data):
    """Once: 1 dog of 33 objects. Repeated: the last image four times, 4 dogs of 15 * 2 + 4 * 3."""
    data = make_data()
    rows = [{"image_id": i, "split": "train", "class_id": 1, "class": "cat"} for i in range(16) for _ in range(2)]
    rows += [{"image_id": 15, "split": "train", "class_id": 2, "class": "dog"}]
    data = Data(("cat", "dog"), data.images, pd.DataFrame(rows))
    assert repeats.contents(data).tolist() == COUNTS.tolist()
    found = class_balance.imbalance(data)
    assert [e.value for e in found.evidence] == [32.0, round(1 / 33, 5), round(4 / 42, 5), 4.0]
    assert "rises from 3.0% to 9.5%" in found.remedy and "+3.2 and +7.1 AP" in found.expected_effect
    given = class_balance.imbalance(data, repeated_already=True)
    assert given.remedy.startswith("Add pictures with dog: this recipe shows those there are more often already")
    assert given.expected_effect.startswith("not measured here")


def test_repeats_are_of_no_use_where_the_classes_share_their_images(make_data):
    """A dog in every image: no image is rarer than another."""
    data = make_data()
    rows = [{"image_id": i, "split": "train", "class_id": 1, "class": "cat"} for i in range(16) for _ in range(20)]
    rows += [{"image_id": i, "split": "train", "class_id": 2, "class": "dog"} for i in range(16)]
    data = Data(("cat", "dog"), data.images, pd.DataFrame(rows))
    assert not repeats.repeats(data).worth_it
    assert "from 4.8% to 4.8% only: dog stands beside cat" in class_balance.imbalance(data).remedy


def test_the_plan_repeats_where_it_is_of_use(make_data, diagnosed):
    counts = {"counts": {"train": 900, "val": 40}}
    apart = make_data(**counts, per_image={"cat": 2, "dog": 1 / 15}, side={"cat": 0.15})
    together = make_data(per_image={"cat": 15, "dog": 1}, side={"cat": 0.15})
    recipes = [diagnosed(data)[1] for data in (apart, together)]
    assert [recipe.max_repeats for recipe in recipes] == [factors.MOST, 1]
    (change,) = [c for c in recipes[0].changes if c.field == "max_repeats"]
    assert change.findings == ("imbalance",)


def test_a_recipe_that_repeats_is_not_told_to(make_data, diagnosed, tmp_path):
    from boxwright.core import recipe as recipes

    data = make_data(counts={"train": 900, "val": 40}, per_image={"cat": 2, "dog": 1 / 15}, side={"cat": 0.15})
    given = recipes.stock("ssd_mobilenet_v1_ppn", data.classes, steps=3_000).model_copy(update={"max_repeats": 10})
    recipes.write(given, tmp_path / "recipe.yaml")
    (told,) = [f for f in diagnosed(data, given=str(tmp_path / "recipe.yaml"))[0].findings if f.key == "imbalance"]
    assert "more often already" in told.remedy
