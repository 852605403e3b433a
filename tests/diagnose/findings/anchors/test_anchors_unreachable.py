# environment: data
"""Objects out of reach: too small, or too long and thin. What the finding says, and what the plan does about it."""

import numpy as np
import pytest
from shapes import stretch

from boxwright.core import recipe as recipes
from boxwright.core.recipe import Anchors
from boxwright.diagnose.measures import misfit


def finding(diagnosis):
    return next(f for f in diagnosis.findings if f.id == "anchors_unreachable")


def test_reasons_by_hand():
    """Anchors of 30 to 150 px: 7 px is tiny, 40 px at 4:1 is long, 20 px is small, 300 px large, 60 px at 2:1 between."""
    recipe = recipes.stock("ssd_mobilenet_v1_ppn", ["cat"], steps=600).model_copy(
        update={"anchors": Anchors(scales=(0.1, 0.5), aspect_ratios=(1.0,), interpolated_aspect_ratio=0)}
    )
    assert misfit.anchor_sides(recipe) == pytest.approx((30, 150))
    pixels, ratios = np.array([7.0, 40, 20, 300, 60]), np.array([5.0, 4, 1, 1, 2])
    words = [misfit.WORDS[reason] for reason in misfit.reasons(pixels, ratios, recipe)]
    assert [word.split()[1] for word in words] == ["small", "long", "small", "large", "the"]


@pytest.mark.parametrize("ratio", [6, 1 / 6])
def test_long_objects_are_called_long_and_the_plan_fits_them(make_data, diagnosed, ratio):
    """Cats of 45 px by area, six times as long as wide. Ratios up to 3.3 leave a third of them out of reach."""
    diagnosis, recipe, _ = diagnosed(stretch(make_data(side={"cat": 0.15}), ratio))
    said = finding(diagnosis)
    assert "cat: they are too long and thin" in said.title and "of them are longer than 3:1" in said.claim
    assert max(max(r, 1 / r) for r in recipe.anchors.aspect_ratios) > 3.3
    assert diagnosis.unreachable["used"]["cat"] < 0.05
    assert ("anchors_unreachable",) in [c.findings for c in recipe.changes if c.field == "anchors.aspect_ratios"]


def test_small_objects_are_called_small(make_data, diagnosed):
    said = finding(diagnosed(make_data(side={"cat": 0.06}))[0])
    assert "cat: they are too small" in said.title and "longer than 3:1" not in said.claim


def test_each_class_has_its_reason(make_data, diagnosed):
    said = finding(diagnosed(stretch(make_data(side={"cat": 0.15, "dog": 0.05}), 7))[0])
    assert "dog (too small)" in said.title and "cat (too long and thin)" in said.title
    assert {row.subject for row in said.evidence if row.subject} == {"cat", "dog"}


def test_says_that_the_input_squeezes_wide_images(make_data, diagnosed):
    """Cats of 1.5:1 upright in images of 4:1 are 6:1 at the square input."""
    data = stretch(make_data(side={"cat": 0.15}), 1 / 6)
    data.images["width"] = 4 * data.images.height
    said = finding(diagnosed(data)[0])
    assert "because the image is squeezed to a square" in said.claim


def test_effect_is_the_sum_over_the_classes(make_data, diagnosed):
    diagnosis, _, _ = diagnosed(make_data(side={"cat": 0.06, "dog": 0.06}))
    said, reach = finding(diagnosis), diagnosis.unreachable
    gains = [0.311 / 0.94 * (reach["stock"][name] - reach["used"][name]) for name in ("cat", "dog")]
    assert said.effect_points == pytest.approx(100 * sum(gains) / 2, abs=0.06)


def test_one_starved_class_of_many_is_not_severe(make_data, diagnosed):
    """Five objects of one class of 80 cost the mean 0.4 points."""
    classes = {f"class {i}": 1 for i in range(79)}
    data = make_data(counts={"train": 40, "val": 5}, per_image={**classes, "rare": 1}, side={"rare": 0.06})
    train = data.objects.query("`class` == 'rare' and split == 'train'").index[5:]
    data.objects.drop(train, inplace=True)
    said = finding(diagnosed(data)[0])
    assert said.severity == "low" and "objects of 1 of 80 classes" not in said.title


def test_says_what_stays_and_in_which_order_to_go_on(make_data, diagnosed):
    """Squares of 9 px: the plan reaches some, a larger input more, tiles most."""
    diagnosis, _, _ = diagnosed(make_data(side={"cat": 0.03, "dog": 0.03}))
    remedy = finding(diagnosis).remedy
    places = [remedy.index(words) for words in ("Train on", "stay out of reach", "set input_size to", "square tiles")]
    assert places == sorted(places)
    assert "times the multiply-adds" in remedy


def test_what_the_plan_answers_in_part_is_named_by_its_change(make_data, diagnosed):
    """Squares of 9 px: most stay out of reach of every grid, so the user has more to do."""
    found, used, _ = diagnosed(make_data(per_image={"cat": 1}, side={"cat": 0.03}))
    starved = next(one for one in found.findings if one.id == "anchors_unreachable")
    changes = [change for change in used.changes if change.field.partition(".")[0] in ("grid", "anchors")]
    assert changes and all((change.findings, change.partly) == ((), (starved.key,)) for change in changes)
    assert "stay out of reach" in starved.remedy and "To reach the rest, " in starved.remedy


def test_the_claim_describes_two_of_many_classes(make_data, diagnosed):
    """The table has the others."""
    names = [f"cat {n}" for n in range(6)]
    said = finding(diagnosed(make_data(per_image=dict.fromkeys(names, 1), side=dict.fromkeys(names, 0.06)))[0])
    assert said.claim.count("their median size") == 2 and "and objects of 4 more classes" in said.claim
    assert "%" not in said.claim, "the table has the shares"
    assert {row.subject for row in said.evidence if row.subject} == set(names)


def test_all_objects_are_not_called_100_percent(make_data, diagnosed):
    said = finding(diagnosed(make_data(side={"cat": 0.06, "dog": 0.5}))[0])
    assert said.title == "No stock anchor fits any of the objects of cat: they are too small"
    assert said.claim.startswith("All ") and "100%" not in said.claim
