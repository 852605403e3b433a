"""Finds copies: images that are in two splits, and files that are in one split twice."""

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from boxwright.core import near_duplicates
from boxwright.core.findings import Evidence, Finding
from boxwright.core.records import tfrecords
from boxwright.validate.split_stats import SplitStats
from boxwright.validate.tfdv.untyped import compute

Pair = tuple[str, str]

# Pairs of splits: (seen before, held out).
_ACROSS = tuple(itertools.combinations(tfrecords.SPLITS, 2))
# What a shared image means for the held-out split, by the split that has seen it.
_MEANS = {
    "train": "AP on them is partly memorised.",
    "val": "val selects the checkpoint, so AP on them is too high.",
}
_ONE_SPLIT = "Move all copies of an image to one split, or let convert make the splits: it keeps copies together."
_FEW = 3
# With this share of copies or more, the AP of a split is unreliable.
_MANY = 0.05


def findings(images: pa.Table, splits: Mapping[str, SplitStats]) -> Iterator[Finding]:
    """images: filename, split and dhash of each image. The items of each finding are all pairs of files."""
    for split, stats in splits.items():
        if pairs := repeated(stats):
            yield _repeated(split, pairs, stats.images)
    yield from _across("copies_across_splits", {a: shared(splits[a[0]], splits[a[1]]) for a in _ACROSS}, splits)
    yield from _across("near_copies_across_splits", near_copies(images, splits), splits)


def _repeated(split: str, pairs: list[Pair], images: int) -> Finding:
    return Finding(
        id="repeated_images",
        subject=split,
        cause="data_quality",
        severity="medium",
        title=f"Some {split} images are stored twice",
        claim=f"{split}: {len(pairs)} of {images} images {_are(len(pairs))} equal to another byte for byte ({named(pairs)}).",
        evidence=(Evidence(metric="copies", value=len(pairs), n=images, where="records: image/key/sha256"),),
        items=tuple(pairs),
        remedy="Delete the copies and convert again.",
    )


def _across(
    id: str, found: Mapping[tuple[str, str], list[Pair]], splits: Mapping[str, SplitStats]
) -> Iterator[Finding]:
    near = id.startswith("near")
    for (seen_in, held_out), pairs in found.items():
        if pairs:
            images = splits[held_out].images
            how = "nearly the same as an image of" if near else "equal byte for byte to an image of"
            yield Finding(
                id=id,
                subject=f"{held_out} in {seen_in}",
                cause="split",
                severity="high" if len(pairs) >= _MANY * images else "medium",
                title=f"Some {held_out} images are {'near-copies of images' if near else 'also'} in {seen_in}",
                claim=f"{held_out}: {len(pairs)} of {images} images {_are(len(pairs))} {how} {seen_in} ({named(pairs)}). "
                f"{_MEANS[seen_in]}",
                evidence=(
                    Evidence(
                        metric=f"{held_out} images seen in {seen_in}",
                        value=len(pairs),
                        n=images,
                        where="tables/images.parquet: dhash" if near else "records: image/key/sha256",
                    ),
                ),
                items=tuple(pairs),
                remedy=_ONE_SPLIT,
                expected_effect="AP falls to its true value.",
            )


def repeated(stats: SplitStats) -> list[Pair]:
    """(first, again): each file that equals an earlier one byte for byte."""
    numbers = stats.files["sha256"].combine_chunks().dictionary_encode().indices.to_numpy()
    first = np.unique(numbers, return_index=True)[1][numbers] if len(numbers) else numbers
    later = np.flatnonzero(first != np.arange(len(numbers)))
    names = stats.files["filename"]
    return _pairs(names.take(pa.array(first[later])), names.take(pa.array(later)))


def shared(first: SplitStats, second: SplitStats) -> list[Pair]:
    """(seen, other): each file of the second split (`other`) that equals a file of the first (`seen`), sorted by `other`."""
    rows = compute.index_in(second.files["sha256"], value_set=first.files["sha256"].combine_chunks())
    others = second.files["filename"].filter(compute.is_valid(rows))
    return _pairs(first.files["filename"].take(rows.drop_null()), others)


def _pairs(first: pa.ChunkedArray, second: pa.ChunkedArray) -> list[Pair]:
    return sorted(zip(first.to_pylist(), second.to_pylist(), strict=True), key=lambda pair: pair[::-1])


def near_copies(images: pa.Table, splits: Mapping[str, SplitStats]) -> dict[tuple[str, str], list[Pair]]:
    """(seen, other) by pair of splits: images that show the same picture, except those that are equal byte for byte.

    They are re-encoded, resized or mirrored, or versions that Roboflow made of one picture. The first copy of several is named.
    """
    names, split = images["filename"].to_pylist(), np.array(images["split"].to_pylist(), str)
    same = near_duplicates.same_pictures(names, images["dhash"].to_pylist())
    found = {}
    for seen_in, held_out in _ACROSS:
        equal = {other for _, other in shared(splits[seen_in], splits[held_out])}
        first = same.first(split == seen_in)
        rows = np.flatnonzero((split == held_out) & (first < len(names)))
        pairs = ((names[first[row]], names[row]) for row in rows)
        found[seen_in, held_out] = sorted((pair for pair in pairs if pair[1] not in equal), key=lambda pair: pair[::-1])
    return found


def named(pairs: list[Pair]) -> str:
    """The first few of (seen, other)."""
    return ", ".join(f"{other} is {seen}" for seen, other in pairs[:_FEW]) + (", ..." if len(pairs) > _FEW else "")


def _are(n: int) -> str:
    return "is" if n == 1 else "are"
