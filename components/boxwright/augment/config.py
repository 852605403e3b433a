"""Chooses the augmentation options that fit the data, says why, and shows what they do to training images."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from boxwright.core.runtime.flags import Input, Output, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    records: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote."""
    recipe: Annotated[Path, Input("Artifact")]
    """Recipe that diagnose wrote. A stock recipe keeps the zoo's augmentation."""
    findings: Annotated[Path, Input("Artifact")]
    """Findings that diagnose wrote."""
    also: str = ""
    """Boxwright's own augmentations to add, separated by commas, as in "mosaic,rotate". The page lists them and says which fit
    the data. Also accepts random_horizontal_flip and random_vertical_flip: add one if it was left out, but your camera sees the
    objects both ways."""
    no_flip: str = ""
    """Classes that change their meaning when mirrored or turned, separated by commas. If any is given, no image is flipped."""
    final_recipe: Annotated[Path, Output("Artifact")] = Path("final_recipe.yaml")
    """Output: the recipe with its augmentation."""
    page: Annotated[Path, Output("HTML")] = Path("augmentation.html")
    """Output: contact sheet of augmented training images with their boxes."""
