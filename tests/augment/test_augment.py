# environment: train
"""Augmentation: which options are chosen, and that the OD API applies them."""

import numpy as np
import pytest

from boxwright.augment import contact_sheet, draw, measure, own_augmentations, policy, step
from boxwright.core import recipe as recipes
from boxwright.core.artifacts import diagnosis
from boxwright.core.artifacts.diagnosis import Diagnosis, Flip, Flips
from boxwright.core.findings import Evidence, Finding
from boxwright.core.recipe import Change
from boxwright.core.runtime.errors import UserError

PLAIN = measure.Facts(
    images=50,
    height=480,
    width=640,
    spread=1.0,
    small=0.0,
    grey=False,
    images_of={"cell": 50},
)


YES, NO = (Flip(fits=fits, reason=f"cells {why}") for fits, why in ((True, "have no up"), (False, "have an up")))
BOTH = Flips(horizontal=YES, vertical=YES)


def _diagnosed(found=(), flips=BOTH):
    return Diagnosis(findings=tuple(map(_finding, found)), unreachable={}, flips=flips)


def _names(facts=PLAIN, flips=BOTH):
    return [option.name for option in policy.choose(facts, _diagnosed(flips=flips))]


def _with(**changes):
    return measure.Facts(**{**PLAIN.__dict__, **changes})


@pytest.mark.parametrize(
    ("facts", "option", "chosen"),
    [
        (_with(spread=1.5), "random_absolute_pad_image", True),
        (_with(spread=1.6), "random_absolute_pad_image", False),
        (PLAIN, "random_absolute_pad_image", True),
        (_with(small=0.1), "random_absolute_pad_image", True),
        (_with(small=0.11), "random_absolute_pad_image", False),
        (_with(grey=True), "random_adjust_saturation", False),
        (PLAIN, "ssd_random_crop", False),
    ],
)
def test_options_follow_the_data(facts, option, chosen):
    assert (option in _names(facts)) == chosen


@pytest.mark.parametrize(
    ("flips", "chosen"),
    [
        (BOTH, ["random_horizontal_flip", "random_vertical_flip"]),
        (Flips(horizontal=NO, vertical=NO), []),
        (Flips(horizontal=YES, vertical=NO), ["random_horizontal_flip"]),
        (Flips(), ["random_horizontal_flip"]),
    ],
)
def test_flips_follow_the_diagnosis(flips, chosen):
    assert [name for name in _names(flips=flips) if name in policy.FLIPS] == chosen


def _finding(name, axis=""):
    evidence = (Evidence.model_validate({"metric": "m", "axis": axis, "value": 0.5, "n": 10, "where": "tables"}),)
    named = {"id": name, "cause": "data_quantity", "severity": "medium", "title": "t", "claim": "", "remedy": ""}
    return Finding.model_validate({**named, "evidence": evidence})


@pytest.mark.parametrize(("found", "delta"), [((), 0.08), (("few_images",), 0.08), (("lighting_shift",), 0.2)])
def test_a_lighting_shift_widens_brightness(found, delta):
    options = policy.choose(PLAIN, _diagnosed(found))
    assert next(o for o in options if o.name == "random_adjust_brightness").options["max_delta"] == delta


@pytest.mark.parametrize(("axis", "delta"), [("brightness", 0.2), ("size", 0.08)])
def test_another_light_among_other_shifts_widens_it_too(axis, delta):
    shift = _finding("split_shift", axis)
    options = policy.choose(PLAIN, Diagnosis(findings=(shift,), unreachable={}))
    assert next(o for o in options if o.name == "random_adjust_brightness").options["max_delta"] == delta


@pytest.mark.parametrize(
    ("found", "answered"),
    [
        (("augmentation_random_crop", "few_images"), ("augmentation_random_crop",)),
        (("augmentation_random_crop", "lighting_shift"), ("augmentation_random_crop", "lighting_shift")),
        (("augmentation_shrinks",), ("augmentation_shrinks",)),
        ((), ()),
    ],
)
def test_change_names_the_findings_that_it_answers(tiny_recipe, found, answered):
    recipe = policy.apply(tiny_recipe, PLAIN, _diagnosed(found))
    assert recipe.changes[-1].findings == answered


def test_padding_that_shrinks_is_the_reason(tiny_recipe):
    """Not the crops of the zoo, which the recipe does not have."""
    pad = {"name": "random_pad_image", "options": {}, "reason": "r"}
    emptied = Change(field="augmentation", before=[pad], after=[], findings=("augmentation_shrinks",), reason="r")
    planned = tiny_recipe.model_copy(update={"changes": (emptied,)})
    change = policy.apply(planned, PLAIN, _diagnosed(("augmentation_shrinks",))).changes[-1]
    assert change.before == ["random_pad_image"]
    assert "padding" in change.reason and "ssd_random_crop" not in change.reason


