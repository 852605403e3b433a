"""Training images that show the same picture."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.core.plurals import count
from boxwright.diagnose.findings import box_examples
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.images, inputs.distinct_images)


def judge(n: int, distinct: int) -> Finding | None:
    """n: training images. distinct: how many pictures they show."""
    if not n or n - distinct < 0.05 * n:
        return None
    return Finding(
        id="near_duplicates",
        cause="data_quantity",
        severity="medium" if n - distinct >= 0.3 * n else "low",
        title=f"{n - distinct} of the {n} training images are near-duplicates of others",
        claim=f"The {n} training images show only {count(distinct, 'picture')}: {n - distinct} are near-duplicates (re-encoded, "
        "mirrored, augmented before the export, or frames of one fixed camera). They add little diversity. If they were "
        "augmented before the export, training's own augmentation distorts them a second time.",
        evidence=(
            Evidence(
                metric="distinct training images", value=distinct, n=n, where="tables/images.parquet: dhash, filename"
            ),
        ),
        remedy=f"Export the images without augmentation, because training augments them anyway, and count on {distinct} "
        f"images, not on {n}. If they come from one fixed camera, add other views.",
        expected_effect="not measured here; the number of images becomes correct",
        confidence="high",
    )


KIND = Kind(ids=("near_duplicates",), find=find, examples=box_examples.copies, rests_on=())
