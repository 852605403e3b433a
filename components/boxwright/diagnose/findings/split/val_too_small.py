"""A validation split that is too small to choose the best step by, though there are images enough to make it larger."""

from collections.abc import Iterator

import numpy as np

from boxwright.core.findings import Evidence, Finding
from boxwright.core.plurals import count
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings import shared_figures, split_examples
from boxwright.diagnose.findings.data import few_objects
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs

# Below ENOUGH, Recall is uncertain by 18 points either way; below _GOOD, by 16 to 18, which is worth a note.
ENOUGH, _GOOD = 30, 40
# Validation images beside a training image in a usual split. With as many, all images are few, not those of validation.
_USUAL = 0.1


def find(inputs: Inputs) -> Iterator[Finding | None]:
    untold = not any(one.id in ("empty_split", "no_objects") and one.subject == "val" for one in inputs.validated)
    if untold and not follows(inputs.data):
        yield judge(inputs.data)


def follows(data: Data) -> bool:
    """Whether validation is small because all images are few, as in a split that convert made of a small set. `few_images` tells
    it then. data: each picture once."""
    train, n = len(data.images_in("train")), with_objects(data)
    return _few(train, n) and n < ENOUGH


def _few(train: int, n: int) -> bool:
    return train < few_objects.ENOUGH_IMAGES and n >= max(1, _USUAL * train)


def judge(data: Data) -> Finding | None:
    val, objects, n = data.images_in("val"), data.objects_in("val"), with_objects(data)
    if n >= _GOOD or (n >= ENOUGH and _few(len(data.images_in("train")), n)):
        return None
    backgrounds = f", and {len(val) - n} without any" if len(val) > n else ""
    doubt = (
        f"{uncertain(n)}, so chance decides which step is best"
        if n
        else "Without objects there is no AP to choose the best step by, so the last step is kept"
    )
    return Finding(
        id="val_too_small",
        cause="split",
        severity="medium" if n < ENOUGH else "low",
        title=f"The validation split has only {count(n, 'image')} with objects",
        claim=f"The validation split has {count(n, 'image')} with {count(len(objects), 'object')}{backgrounds}. {doubt}.",
        evidence=(
            Evidence(
                metric="validation images with objects",
                value=n,
                n=len(val),
                where="tables/images.parquet and objects.parquet, split val",
            ),
        ),
        remedy=f"Put at least {_GOOD} images with objects into validation, of scenes that training does not have.",
        expected_effect="no gain in AP, but a reliable choice of the best step",
        confidence="high",
    )


def uncertain(n: int) -> str:
    """n: validation images with objects, at least one. Two standard deviations of a share of one half."""
    return f"Recall measured on it is uncertain by up to {100 / np.sqrt(n):.0f} points either way"


def with_objects(data: Data) -> int:
    """Validation images that have an object."""
    return data.objects_in("val").image_id.nunique()


KIND = Kind(
    ids=("val_too_small",),
    find=find,
    examples=split_examples.validation_images,
    rests_on=("labels", "held_out"),
    figure=shared_figures.counts,
)
