"""Chooses the OD API's options by facts and findings. Each option comes with its reason.

Our own crop and the pad reproduce the window of about 0.75 to 1.15 of the image that raised AP50 on BCCD from 73.5 to 79.1. There
they replaced `ssd_random_crop`, which cuts windows down to a tenth of the area with aspect ratios from 0.5 to 2. The OD API's
own random_crop_image is not used: it has one range of aspect ratios for all images, so among portrait and landscape images it
cuts both.
"""

import math
from collections.abc import Iterator, Sequence

from boxwright.augment.measure import Facts
from boxwright.core.artifacts.diagnosis import Diagnosis, Flips
from boxwright.core.augmentations import AUGMENTATIONS
from boxwright.core.findings import Finding
from boxwright.core.recipe import Augmentation, Change, Recipe
from boxwright.core.runtime.errors import UserError

_SMALL_SHARE = 0.1
_CROPPED = 0.65  # share of the images that are cropped
_PAD = 0.15
# Padding adds the same number of pixels to all images. If their sizes differ by more than this factor, it would be too much for
# some: a sixth of one image is a quarter of another.
_LARGEST_SPREAD = 1.5
_FIFTH = "up to a fifth more or less, because cameras differ (a rule of thumb)"
FLIPS = ("random_horizontal_flip", "random_vertical_flip")
_WINDOWS = (
    "ssd_random_crop cuts windows down to a tenth of the image; these options stay close to the images of the camera"
)
# Findings of diagnose that affect the options.
CROPS, LIGHTING, SHIFT = "augmentation_random_crop", "lighting_shift", "split_shift"
SHRINKS = "augmentation_shrinks"
_PADDING = (
    "the padding of the recipe took objects out of the anchors' reach; of these options, none that does so is kept"
)


def apply(
    recipe: Recipe, facts: Facts, diagnosed: Diagnosis, fixed: Sequence[str] = (), asked: Sequence[str] = ()
) -> Recipe:
    """Adds the chosen augmentation to the recipe, and a change with the reason.

    fixed: the classes of --no-flip. asked: the options of --also, which are added later.
    """
    options = tuple(choose(facts, diagnosed, fixed))
    answered = [f.id for f in diagnosed.findings if f.id in (CROPS, LIGHTING, SHRINKS)]
    padded = [_PADDING] if SHRINKS in answered else []
    windows = [] if padded and CROPS not in answered else [_WINDOWS]
    change = Change(
        field="augmentation",
        before=_diagnosed(recipe),
        after=[option.name for option in options],
        findings=tuple(answered),
        reason="; ".join([*windows, *padded, *_left_out(diagnosed.flips, fixed, asked)]),
    )
    others = tuple(c for c in recipe.changes if c.field != "augmentation")
    return recipe.model_copy(update={"augmentation": options, "changes": (*others, change)})


def _diagnosed(recipe: Recipe) -> list[str]:
    """The options before the plan emptied them; those of the zoo if the plan does not say."""
    before = next((change.before for change in recipe.changes if change.field == "augmentation"), None)
    return [option["name"] for option in before] if before else ["random_horizontal_flip", "ssd_random_crop"]


def require_known(fixed: Sequence[str], classes: Sequence[str]) -> None:
    """Raises UserError if a class declared by --no-flip is not in the recipe."""
    if unknown := set(fixed) - set(classes):
        raise UserError(f"--no-flip {','.join(sorted(unknown))}: the classes are {', '.join(classes)}")


def unflipped(recipe: Recipe, fixed: Sequence[str]) -> Recipe:
    """Removes the flips from the augmentation of a recipe, and adds a change with the reason."""
    options = tuple(option for option in recipe.augmentation if option.name not in FLIPS)
    if options == recipe.augmentation:
        return recipe
    names = [[option.name for option in some] for some in (recipe.augmentation, options)]
    reason = f"no image is mirrored: --no-flip names {', '.join(fixed)}"
    change = Change(field="augmentation", before=names[0], after=names[1], findings=(), reason=reason)
    others = tuple(c for c in recipe.changes if c.field != "augmentation")
    return recipe.model_copy(update={"augmentation": options, "changes": (*others, change)})


