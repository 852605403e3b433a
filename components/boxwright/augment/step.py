"""Runs the step: see config.py."""

from boxwright.augment import anchor_reach, contact_sheet, measure, own_augmentations, policy
from boxwright.augment.config import Config
from boxwright.core import recipe
from boxwright.core.artifacts import diagnosis
from boxwright.core.od_api.augmentation import preprocessor_options
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result


def run(config: Config) -> Result:
    """Fills in the augmentation of a planned recipe that has none. In any other recipe, it only adds the options of --also and
    removes the flips for --no-flip.

    Raises UserError if a field of the recipe is wrong, if there are no training images, and for an unknown option or class.
    """
    given = chosen = trainable(config)
    facts, diagnosed = measure.facts(config.records, chosen.input_size), diagnosis.read(config.findings)
    fixed, asked = names(config.no_flip), names(config.also)
    if fixed and set(asked) & set(policy.FLIPS):
        raise UserError(f"--no-flip {config.no_flip} and --also {config.also} contradict each other; leave one out")
    policy.require_known(fixed, chosen.classes)
    planned = not chosen.stock and not chosen.augmentation
    if planned:
        chosen = policy.apply(chosen, facts, diagnosed, fixed, asked)
    elif fixed:
        chosen = policy.unflipped(chosen, fixed)
    per_class = tfrecords.manifest(config.records).splits["train"].per_class
    judged = own_augmentations.verdicts(facts, diagnosed.flips.vertical.fits and not fixed, per_class)
    chosen = own_augmentations.added(chosen, asked, judged)
    within, rejected = anchor_reach.within_reach(chosen, config.records)
    if planned:
        chosen = within
    notices = [f"{'Left out' if planned else 'Warning'}: {loss}" for loss in rejected]
    chosen = policy.noted(chosen, given)
    recipe.write(chosen, config.final_recipe)
    kept = contact_sheet.write(config.page, config.records, chosen, judged, notices)
    there = ", ".join(option.name for option in chosen.augmentation)
    told = "; ".join([f"augmentation: {there}", *notices, f"{100 * kept:.0f} % of the boxes remain"])
    return Result(
        artifacts={
            "final_recipe": {"digest": chosen.digest(), "options": len(chosen.augmentation)},
            "page": {"objects_kept": round(kept, 4)},
        },
        headline=f"{told}: {config.page}",
    )


def trainable(config: Config) -> Recipe:
    """The given recipe. Raises UserError for a recipe that train would refuse."""
    given = recipe.read(config.recipe)
    recipe.require_classes(given, tfrecords.classes(config.records), config.records)
    preprocessor_options.require_runnable(given)
    return given


def names(text: str) -> list[str]:
    """The names in a comma-separated list."""
    return [name.strip() for name in text.split(",") if name.strip()]
