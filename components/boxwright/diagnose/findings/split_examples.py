"""Examples of how a held-out split differs from training, and of what it consists of."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from boxwright.core import boxes
from boxwright.core.findings import Finding
from boxwright.core.records.tfrecords import HELD_OUT
from boxwright.diagnose.data import SIDES, Data
from boxwright.diagnose.findings.examples import Example, Mark, View, box
from boxwright.diagnose.findings.kind import Shown
from boxwright.diagnose.findings.shared_examples import objects_of

_MOST, _SHEET = 3, 30


def shifted(finding: Finding, shown: Shown) -> Iterator[Example]:
    """For each number of the finding, a typical training image beside a typical held-out image."""
    data = shown.data.distinct
    for row in sorted(finding.evidence, key=lambda one: -one.value)[:_MOST]:
        values = _of_objects(data, row.subject) if row.axis == "size" else data.images
        if row.axis in values:
            yield from _beside(values, row.axis, row.split, row.subject)


def _of_objects(data: Data, name: str) -> pd.DataFrame:
    """Objects of a class in all splits, with `size`: the root of their area."""
    objects = pd.concat([objects_of(data, name, split) for split in ("train", *HELD_OUT)])
    return objects.assign(size=np.sqrt(boxes.area(objects[SIDES].to_numpy(float))))


def _beside(values: pd.DataFrame, axis: str, split: str, name: str) -> Iterator[Example]:
    views = []
    for which in ("train", split):
        known = values[(values.split == which) & values[axis].notna()]
        if known.empty:
            return
        row = known.iloc[int(np.abs(known[axis].to_numpy(float) - known[axis].median()).argmin())]
        marks = (Mark(box(row[SIDES]), "red", f"a {name} of typical size in its split"),) if axis == "size" else ()
        views.append(View(row.filename, marks, which))
    what = f"size of {name}" if axis == "size" else axis
    yield Example(
        tuple(views), f"A training image and a {split} image, each of the median {what} of its split.", whole=True
    )


def validation_images(finding: Finding, shown: Shown) -> Iterator[Example]:
    """The validation images as a contact sheet."""
    images = shown.data.images_in("val")
    if len(images):
        yield Example(tuple(View(name) for name in images.filename[:_SHEET]), "The validation images.")
