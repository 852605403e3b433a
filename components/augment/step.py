"""Chooses the OD API's augmentation options that fit the data, says why, and shows what they do to training images."""

from dataclasses import dataclass
from pathlib import Path

from boxwright.core.step_io import Result


@dataclass(frozen=True, kw_only=True)
class Config:
    records: Path
    """Folder that convert wrote."""
    recipe: Path
    """Recipe that diagnose wrote; a stock recipe keeps the zoo's augmentation."""
    findings: Path
    """Findings that diagnose wrote."""
    final_recipe: Path = Path("final_recipe.yaml")
    """Output: the recipe with its augmentation."""
    page: Path = Path("augmentation.html")
    """Output: contact sheet of augmented training images with their boxes."""


def run(config: Config) -> Result:
    """Fills in the augmentation of a planned recipe that has none; any other recipe passes through as it is.

    Raises UserError when a field of the recipe is wrong, or when there are no training images.
    """
    from boxwright.augment import contact_sheet, measure, policy
    from boxwright.core import findings, recipe

    chosen = recipe.read(config.recipe)
    facts = measure.facts(config.records, chosen.input_size)
    if not chosen.stock and not chosen.augmentation:
        chosen = policy.apply(chosen, facts, findings.read(config.findings).findings)
    recipe.write(chosen, config.final_recipe)
    kept = contact_sheet.write(config.page, config.records, chosen, facts)
    names = [option.name for option in chosen.augmentation]
    return Result(
        artifacts={
            "final_recipe": {"digest": chosen.digest(), "options": len(names)},
            "page": {"objects_kept": round(kept, 4)},
        },
        headline=f"augmentation: {', '.join(names)}; {100 * kept:.0f} % of the objects survive it: {config.page}",
    )
