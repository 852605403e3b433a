"""Finds files that are in one split twice."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from boxwright.core.findings import Evidence, Finding
from boxwright.core.plurals import count
from boxwright.validate.checks.sightings import named
from boxwright.validate.split_stats import SplitStats


def findings(splits: Mapping[str, SplitStats]) -> Iterator[Finding]:
    """The items of each finding are all pairs of files."""
    for split, stats in splits.items():
        if pairs := repeated(stats):
            yield _repeated(split, pairs, stats.images)


def repeated(stats: SplitStats) -> list[tuple[str, str]]:
    """(first, again): each file that equals an earlier one byte for byte."""
    numbers = stats.files["sha256"].combine_chunks().dictionary_encode().indices.to_numpy()
    first = np.unique(numbers, return_index=True)[1][numbers] if len(numbers) else numbers
    later = np.flatnonzero(first != np.arange(len(numbers)))
    names = stats.files["filename"]
    pairs = zip(names.take(pa.array(first[later])).to_pylist(), names.take(pa.array(later)).to_pylist(), strict=True)
    return sorted(pairs, key=lambda pair: pair[::-1])


def _repeated(split: str, pairs: list[tuple[str, str]], images: int) -> Finding:
    return Finding(
        id="repeated_images",
        subject=split,
        cause="data_quality",
        severity="medium",
        title=f"Some {split} images are stored twice",
        claim=f"{split}: {len(pairs)} of {count(images, 'image')} {'is' if len(pairs) == 1 else 'are'} equal to another byte "
        f"for byte ({named(pairs)}).",
        evidence=(Evidence(metric="copies", value=len(pairs), n=images, where="records: image/key/sha256"),),
        items=tuple(pairs),
        remedy="Delete the copies and convert again.",
    )
