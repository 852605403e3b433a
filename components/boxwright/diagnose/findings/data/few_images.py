"""Too few different training images. Classes with few objects and a small validation split are rows of this finding then: the
cause is the same."""

from collections.abc import Iterator, Mapping

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.plurals import count
from boxwright.diagnose.findings import shared_examples, shared_figures
from boxwright.diagnose.findings.data import few_objects
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.findings.split import val_too_small
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import below

_IMAGES: dict[Severity, float] = {"high": 30, "medium": few_objects.ENOUGH_IMAGES}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    unmeasured = int(inputs.data.images_in("train").dhash.isna().sum())
    if inputs.distinct_images < few_objects.ENOUGH_IMAGES:
        val = val_too_small.with_objects(inputs.data) if val_too_small.follows(inputs.data) else 0
        yield judge(inputs.distinct_images, unmeasured, few_objects.of(inputs), val)


def judge(distinct: int, unmeasured: int, lacks: Mapping[str, int], val: int = 0) -> Finding | None:
    """distinct: training images without near-duplicates. unmeasured: training images that convert did not hash; their
    duplicates are found by name only. lacks: the objects of each class that has few of them too. val: the validation images with
    objects, if they are few too; else 0."""
    severity = below(distinct, _IMAGES)
    if not severity:
        return None
    but = f", but {count(unmeasured, 'image')} could not be compared" if unmeasured else ""
    of_fewest = few_objects.of_fewest(lacks)
    fewest = next(iter(lacks), "")
    least = f", and only {lacks[fewest]} objects of {fewest}" if lacks else ""
    need = f", with at least {few_objects.ENOUGH} objects of each class: {few_objects.needed(lacks)}" if lacks else ""
    more = f", and {val_too_small.ENOUGH} in validation" if val else ""
    return Finding(
        id="few_images",
        # A small validation split casts doubt on every later number, so then the finding has the place of a wrong split.
        cause="split" if val else "data_quantity",
        severity="high" if of_fewest == "high" else severity,
        title=f"There are only {count(distinct, 'different training image')}{least}",
        claim=f"The training images show {count(distinct, 'picture')} (near-duplicates left out{but}){least}. The network can "
        f"memorise so few before it learns the classes.{_of_val(val)}",
        evidence=(
            Evidence(metric="distinct training images", value=distinct, n=distinct, where="tables/images.parquet"),
            *few_objects.rows(lacks),
            *(
                [Evidence(metric="validation images with objects", value=val, n=val, where="tables, split val")]
                if val
                else []
            ),
        ),
        remedy="Add images from other places, in other light and from other distances, until there are at least "
        f"{few_objects.ENOUGH_IMAGES}{need}{more}. Until then read every metric with its interval.",
        expected_effect="not measured here; more images, and more varied ones, are the most reliable gain",
        confidence="high",
    )


def _of_val(val: int) -> str:
    return f" Validation has only {count(val, 'image')} with objects. {val_too_small.uncertain(val)}." if val else ""


KIND = Kind(
    ids=("few_images",), find=find, rests_on=(), figure=shared_figures.counts, examples=shared_examples.training_images
)
