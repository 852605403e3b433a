"""Checks that TFDV does not have: broken and implausible boxes, and counts that differ from the manifest."""

from collections import Counter
from collections.abc import Iterator, Mapping

import pandas as pd

from boxwright.core.artifacts.dataset import Dataset
from boxwright.core.findings import Evidence, Finding
from boxwright.core.runtime.errors import few
from boxwright.validate.split_stats import SplitStats

_FEW = 3
# Few real objects are longer than this (a fishing rod is). Such a box usually has a misplaced corner.
_LONGEST = 20


def broken(splits: Mapping[str, SplitStats]) -> Iterator[Finding]:
    """Examples with broken boxes, which training would learn from."""
    for split, stats in splits.items():
        if stats.inverted:
            yield _broken(
                "inverted_boxes", split, stats.inverted, "a box whose maximum is not above its minimum", stats
            )
        if stats.unequal:
            yield _broken("unequal_lengths", split, stats.unequal, "different numbers of box sides and labels", stats)


def _broken(id: str, split: str, files: list[str], what: str, stats: SplitStats) -> Finding:
    return _stops(
        id=id,
        split=split,
        title=f"Some {split} records have {what}",
        claim=f"{split}: {len(files)} of {stats.images} images {'has' if len(files) == 1 else 'have'} {what} "
        f"({few(files, _FEW)}).",
        evidence=Evidence(metric="images", value=len(files), n=stats.images, where=f"records: {split}"),
        items=tuple(files),
    )


def counts(dataset: Dataset, splits: Mapping[str, SplitStats]) -> Iterator[Finding]:
    """Compares the counts of the manifest with those of the files."""
    for split in dataset.splits:
        stored, stats = dataset.splits[split], splits[split]
        if (stored.images, stored.objects) != (stats.images, stats.objects):
            yield _stops(
                id="counts_differ",
                split=split,
                title=f"The TFRecords of {split} do not match the manifest",
                claim=f"{split}: the manifest says {stored.images} images and {stored.objects} objects, the TFRecords hold "
                f"{stats.images} and {stats.objects}.",
                evidence=Evidence(metric="images", value=stats.images, n=stored.images, where=f"records: {split}"),
                items=(),
            )


def _stops(*, id: str, split: str, title: str, claim: str, evidence: Evidence, items: tuple[str, ...]) -> Finding:
    """A fault of the records. convert writes no such records."""
    return Finding(
        id=id,
        subject=split,
        cause="data_quality",
        severity="high",
        stops=True,
        title=title,
        claim=claim,
        evidence=(evidence,),
        items=items,
        remedy="Run `boxwright convert` again. It does not write such records.",
    )


def implausible(objects: pd.DataFrame) -> Iterator[Finding]:
    """Boxes that are more than 20 times as long as wide, or the reverse. objects: class, width_px and height_px of each."""
    ratio = objects.width_px / objects.height_px
    odd = objects[(ratio > _LONGEST) | (ratio < 1 / _LONGEST)]
    if len(odd):
        per_class = ", ".join(f"{n} {name}" for name, n in Counter(odd["class"]).most_common())
        yield Finding(
            id="implausible_aspect",
            cause="data_quality",
            severity="medium",
            title="Some boxes are as thin as a line",
            claim=f"{len(odd)} of {len(objects)} boxes {'is' if len(odd) == 1 else 'are'} more than {_LONGEST} times as long as "
            f"wide ({per_class}).",
            evidence=(
                Evidence(
                    metric="boxes", value=len(odd), n=len(objects), where="tables/objects.parquet: width_px, height_px"
                ),
            ),
            remedy="Check these boxes: a corner is probably misplaced. Correct them and convert again.",
        )
