"""Measures what will hold the detector back on this data, and writes a recipe that corrects it.

It needs no training. It takes seconds, because it reads only the tables that convert wrote and a few hundred of the images. It
looks at a sample of the objects with the backbone of the initial weights, if these are a MobileNet v1 and can be read here.
With --stock, the findings are the same, but the recipe is the model zoo's own: the baseline. With --data instead of --records
and --tables, `boxwright diagnose` runs convert and validate before it and augment after it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from boxwright.core import models
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Bounds, Choices, Fetched, Input, Output, Returned, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    records: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote. Its manifest names the classes."""
    tables: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote, with images.parquet and objects.parquet."""
    anomalies: Annotated[str, Input("Artifact")] = ""
    """Folder that validate wrote. Its findings are ranked together with those of diagnose, first those that stop the training.
    Empty: the data were not validated."""
    model: Annotated[str, Choices(models.NAMES, tuple(models.ALIASES))] = models.NAMES[0]
    """The detector to fine-tune."""
    steps: Annotated[int, Bounds(0)] = 0
    """Training steps. 0: about 25 epochs, at least 600 and at most 20,000 steps."""
    batch_size: Annotated[int, Bounds(1)] = 8
    """Images per training step. The learning rate is scaled to it."""
    seed: Annotated[int, Bounds(0, 2**32 - 1)] = 0
    """Seed of everything random: made splits, anchor search, initial weights, shuffling, augmentation. 0 to 4294967295."""
    stock: bool = False
    """Write the model zoo's recipe with only the classes and the learning rate (scaled to the batch) changed: the
    baseline."""
    init: Annotated[str, Fetched()] = "auto"
    """Initial weights. auto: the model zoo's checkpoint; from scratch if it cannot be reached. none: from scratch. Or a TF1
    checkpoint (folder, prefix or .tar.gz; a path, https://, gs:// or s3://), an .npz with TF-slim variable names, or the model
    folder of an earlier run. `#sha256=HEX` after a URI: the file must have this checksum. If the address has a password or a
    query that is secret, put it whole into the variable BOXWRIGHT_URLS, and give it here without them."""
    given: Annotated[str, Input()] = ""
    """Your existing training: a recipe.yaml or an OD API pipeline.config. It is diagnosed instead of the zoo's recipe. The
    written recipe is yours with the changes that the findings ask for. The model, the steps and the batch size come from your
    training."""
    fingerprint: str = ""
    """Any text. Change it to run cached steps again after files changed under the same path. It has no other effect."""
    findings: Annotated[Path, Output("Artifact")] = Path("findings.json")
    """Output: the findings, the shares of objects out of the anchors' reach, and the prediction."""
    recipe: Annotated[Path, Output("Artifact")] = Path("recipe.yaml")
    """Output: everything that decides the training."""
    page: Annotated[Path, Output("HTML")] = Path("diagnosis.html")
    """Output: one page with the findings, their figures, and the changes of the recipe."""

    returns: ClassVar = {
        "weights": Returned(str, "The initial weights that training starts from: a path, a URI, or none.")
    }

    def __post_init__(self) -> None:
        """Raises UserError for a value out of bounds, and for flags that contradict each other."""
        super().__post_init__()
        if self.given and (self.stock or self.steps):
            raise UserError("--given sets the recipe and its steps: leave out --steps and --stock")