def test_a_flip_that_is_asked_for_is_applied(tiny_recipe):
    planned = policy.apply(tiny_recipe, PLAIN, _diagnosed(flips=Flips(horizontal=NO)), (), ["random_horizontal_flip"])
    assert "horizontal" not in planned.changes[-1].reason
    assert "random_horizontal_flip" not in [option.name for option in planned.augmentation]  # own.added brings it


def test_refuses_no_flip_together_with_a_flip(tmp_path, tiny_records, tiny_recipe):
    recipes.write(tiny_recipe, tmp_path / "recipe")
    diagnosis.write(tmp_path / "findings", Diagnosis(findings=(), unreachable={}))
    with pytest.raises(UserError, match="--no-flip box and --also random_vertical_flip contradict each other"):
        step.run(
            step.Config(
                records=tiny_records,
                recipe=tmp_path / "recipe",
                findings=tmp_path / "findings",
                no_flip="box",
                also="random_vertical_flip",
            )
        )


@pytest.mark.parametrize(
    ("flips", "fixed", "why"),
    [
        (BOTH, (), None),
        (BOTH, ("cell",), "no image is mirrored: --no-flip names cell"),
        (
            Flips(horizontal=YES, vertical=NO),
            (),
            "vertical flip left out: cells have an up. If your camera sees the objects both ways, add --also random_v",
        ),
        (Flips(horizontal=NO, vertical=NO), (), "horizontal flip left out: cells have an up. If"),
    ],
)
def test_change_says_why_a_flip_is_left_out(tiny_recipe, flips, fixed, why):
    reason = policy.apply(tiny_recipe, PLAIN, _diagnosed(flips=flips), fixed).changes[-1].reason
    assert why in reason if why else "left out" not in reason and "mirrored" not in reason


def _option(facts, name):
    return next(option for option in policy.choose(facts, _diagnosed()) if option.name == name)


def test_options_are_those_measured_on_bccd():
    """640 x 480 images. In the measured runs, random_crop_image drew these windows."""
    crop = _option(PLAIN, "crop")
    assert crop.options == {"probability": 0.65, "visible": 0.4, "least_area": 0.562, "stretch": 1.16}
    assert crop.reason == (
        "crops keep at least 56 % of the area, so at least 69 % of a side, and the shape of each image up to a factor of 1.16; "
        "an object stays if 40 % of it is visible; 35 % of the images are not cropped"
    )
    padding = {"max_height_padding": 72, "max_width_padding": 96}
    assert _option(PLAIN, "random_absolute_pad_image").options == padding
    assert _option(PLAIN, "random_vertical_flip").reason == YES.reason


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (300, 900)])
def test_reason_of_the_crop_is_true(size):
    """The smallest side and area of 400 windows, for a landscape and a portrait image."""
    from boxwright.core.augmentations import crop
    from boxwright.core.od_api import tf

    options = _option(PLAIN, "crop").options
    least_area, stretch = options["least_area"], options["stretch"]
    drawn = [crop.window(tf.constant(size), (seed, 0), least_area, stretch) for seed in range(400)]
    sides = np.array(drawn)[:, 2:] / size
    assert 0.685 <= sides.min() <= 0.75 and 0.555 <= sides.prod(1).min() <= 0.6


def test_flipped_boxes_stay_on_their_object(tiny_records, tiny_recipe):
    """The red square's pixels are inside its box in every draw."""
    sample = contact_sheet._sample(next(contact_sheet.recordfiles.read(tiny_records, "train")))
    augment = draw.drawer(tiny_recipe)
    for place in range(4):
        drawn = augment([sample], place)
        top, left, bottom, right = (drawn.boxes_yxyx[0] * 128).round().astype(int)
        inside = drawn.image[top + 2 : bottom - 2, left + 2 : right - 2]
        assert (inside[..., 0] > inside[..., 2] + 100).mean() > 0.5 or (drawn.class_ids[0] != 1)


@pytest.mark.parametrize(
    ("other", "options"), [("random_horizontal_flip", {}), ("rotate", {"probability": 1.0, "degrees": 26.6})]
)
def test_no_two_options_draw_the_same_numbers(tiny_recipe, other, options):
    """A mark above the middle, sheared by up to tan(26.6 degrees). With the same random numbers, a flip would always put it on
    the left, and a rotation would put it back into the middle."""
    shear = {"name": "shear", "options": {"probability": 1.0, "slope": 0.5}}
    both = [recipes.Augmentation(**one, reason="test") for one in (shear, {"name": other, "options": options})]
    augment = draw.drawer(tiny_recipe.model_copy(update={"augmentation": tuple(both)}))
    mark = draw.Sample(np.zeros((64, 64, 3), np.uint8), np.array([[0.1, 0.45, 0.2, 0.55]]), np.array([1]))
    middles = [augment([mark], place).boxes_yxyx[0, [1, 3]].mean() for place in range(16)]
    assert 3 <= sum(middle < 0.49 for middle in middles) <= 13