def _left_out(flips: Flips, fixed: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Which flips are not applied, and why."""
    if fixed:
        return [f"no image is mirrored: --no-flip names {', '.join(fixed)}"]
    judged = dict(zip(FLIPS, (flips.horizontal, flips.vertical), strict=True))
    told = {"random_horizontal_flip": "horizontal flip", "random_vertical_flip": "vertical flip"}
    return [
        f"{told[name]} left out: {flip.reason}. If your camera sees the objects both ways, add --also {name}"
        for name, flip in judged.items()
        if not flip.fits and name not in asked
    ]


def noted(recipe: Recipe, before: Recipe) -> Recipe:
    """Updates the change of the augmentation to the final options. If only the user changed them, this adds a change."""
    started, ended = ([option.name for option in one.augmentation] for one in (before, recipe))
    if started == ended:
        return recipe
    asked = Change(field="augmentation", before=started, after=ended, findings=(), reason="asked for by --also")
    known = [change for change in recipe.changes if change.field == "augmentation"]
    others = tuple(change for change in recipe.changes if change.field != "augmentation")
    change = known[-1].model_copy(update={"after": ended}) if known else asked
    return recipe.model_copy(update={"changes": (*others, change)})


def choose(facts: Facts, diagnosed: Diagnosis, fixed: Sequence[str] = ()) -> Iterator[Augmentation]:
    """The options in the order in which they are applied. fixed: the classes of --no-flip."""
    for name, flip in zip(FLIPS, (diagnosed.flips.horizontal, diagnosed.flips.vertical), strict=True):
        if flip.fits and not fixed:
            yield Augmentation(name=name, reason=flip.reason)
    yield _crop()
    if facts.small <= _SMALL_SHARE and facts.spread <= _LARGEST_SPREAD:
        yield _pad(facts)
    yield from _colour(facts, diagnosed.findings)


def _crop() -> Augmentation:
    crop = AUGMENTATIONS["crop"].complete({"probability": _CROPPED})
    area, stretch, visible = (crop[name] for name in ("least_area", "stretch", "visible"))
    # A side of the window is at least (area / stretch)^.5 of the image's side.
    return Augmentation(
        name="crop",
        options=dict(crop),
        reason=f"crops keep at least {_floor(area)} of the area, so at least {_floor(math.sqrt(area / stretch))} of a side, and "
        f"the shape of each image up to a factor of {stretch:g}; an object stays if {_floor(visible)} of it is visible; "
        f"{_floor(1 - _CROPPED)} of the images are not cropped",
    )


def _pad(facts: Facts) -> Augmentation:
    return Augmentation(
        name="random_absolute_pad_image",
        options={
            "max_height_padding": max(1, round(_PAD * facts.height)),
            "max_width_padding": max(1, round(_PAD * facts.width)),
        },
        reason=f"zooms out by up to {_PAD:.0%} of the median image ({facts.width} x {facts.height}); {facts.small:.1%} of "
        "the objects are under 12 px at the input",
    )


def _floor(share: float) -> str:
    return f"{math.floor(100 * share)} %"


def _about_light(finding: Finding) -> bool:
    """Whether a split is lit differently from training, alone or among other differences."""
    return finding.id == LIGHTING or (finding.id == SHIFT and any(row.axis == "brightness" for row in finding.evidence))


def _colour(facts: Facts, findings: Sequence[Finding]) -> Iterator[Augmentation]:
    shifted = any(_about_light(f) for f in findings)
    delta = 0.2 if shifted else 0.08
    why = (
        "a wide range, because a split is lit differently from training"
        if shifted
        else "a small range, because no finding says that the splits are lit differently"
    )
    yield Augmentation(name="random_adjust_brightness", options={"max_delta": delta}, reason=why)
    near_one = {"min_delta": 0.8, "max_delta": 1.2}
    yield Augmentation(name="random_adjust_contrast", options=near_one, reason=_FIFTH)
    if not facts.grey:
        yield Augmentation(name="random_adjust_saturation", options=near_one, reason=_FIFTH)
