"""Chooses the augmentation options that fit the data, says why, and shows what they do to training images."""

from dataclasses import dataclass
from pathlib import Path

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result


@dataclass(frozen=True, kw_only=True)
class Config:
    records: Path
    """Folder that convert wrote."""
    recipe: Path
    """Recipe that diagnose wrote; a stock recipe keeps the zoo's augmentation."""
    findings: Path
    """Findings that diagnose wrote."""
    also: str = ""
    """Augmentations of our own to switch on, with commas between them: rotate, shear, zoom_out, mosaic, mixup, cutmix,
    copy_paste. The page says which of them the data speak for. Or random_horizontal_flip, random_vertical_flip, where it
    leaves them out and the camera does see objects both ways."""
    no_flip: str = ""
    """Classes that mean something else when mirrored or turned, with commas between them: no image is flipped."""
    final_recipe: Path = Path("final_recipe.yaml")
    """Output: the recipe with its augmentation."""
    page: Path = Path("augmentation.html")
    """Output: contact sheet of augmented training images with their boxes."""


def run(config: Config) -> Result:
    """Fills in the augmentation of a planned recipe that has none; any other recipe passes through, with ours that were asked
    for, and without flips where classes are declared.

    Raises UserError when a field of the recipe is wrong, when there are no training images, and for an unknown option or class.
    """
    from boxwright.augment import anchor_reach, contact_sheet, measure, own_augmentations, policy
    from boxwright.core import findings, recipe
    from boxwright.core.records import tfrecords

    given = chosen = trainable(config)
    facts = measure.facts(config.records, chosen.input_size)
    fixed, asked = names(config.no_flip), names(config.also)
    if fixed and set(asked) & set(policy.FLIPS):
        raise UserError(f"--no-flip {config.no_flip} and --also {config.also} contradict each other; leave one out")
    policy.require_known(fixed, chosen.classes)
    planned = not chosen.stock and not chosen.augmentation
    if planned:
        chosen = policy.apply(chosen, facts, findings.read(config.findings).findings, fixed, asked)
    elif fixed:
        chosen = policy.unflipped(chosen, fixed)
    per_class = tfrecords.manifest(config.records)["splits"]["train"]["per_class"]
    judged = own_augmentations.verdicts(facts, bool(policy.turnable(facts)) and not fixed, per_class)
    chosen = own_augmentations.added(chosen, asked, judged)
    within, rejected = anchor_reach.within_reach(chosen, config.records)
    if planned:
        chosen = within
    notices = [f"{'Left out' if planned else 'Warning'}: {loss}" for loss in rejected]
    chosen = policy.noted(chosen, given)
    recipe.write(chosen, config.final_recipe)
    kept = contact_sheet.write(config.page, config.records, chosen, judged, notices)
    there = ", ".join(option.name for option in chosen.augmentation)
    told = "; ".join([f"augmentation: {there}", *notices, f"{100 * kept:.0f} % of the boxes are left"])
    return Result(
        artifacts={
            "final_recipe": {"digest": chosen.digest(), "options": len(chosen.augmentation)},
            "page": {"objects_kept": round(kept, 4)},
        },
        headline=f"{told}: {config.page}",
    )


def trainable(config: Config):
    """The recipe as given; refused where train would refuse it."""
    from boxwright.core import recipe
    from boxwright.core.od_api import preprocessor_options
    from boxwright.core.records import tfrecords

    given = recipe.read(config.recipe)
    recipe.require_classes(given, tfrecords.classes(config.records), config.records)
    preprocessor_options.require_runnable(given)
    return given


def names(text: str) -> list[str]:
    """The names of a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]
