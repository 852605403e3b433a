"""Images of val or test that training has seen: AP on them is remembered, not earned."""

from collections.abc import Iterator

import numpy as np

from boxwright.core.findings import Finding
from boxwright.core.near_duplicates import SamePictures
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import share


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.data, inputs.same_pictures)


def judge(data: Data, same: SamePictures) -> Finding | None:
    split = data.images.split.to_numpy()
    pair_splits = split[same.pairs]
    crossing = (pair_splits == "train").sum(axis=1) == 1
    leaked = np.unique(same.pairs[crossing][pair_splits[crossing] != "train"])
    if not len(leaked):
        return None
    hits = np.isin(np.flatnonzero(split != "train"), leaked)
    names = ", ".join(data.images.filename.to_numpy()[leaked[:3]])
    return Finding(
        id="split_leakage",
        cause="split",
        severity="high" if hits.mean() >= 0.05 else "medium",
        title=f"{hits.sum()} validation and test images are also in training",
        claim=f"{hits.sum()} of the {len(hits)} validation and test images show the same picture as a training image. AP on "
        f"them is remembered, not earned. The first ones: {names}.",
        evidence=(share("held-out images seen in training", hits, "tables/images.parquet: dhash, filename"),),
        remedy="Move all images of one picture to one split, or delete the extra ones, and convert again. Frames of one fixed "
        "camera are no duplicates: keep them, and take val and test at other times or from other views.",
        expected_effect="AP falls to what it really is",
        confidence="high",
    )


KIND = Kind(ids=("split_leakage",), find=find)
