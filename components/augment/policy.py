"""From facts and findings to the OD API's options. Each option carries the reason a person would give.

The mild crop and pad reproduce the window of 0.75 to 1.15 of the image that took AP50 on BCCD from 73.5 to 79.1, where
`ssd_random_crop` (windows down to a tenth of the area, aspect 0.5 to 2) had stood.
"""

import math
import re
from collections.abc import Iterator, Sequence

from boxwright.augment.measure import Facts
from boxwright.core.findings import Finding
from boxwright.core.recipe import Augmentation, Change, Recipe

# Cohen calls 0.5 a medium effect, visible to the naked eye (Statistical Power Analysis, 1988).
_UPRIGHT = 0.5
_SMALL_SHARE = 0.1
_SMALLEST_SIDE = 0.75
_PAD = 0.15
_JITTER = math.exp(0.15)
_MIRRORED_WORDS = re.compile(r"(^|[^a-z])(left|right|clockwise|counterclockwise)([^a-z]|$)", re.IGNORECASE)
# Findings of diagnose that the options answer.
CROPS, LIGHTING = "augmentation_random_crop", "lighting_shift"


def apply(recipe: Recipe, facts: Facts, findings: Sequence[Finding]) -> Recipe:
    """The recipe with its augmentation and the change written down."""
    options = tuple(choose(facts, recipe.classes, findings))
    answered = [f.id for f in findings if f.id in (CROPS, LIGHTING)]
    change = Change(
        field="augmentation",
        before=["random_horizontal_flip", "ssd_random_crop"],
        after=[option.name for option in options],
        findings=tuple(answered),
        reason="ssd_random_crop cuts windows down to a tenth of the image; these options stay near what the camera will see",
    )
    others = tuple(c for c in recipe.changes if c.field != "augmentation")
    return recipe.model_copy(update={"augmentation": options, "changes": (*others, change)})


def choose(facts: Facts, classes: Sequence[str], findings: Sequence[Finding]) -> Iterator[Augmentation]:
    yield from _flips(facts, classes)
    yield _crop(facts)
    if facts.small <= _SMALL_SHARE:
        yield _pad(facts)
    yield from _colour(facts, findings)


def _flips(facts: Facts, classes: Sequence[str]) -> Iterator[Augmentation]:
    if not any(_MIRRORED_WORDS.search(name) for name in classes):
        yield Augmentation(name="random_horizontal_flip", reason="no class name speaks of left or right")
    strongest = max(map(abs, facts.upright.values()), default=0.0)
    if strongest < _UPRIGHT:
        reason = (
            f"the objects have no up: their halves differ by d = {strongest:.2f} at most (an up starts at {_UPRIGHT:g})"
        )
        yield Augmentation(name="random_vertical_flip", reason=reason)


def _crop(facts: Facts) -> Augmentation:
    low, high = facts.aspect
    return Augmentation(
        name="random_crop_image",
        options={
            "min_object_covered": 0.0,
            "min_aspect_ratio": round(low / _JITTER, 3),
            "max_aspect_ratio": round(high * _JITTER, 3),
            "min_area": round(_SMALLEST_SIDE**2, 3),
            "max_area": 1.0,
            "overlap_thresh": 0.4,
            "clip_boxes": True,
            "random_coef": 0.35,
        },
        reason=f"windows of at least {_SMALLEST_SIDE:.0%} of each side, near the images' own aspect; an object stays while 40 % "
        "of it is visible; a third of the images stay whole",
    )


def _pad(facts: Facts) -> Augmentation:
    return Augmentation(
        name="random_absolute_pad_image",
        options={
            "max_height_padding": max(1, round(_PAD * facts.height)),
            "max_width_padding": max(1, round(_PAD * facts.width)),
        },
        reason=f"zoom-out of up to {_PAD:.0%}; only {facts.small:.1%} of the objects are under 12 px at the input",
    )


def _colour(facts: Facts, findings: Sequence[Finding]) -> Iterator[Augmentation]:
    shifted = any(f.id == LIGHTING for f in findings)
    delta = 0.2 if shifted else 0.08
    why = (
        f"wider, because of the finding {LIGHTING}"
        if shifted
        else "no finding says that the splits are lit differently"
    )
    yield Augmentation(name="random_adjust_brightness", options={"max_delta": delta}, reason=why)
    near_one = {"min_delta": 0.8, "max_delta": 1.2}
    yield Augmentation(name="random_adjust_contrast", options=near_one, reason="cameras differ by about a fifth")
    if not facts.grey:
        yield Augmentation(name="random_adjust_saturation", options=near_one, reason="cameras differ by about a fifth")
