"""`history.json` and `restored.json`: the course of a training, and the weights that it started from."""

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
    """One evaluation on the validation images. AP and AP50 are 0 if the images have no objects."""

    step: int
    AP: float
    AP50: float
    per_class: dict[str, ClassScore]


class Preflight(Part):
    """How well the model memorised a few images (`--preflight`). null: the images have no objects."""

    images: int
    steps: int
    AP50: float | None
    per_class: dict[str, float | None]


class Forgotten(Part):
    """How training changed one class that the initial weights knew."""

    objects: int
    """Validation objects."""
    before: ClassScore
    after: ClassScore
    lost_interval: tuple[float, float] | None
    """95 % interval of the lost AP. null: too few images."""

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
    """The step of the trained model."""
    resamples: int
    """Number of resamples of the images for the intervals. 0: there are no intervals."""
    seed: int
    per_class: dict[str, Forgotten]
    gone: tuple[str, ...]
    """Classes that the initial model knew and that these records do not have."""


class History(Part):
    """The course of a training. The file is in the folder `model`."""

    notices: tuple[str, ...] = ()
    """Warnings about this training, as sentences."""
    steps: tuple[Logged, ...]
    evaluations: tuple[Evaluated, ...]
    best_step: int
    """The step whose weights were kept."""
    stopped_early: bool
    seconds: float
    """Total of all attempts."""
    preflight: Preflight | None = None
    """null: `--preflight` was not given."""
    forgetting: Forgetting | None = None
    """null: the initial weights name none of the classes."""


class Variable(Part):
    name: str
    why: str


class Restored(Part):
    """Which variables of the model were restored, by Keras name. The file is in the folder `model`."""

    source: str
    """Where the initial weights came from."""
    restored: tuple[str, ...]
    skipped: tuple[Variable, ...]
    """The initial weights have these variables, but they do not fit."""
    new: tuple[str, ...]
    """The initial weights do not have these variables."""
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
