"""`history.json` and `restored.json`: what happened in a training, and which weights it started from."""

from pathlib import Path

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part

HISTORY = "history.json"
RESTORED = "restored.json"
STEP = "train"


class Logged(Part):
    """Losses of one step; every tenth step is logged."""

    step: int
    classification_loss: float
    localization_loss: float
    regularization_loss: float
    learning_rate: float


class ClassScore(Part):
    """AP of one class in 0..1. null: there is no object of it."""

    AP: float | None
    AP50: float | None


class Evaluated(Part):
    """One evaluation on the validation images. Where there is nothing to find, AP and AP50 are 0."""

    step: int
    AP: float
    AP50: float
    per_class: dict[str, ClassScore]


class Preflight(Part):
    """What the model learned by heart of a few images. null: there was nothing to find."""

    images: int
    steps: int
    AP50: float | None
    per_class: dict[str, float | None]


class Forgotten(Part):
    """What training took from one class that the initial weights knew."""

    objects: int
    """Validation objects."""
    before: ClassScore
    after: ClassScore
    lost_interval: tuple[float, float] | None
    """95 % interval of the AP lost. null: too few images."""

    @property
    def lost(self) -> float | None:
        """AP lost, in 0..1; negative: AP gained. None where there are no validation objects."""
        if self.before.AP is None or self.after.AP is None:
            return None
        return self.before.AP - self.after.AP


class Forgetting(Part):
    """The initial model and the trained one, on the same validation images."""

    split: str
    images: int
    step: int
    """The trained model is that of this step."""
    resamples: int
    """Resamples of the images behind the intervals. 0: there are no intervals."""
    seed: int
    per_class: dict[str, Forgotten]
    gone: tuple[str, ...]
    """Classes that the initial model knew and these records do not have."""


class History(Part):
    """What happened in a training, in the folder `model`."""

    notices: tuple[str, ...] = ()
    """What a person should know about this training."""
    steps: tuple[Logged, ...]
    evaluations: tuple[Evaluated, ...]
    best_step: int
    """The step whose weights were kept."""
    stopped_early: bool
    seconds: float
    """Of all attempts together."""
    preflight: Preflight | None = None
    """null: it was not asked for."""
    forgetting: Forgetting | None = None
    """null: the initial weights name no class of these."""


class Variable(Part):
    name: str
    why: str


class Restored(Part):
    """What became of every variable of the model, by its Keras name. The file is in the folder `model`."""

    source: str
    """Where the initial weights came from."""
    restored: tuple[str, ...]
    skipped: tuple[Variable, ...]
    """The weights have them, but they do not fit."""
    new: tuple[str, ...]
    """The weights do not have them."""
    partly: tuple[Variable, ...] = ()
    """Class predictors in which some classes are new."""


def read(path: Path) -> History:
    """path: of `history.json`. Raises UserError when it is not there or not as train writes it."""
    return json_file.read(path, History, STEP)


def write(path: Path, history: History) -> None:
    json_file.write(path, history)


def read_restored(path: Path) -> Restored:
    """path: of `restored.json`. Raises UserError when it is not there or not as train writes it."""
    return json_file.read(path, Restored, STEP)


def write_restored(path: Path, restored: Restored) -> None:
    json_file.write(path, restored)
