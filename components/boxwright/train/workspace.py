"""The folder in which a training keeps its state, so that it can resume after a kill."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from boxwright.core.od_api import image_preprocessing, tf
from boxwright.core.runtime import digests, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import local_path


def make(given: str, model: Path, made_from: Mapping[str, str]) -> Path:
    """The folder of this very training: another recipe, other data or other code never continue it.

    `boxwright run` gives the parent folder as BOXWRIGHT_WORKSPACE, because the graph is the cluster's, where it is a volume.
    If the given folder cannot be written, the workspace is beside the model. Raises UserError if that cannot be written.
    """
    name = f"train-{digests.of_json(made_from)}"
    if parent := os.environ.get("BOXWRIGHT_WORKSPACE") or given:
        try:
            (local_path(parent) / name).mkdir(parents=True, exist_ok=True)
            return local_path(parent) / name
        except OSError as error:
            print(
                f"warning: {parent} cannot be written ({error.strerror}): after a kill, training starts from step 0",
                file=sys.stderr,
            )
    folder = model.with_name(model.name + ".workspace") / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder.parent} cannot be written ({error.strerror}): training keeps the state there from which it resumes after a "
            "kill; choose another folder with --workspace"
        ) from None
    return folder


@contextmanager
def environment_errors_reported(workspace: Path, model: Path) -> Iterator[None]:
    """Raises UserError for a full disk and for a damaged image.

    TensorFlow has errors of its own for a full disk; they are recognised by their text.
    """
    try:
        with image_preprocessing.damaged_images_reported():
            yield
    except (OSError, tf.errors.OpError) as error:
        full = next((text for text in text_files.FULL if text in str(error)), None)
        if full is None:
            raise
        raise UserError(
            f"there is no space for what the training saves ({full}): free space for {workspace} and {model}, or choose other "
            "folders with --workspace and --model. Then run it again: it resumes from what was saved"
        ) from error


def remove(folder: Path) -> None:
    """After a finished training: the next one must not take its state for its own."""
    shutil.rmtree(folder)
