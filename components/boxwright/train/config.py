"""Fine-tunes the recipe's model on the records with the TF Object Detection API and keeps the best checkpoint.

A killed training resumes when the same command runs again with the same records, recipe and weights. The best checkpoint has
the highest AP on the first 500 validation images. Training stops early after `patience` validations without a better AP.
While AP is 0, the last checkpoint is kept and training does not stop early.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from boxwright.core.runtime.flags import AsText, Bounds, Fetched, Input, Kept, Output, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    records: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote."""
    recipe: Annotated[Path, Input("Artifact")]
    """Recipe that augment or diagnose wrote, edited by hand or not."""
    model: Annotated[Path, Output("Model")] = Path("model")
    """Output folder: best checkpoint, pipeline.config, recipe, label map, history, curves, table of restored weights. When
    training is done, the new model replaces an earlier one in this folder. A folder with other files is refused."""
    init: Annotated[str, Fetched()] = "auto"
    """Initial weights. auto: the model zoo's checkpoint; from scratch if it cannot be reached. none: from scratch. Or a TF1
    checkpoint (folder, prefix or .tar.gz; a path, https://, gs:// or s3://), an .npz with TF-slim variable names, or the model
    folder of an earlier run. `#sha256=HEX` after a URI: the file must have this checksum. If the address has a password or a
    query that is secret, put it whole into the variable BOXWRIGHT_URLS, and give it here without them. From an earlier run's
    model, the class predictor is restored by class name, and the history holds the AP of the shared classes before and after
    training, on the same validation images. Weights of more than 1 GiB are refused; the variable BOXWRIGHT_WEIGHTS_GIB raises
    the limit."""
    gpus: Annotated[int, Bounds(0), AsText()] = 0
    """Number of GPUs of this machine. Each batch is divided evenly among them. If TensorFlow finds fewer, the step fails
    instead of training on the CPU for days. 0: one GPU if there is one, else the CPU."""
    checkpoints: Annotated[str, Kept()] = ""
    """Where the last two checkpoints are stored, so that the same training resumes on another machine: gs:// or
    s3://BUCKET/FOLDER, or a folder that all machines mount. Trainings with other records, recipe, weights, code or devices
    share it and do not touch each other. Storing takes at most 5 % of the time. The checkpoints stay when training is done:
    delete them when the model is safe. Empty: a lost machine or pod begins anew."""
    workspace: Annotated[str, Kept()] = ""
    """Folder on this machine for the state of the training, from which a killed training resumes. It must survive the process.
    Empty: a folder beside the output."""
    preflight: Annotated[int, Bounds(0)] = 0
    """Steps of a trial training on eight images before the real one. If the model cannot learn eight images by heart, the data
    or the recipe is wrong. 200 steps are enough with initial weights. 0: no trial."""
    fingerprint: str = ""
    """Any text. Change it to run cached steps again after files changed under the same path. It has no other effect."""
