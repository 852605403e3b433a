"""The inputs of the findings: the data, the training that is diagnosed, and the plan so far."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from boxwright.core.anchors import Laid
from boxwright.core.artifacts.validation import LEAK
from boxwright.core.findings import Finding
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.embedding.looks import Looks
from boxwright.diagnose.embedding.separation import Separation, separate
from boxwright.diagnose.measures.beyond_training import Beyond, beyond_training
from boxwright.diagnose.measures.class_axes import class_axes
from boxwright.diagnose.measures.object_crops import NO_CROPS, Crops, backgrounds
from boxwright.diagnose.orientation import measure
from boxwright.diagnose.orientation.measure import Orientation
from boxwright.diagnose.plan.anchor_choice import Candidate
from boxwright.diagnose.plan.existing_training import ExistingTraining
from boxwright.diagnose.plan.init_weights import InitWeights


@dataclass(frozen=True, eq=False, kw_only=True)
class Inputs:
    """stored: the data as convert stored them, with copies. crops: the objects' pixels; None if pixels were not read.
    training: the diagnosed training, with the zoo's recipe or the user's own.
    before, chosen: the anchors of that recipe and of the plan. plan: the recipe planned so far; its grid, anchors, rate and
    stages are final. planned_steps: the number of steps that suits this data. validated: the findings of validate.
    looks: what the initial weights see in the pictures; None if there are no weights, or if pixels were not read.
    """

    stored: Data
    crops: Crops | None
    training: ExistingTraining
    before: Candidate
    chosen: Candidate
    plan: Recipe
    planned_steps: int
    init: InitWeights
    seed: int
    validated: tuple[Finding, ...] = ()
    looks: Looks | None = None

    @property
    def recipe(self) -> Recipe:
        """The recipe that is diagnosed."""
        return self.training.recipe

    @property
    def laid(self) -> Laid:
        """The anchors that are diagnosed: those of the recipe, or of a training that no recipe can hold."""
        return self.training.layout or self.recipe

    @property
    def images(self) -> int:
        """Training images, with copies: what an epoch shows."""
        return len(self.stored.images_in("train"))

    @property
    def data(self) -> Data:
        """The data with each picture once, for every statistic."""
        return self.stored.distinct

    @property
    def distinct_images(self) -> int:
        """Training images without copies."""
        return len(self.data.images_in("train"))

    @cached_property
    def leaked(self) -> frozenset[str]:
        """The held-out splits that show what an earlier split shows. They must not be mixed with it: that hides the leak."""
        leaks = (finding for finding in self.validated if finding.id == LEAK)
        return frozenset(row.subject for leak in leaks for row in leak.evidence)

    @cached_property
    def class_axes(self) -> pd.DataFrame:
        """One row for each class of each image; see `measures.class_axes`."""
        return class_axes(self.data, backgrounds(self.crops, self.data.classes) if self.crops else None)

    @cached_property
    def beyond(self) -> list[Beyond]:
        """The axes on which a held-out split differs from training; see `measures.beyond_training`."""
        return beyond_training(self.data, self.class_axes)

    @cached_property
    def separation(self) -> Separation | None:
        """How well the looks of the sampled training objects tell their classes apart; None if there are not two classes."""
        if not self.looks or len(set(self.looks.sampled.class_ids.tolist())) < 2:
            return None
        sampled = self.looks.sampled
        return separate(self.looks.objects, sampled.class_ids, sampled.object_picture, len(self.data.classes))

    @cached_property
    def orientation(self) -> Orientation:
        """Whether objects and scenes have an up and a side. If pixels were not read, only the boxes are measured."""
        return measure.measure(self.crops or NO_CROPS, self.data, self.seed)
