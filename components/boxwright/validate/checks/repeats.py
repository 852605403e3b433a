"""Finds files that are in one split twice."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from boxwright.core.findings import Evidence, Finding
from boxwright.core.plurals import count
from boxwright.validate.split_stats import SplitStats

# With this share of copies or more in a split, they change its numbers.
_MANY = 0.05


def findings(splits: Mapping[str, SplitStats]) -> Iterator[Finding]:
    """One finding, with a row for each split. Its items are all pairs of files."""
    if pairs := {split: found for split, stats in splits.items() if (found := repeated(stats))}:
        yield _finding(pairs, {split: splits[split].images for split in pairs})


def repeated(stats: SplitStats) -> list[tuple[str, str]]:
    """(first, again): each file that equals an earlier one byte for byte."""
    numbers = stats.files["sha256"].combine_chunks().dictionary_encode().indices.to_numpy()
    first = np.unique(numbers, return_index=True)[1][numbers] if len(numbers) else numbers
    later = np.flatnonzero(first != np.arange(len(numbers)))
    names = stats.files["filename"]
    pairs = zip(names.take(pa.array(first[later])).to_pylist(), names.take(pa.array(later)).to_pylist(), strict=True)
    return sorted(pairs, key=lambda pair: pair[::-1])


def _finding(pairs: Mapping[str, list[tuple[str, str]]], images: Mapping[str, int]) -> Finding:
    """pairs, images: by split; images counts all images of the split."""
    every, n = [pair for found in pairs.values() for pair in found], sum(images.values())
    many = any(len(found) >= _MANY * images[split] for split, found in pairs.items())
    are = "images is" if len(every) == 1 else "images are"
    told = "; ".join(f"{split}: {len(found)} of {count(images[split], 'image')}" for split, found in pairs.items())
    return Finding(
        id="repeated_images",
        cause="data_quality",
        severity="medium" if many else "low",
        title=f"{len(every)} of {n:,} {are} stored twice",
        claim=f"{len(every)} of {n:,} {are} equal to another image of the same split byte for byte ({told}).",
        evidence=tuple(
            Evidence(
                metric="copies", subject=split, value=len(found), n=images[split], where="records: image/key/sha256"
            )
            for split, found in pairs.items()
        ),
        items=tuple(every),
        remedy="Delete the copies and convert again.",
    )