def test_does_not_flip_declared_classes():
    flips = {"random_horizontal_flip", "random_vertical_flip"}
    chosen = {option.name for option in policy.choose(PLAIN, _diagnosed(), ["arrow"])}
    assert not flips & chosen and flips <= set(_names())
    with pytest.raises(UserError, match="--no-flip arow: the classes are cell"):
        policy.require_known(["arow"], ["cell"])


def test_removes_flips_from_a_recipe_for_declared_classes(tiny_recipe):
    """From a recipe of `--stock` and from a user's own recipe."""
    names = ("random_vertical_flip", "ssd_random_crop", "random_horizontal_flip")
    options = tuple(recipes.Augmentation(name=name, reason="test") for name in names)
    recipe = policy.unflipped(tiny_recipe.model_copy(update={"augmentation": options}), ["box"])
    assert [option.name for option in recipe.augmentation] == ["ssd_random_crop"]
    assert recipe.changes[-1].after == ["ssd_random_crop"]
    assert recipe.changes[-1].reason == "no image is mirrored: --no-flip names box"
    assert policy.unflipped(recipe, ["box"]) == recipe


@pytest.mark.parametrize(
    ("name", "facts", "turns", "per_class", "fits"),
    [
        ("rotate", PLAIN, True, {}, True),
        ("rotate", PLAIN, False, {}, False),
        ("shear", PLAIN, False, {}, False),
        ("zoom_out", PLAIN, True, {}, True),
        ("zoom_out", _with(small=0.1), True, {}, True),
        ("zoom_out", _with(small=0.2), True, {}, False),
        ("mosaic", _with(images_of={"cell": 99}), True, {}, True),
        ("mosaic", _with(images_of={"cell": 100}), True, {}, False),
        ("mosaic", _with(images_of={"cell": 500, "none": 0}), True, {}, False),
        ("mixup", PLAIN, True, {}, False),
        ("mixup", _with(images_of={"cell": 800}), True, {}, True),
        ("cutmix", _with(images_of={"cell": 900, "rare": 20}), True, {}, False),
        ("copy_paste", PLAIN, True, {"a": 100, "b": 10}, True),
        ("copy_paste", PLAIN, True, {"a": 100, "b": 11}, False),
        ("copy_paste", PLAIN, True, {"a": 100, "b": 0}, False),
    ],
)
def test_judges_ours_by_the_data(name, facts, turns, per_class, fits):
    verdict = own_augmentations.verdicts(facts, turns, per_class)[name]
    assert verdict.fits == fits and verdict.reason


def test_adds_ours_only_if_asked_for(tiny_recipe):
    judged = own_augmentations.verdicts(PLAIN, False, {})
    assert own_augmentations.added(tiny_recipe, [], judged) == tiny_recipe
    asked = own_augmentations.added(tiny_recipe, ["mosaic", "rotate", "mosaic"], judged).augmentation
    assert [option.name for option in asked] == ["mosaic", "rotate", "random_horizontal_flip"]
    assert (
        asked[0].reason.startswith("asked for by --also: ") and "although it does not fit the data" in asked[1].reason
    )
    flips = own_augmentations.added(tiny_recipe, ["random_vertical_flip"], judged).augmentation
    assert (flips[0].name, flips[0].reason) == ("random_vertical_flip", "asked for by --also")
    with pytest.raises(
        UserError, match="--also mosaik: unknown; choose from copy_paste, crop, cutmix, mixup, mosaic, rotate"
    ):
        own_augmentations.added(tiny_recipe, ["mosaik"], judged)


def test_change_names_the_final_augmentation(tiny_recipe):
    planned = policy.apply(tiny_recipe, PLAIN, _diagnosed())
    more = own_augmentations.added(planned, ["rotate"], own_augmentations.verdicts(PLAIN, True, {}))
    (change,) = policy.noted(more, tiny_recipe.model_copy(update={"augmentation": ()})).changes
    assert change.after[0] == "rotate" and change.reason.startswith("ssd_random_crop")
    by_hand = policy.noted(
        own_augmentations.added(tiny_recipe, ["rotate"], own_augmentations.verdicts(PLAIN, True, {})), tiny_recipe
    )
    assert by_hand.changes[-1].reason == "asked for by --also" and by_hand.changes[-1].before == [
        "random_horizontal_flip"
    ]
    assert policy.noted(tiny_recipe, tiny_recipe) == tiny_recipe
