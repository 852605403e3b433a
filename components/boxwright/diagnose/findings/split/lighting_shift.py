"""A validation or test split that is lit differently from training, and differs in nothing else."""

from collections.abc import Iterator, Sequence, Set

from boxwright.core.findings import Finding
from boxwright.core.html import charts
from boxwright.core.records import tfrecords
from boxwright.diagnose.findings import split_examples
from boxwright.diagnose.findings.kind import Figure, Kind, Shown
from boxwright.diagnose.findings.split import split_shift
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.beyond_training import Beyond


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.beyond, inputs.leaked)


def judge(found: Sequence[Beyond], leaked: Set[str]) -> Finding | None:
    """found: `beyond_training`. leaked: the held-out splits that show training images."""
    if not found or any(beyond.axis != "brightness" for beyond in found):
        return None
    bridged = " Brightness augmentation bridges a small part of it."
    return split_shift.finding("lighting_shift", found, split_shift.remedy(found, leaked) + bridged)


def figure(shown: Shown) -> Figure:
    """Brightness of the images of each split."""
    data = shown.data.distinct
    splits = [split for split in tfrecords.SPLITS if len(data.images_in(split))]
    values = {split: data.images_in(split).brightness.dropna().to_numpy(float) for split in splits}
    caption = "Brightness of the images by split, from 0 (black) to 1 (white). In brackets: images."
    return Figure(charts.histograms(values), caption)


KIND = Kind(ids=("lighting_shift",), find=find, examples=split_examples.shifted, rests_on=("held_out",), figure=figure)
