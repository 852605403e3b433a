"""Fine-tunes the recipe's model on the records with the TF Object Detection API and keeps the best checkpoint.

A training that was killed resumes when the same command runs again with the same records, recipe and weights. The best
checkpoint is the one with the highest AP on the validation images (on the first 500 if there are more). As long as no object
is found (AP 0), the last checkpoint is kept and patience does not count. Patience counts validations without a better AP.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from boxwright.core.runtime.flags import AsText, Bounds, Fetched, Input, Output, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    records: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote."""
    recipe: Annotated[Path, Input("Artifact")]
    """Recipe that augment or diagnose wrote, or that you edited."""
    model: Annotated[Path, Output("Model")] = Path("model")
    """Output folder: best checkpoint, pipeline.config, recipe, label map, history, curves, table of restored weights. An
    earlier model there is replaced when the training is done; a folder with other files is refused."""
    init: Annotated[str, Fetched()] = "auto"
    """Initial weights: auto (the model zoo's checkpoint if it can be reached, else from scratch), none (from scratch), a TF1
    checkpoint (folder, prefix or .tar.gz; a path, https:// or gs://), a slim-named .npz, or the model folder of an earlier
    run. The class predictor of an earlier run's model is restored by class name, and the history tells the AP of its classes
    before and after training, on the same validation images."""
    gpus: Annotated[int, Bounds(0), AsText()] = 0
    """GPUs of this machine to share each batch evenly. 1 or more must be there: a container without them fails instead of
    training for days on its CPU. 0: one GPU is used if there is one."""
    workspace: str = ""
    """Folder that outlives a killed process; the training resumes from it. Empty: beside the output."""
    preflight: Annotated[int, Bounds(0)] = 0
    """Steps of a trial training on eight images before the real one, to tell a mistake from a lack of data. 200 are enough
    with initial weights. 0: none."""
    fingerprint: str = ""
    """Any text. A new one makes cached steps run again when files changed under the same path; nothing else reads it."""
