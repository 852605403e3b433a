"""Too few different training images."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.plurals import count
from boxwright.diagnose.findings import shared_examples, shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import below

ENOUGH = 100
_IMAGES: dict[Severity, float] = {"high": 30, "medium": ENOUGH}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.distinct_images, int(inputs.data.images_in("train").dhash.isna().sum()))


def judge(distinct: int, unmeasured: int) -> Finding | None:
    """distinct: training images without near-duplicates. unmeasured: training images that convert did not hash; their
    duplicates are found by name only."""
    severity = below(distinct, _IMAGES)
    if not severity:
        return None
    but = f", but {count(unmeasured, 'image')} could not be compared" if unmeasured else ""
    return Finding(
        id="few_images",
        cause="data_quantity",
        severity=severity,
        title=f"There are only {count(distinct, 'different training image')}",
        claim=f"The training images show {count(distinct, 'picture')} (near-duplicates left out{but}). The network can memorise "
        "so few before it learns the classes.",
        evidence=(
            Evidence(metric="distinct training images", value=distinct, n=distinct, where="tables/images.parquet"),
        ),
        remedy=f"Add images from other places, in other light and from other distances, until there are at least {ENOUGH}. Until "
        "then keep early stopping on, and read every metric together with its interval.",
        expected_effect="not measured here; more images, and more varied ones, are the most reliable gain",
        confidence="high",
    )


KIND = Kind(
    ids=("few_images",), find=find, rests_on=(), figure=shared_figures.counts, examples=shared_examples.training_images
)
