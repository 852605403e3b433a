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


def name(made_from: Mapping[str, str]) -> str:
    """The name of a training's folder. It has a digest of `made_from`, so that a training with another recipe, other data, other
    code or other devices never resumes from it."""
    return f"train-{digests.of_json(made_from)}"


def make(given: str, model: Path, name: str, *, warns: bool) -> Path:
    """Creates the folder of this name for this training and returns it. warns: about a folder that is lost with a pod.

    The parent folder is the environment variable BOXWRIGHT_WORKSPACE, else `given`, else a folder beside the model.
    `boxwright run` sets the variable because it runs the cluster's graph, which passes a path on a volume. If the parent cannot
    be written, the workspace is created beside the model, with a warning. Raises UserError if that cannot be written either.
    """
    if parent := os.environ.get("BOXWRIGHT_WORKSPACE") or given:
        try:
            (local_path(parent) / name).mkdir(parents=True, exist_ok=True)
            return local_path(parent) / name
        except OSError as error:
            print(
                f"warning: {parent} cannot be written ({error.strerror}): a killed training will start again from step 0",
                file=sys.stderr,
            )
    elif warns and "KUBERNETES_SERVICE_HOST" in os.environ:
        print(
            "warning: the state of the training is kept in this pod only: if the pod is lost, training begins anew; give "
            "--checkpoints gs:// or s3://BUCKET/FOLDER",
            file=sys.stderr,
            flush=True,
        )
    folder = model.with_name(model.name + ".workspace") / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder.parent} cannot be written ({error.strerror}): training saves its state there, to resume after a kill; "
            "choose another folder with --workspace"
        ) from None
    return folder


@contextmanager
def environment_errors_reported(workspace: Path, model: Path) -> Iterator[None]:
    """Inside the block, a full disk or a damaged image raises UserError.

    TensorFlow reports a full disk with errors of its own, which are recognised by their text.
    """
    try:
        with image_preprocessing.damaged_images_reported():
            yield
    except (OSError, tf.errors.OpError) as error:
        full = next((text for text in text_files.FULL if text in str(error)), None)
        if full is None:
            raise
        raise UserError(
            f"there is no space to save the state of the training ({full}): free space for {workspace} and {model}, or choose "
            "other folders with --workspace and --model. Then run the command again: training resumes from the last saved state"
        ) from error


def remove(folder: Path) -> None:
    """Removes the workspace of a finished training, so that the next training does not resume from it."""
    shutil.rmtree(folder)
