"""The inputs of the findings: the data, the training that is diagnosed, and the plan so far."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from boxwright.core import near_duplicates
from boxwright.core.near_duplicates import SamePictures
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.measures.class_axes import class_axes
from boxwright.diagnose.measures.object_crops import Crops, backgrounds
from boxwright.diagnose.plan.anchor_choice import Candidate
from boxwright.diagnose.plan.existing_training import ExistingTraining
from boxwright.diagnose.plan.init_weights import InitWeights


@dataclass(frozen=True, eq=False, kw_only=True)
class Inputs:
    """crops: the objects' pixels; None if pixels were not read.
    training: the diagnosed training, with the zoo's recipe or the user's own.
    before, chosen: the anchors of that recipe and of the plan. plan: the recipe planned so far; its grid, anchors, rate and
    stages are final. planned_steps: the number of steps that suits this data.
    """

    data: Data
    crops: Crops | None
    training: ExistingTraining
    before: Candidate
    chosen: Candidate
    plan: Recipe
    planned_steps: int
    init: InitWeights
    seed: int

    @property
    def recipe(self) -> Recipe:
        """The recipe that is diagnosed."""
        return self.training.recipe

    @property
    def images(self) -> int:
        """Training images."""
        return len(self.data.images_in("train"))

    @cached_property
    def same_pictures(self) -> SamePictures:
        """Which images show the same picture; rows of `data.images`."""
        images = self.data.images
        return near_duplicates.same_pictures(
            images.filename.tolist(), images.dhash.where(images.dhash.notna(), None).tolist()
        )

    @cached_property
    def distinct_images(self) -> int:
        """Training images without near-duplicates."""
        return len(set(self.same_pictures.groups[(self.data.images.split == "train").to_numpy()].tolist()))

    @cached_property
    def class_axes(self) -> pd.DataFrame:
        """One row for each class of each image; see `measures.class_axes`."""
        return class_axes(self.data, backgrounds(self.crops, self.data.classes) if self.crops else None)
