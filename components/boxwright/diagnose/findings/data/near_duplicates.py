"""Training images that show the same picture."""

from collections.abc import Iterator

import numpy as np

from boxwright.core import near_duplicates
from boxwright.core.findings import Evidence, Finding
from boxwright.core.plurals import count
from boxwright.diagnose.findings import box_examples
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs


def find(inputs: Inputs) -> Iterator[Finding | None]:
    names = inputs.stored.images_in("train").filename.tolist()
    of = near_duplicates.same_pictures(names, [None] * len(names)).version_of
    yield judge(inputs.images, inputs.distinct_images, int((of >= 0).sum() - len(np.unique(of[of >= 0]))))


def judge(n: int, distinct: int, versions: int = 0) -> Finding | None:
    """n: training images. distinct: how many pictures they show. versions: how many are further versions that Roboflow made."""
    copies = n - distinct
    if not n or copies < 0.05 * n:
        return None
    made = versions >= copies / 2
    return Finding(
        id="near_duplicates",
        cause="data_quantity",
        severity="medium" if copies >= 0.3 * n else "low",
        title=f"{copies} of the {n} training images are near-duplicates of others",
        claim=f"The {n} training images show only {count(distinct, 'picture')}: {copies} are near-duplicates. "
        f"{_why(made, versions)}",
        evidence=(
            Evidence(
                metric="distinct training images", value=distinct, n=n, where="tables/images.parquet: dhash, filename"
            ),
        ),
        remedy=(
            "Export the images without augmentation, because training augments them anyway, and "
            if made
            else "Add pictures of other places, times and objects, and "
        )
        + f"count on {count(distinct, 'image')}, not on {n}.",
        expected_effect="not measured here; the number of images becomes correct",
        confidence="high",
    )


def _why(made: bool, versions: int) -> str:
    """What the copies are. made: most are versions that Roboflow made."""
    if made:
        return (
            f"{versions} are further versions that Roboflow made of a picture, by their names: they were augmented before the "
            "export, and training's own augmentation distorts them a second time."
        )
    return "They are re-encoded, resized or mirrored, or frames in which nothing moved. They add little diversity."


KIND = Kind(ids=("near_duplicates",), find=find, examples=box_examples.copies, rests_on=())
