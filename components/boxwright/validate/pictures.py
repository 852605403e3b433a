"""What the tables show and TFDV does not see: near-copies across splits, another light or other sizes, implausible boxes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from boxwright.core import near_duplicates
from boxwright.core.records import tables
from boxwright.validate import examples
from boxwright.validate.examples import Split
from boxwright.validate.reasons import Reason

# Kolmogorov-Smirnov: the largest difference of two cumulative shares. Below it no eye sees a shift; chance alone reaches it
# with few images, which the second bound is for.
SHIFT = 0.3
CHANCE = 0.001
MOST = 100_000
# Objects of a camera's world are hardly longer than that; a fishing rod is, a slipped corner as well.
LONGEST = 20
_WORDS = {"brightness": "light", "contrast": "contrast", "sharpness": "sharpness"}


def reasons(folder: Path, splits: dict[str, Split]) -> Iterator[Reason]:
    """folder: of the tables; splits: what was read of the records, for the pictures that are equal byte for byte."""
    yield from near_copies(tables.images(folder, ["filename", "split", "dhash"]), splits)
    images, objects = tables.read(folder, ["split", *_WORDS], ["height_px", "width_px"])
    yield from shifts(images, splits)
    yield from implausible(folder, objects)


def near_copies(images: pa.Table, splits: dict[str, Split]) -> Iterator[Reason]:
    """Pictures of val and test that are one of train, or of test that are one of val, re-encoded, resized or mirrored. The
    reason's value: all pairs of files."""
    images = images.filter(pc.is_valid(images["dhash"]))
    split, names = np.array(images["split"].to_pylist(), str), images["filename"]
    rows = near_duplicates.pairs(near_duplicates.parsed(images["dhash"].to_pylist()))
    for seen_in, held_out in examples.ACROSS:
        told = {other for _, other in examples.shared(splits[seen_in], splits[held_out])}
        seen, others = (
            names.take(pa.array(side)).to_pylist() for side in _crossing(rows, split[rows], seen_in, held_out).T
        )
        first = {other: one for one, other in zip(reversed(seen), reversed(others), strict=True) if other not in told}
        if pairs := [[one, other] for other, one in sorted(first.items())]:
            text = (
                f"{held_out}: {len(pairs)} of {(split == held_out).sum()} images are nearly the same as one of {seen_in} "
                f"({examples.named(pairs)}): {examples.LEAKED[seen_in]}"
            )
            yield Reason.caveat("near_copies_across_splits", text, pairs)


def _crossing(rows: np.ndarray, split: np.ndarray, seen_in: str, held_out: str) -> np.ndarray:
    """(m, 2) of the pairs of rows those with one in each of the two splits, that of `seen_in` first. split: of each row."""
    there, back = (np.all(split == order, axis=1) for order in ((seen_in, held_out), (held_out, seen_in)))
    return np.concatenate([rows[there], rows[back][:, ::-1]])


def shifts(images: pd.DataFrame, splits: dict[str, Split]) -> Iterator[Reason]:
    """Val or test in another light, contrast or sharpness than train, or with other sizes of objects."""
    of_split = {name: images[images.split == name] for name in splits}
    for held_out in ("val", "test"):
        for column, word in _WORDS.items():
            train, other = (of_split[name][column].dropna().to_numpy(float) for name in ("train", held_out))
            yield from _shift(held_out, word, column, train, other)
        sizes = [100 * splits[name].sizes for name in ("train", held_out)]
        yield from _shift(held_out, "size of the objects", "side, % of the image", *sizes)


def _shift(held_out: str, word: str, unit: str, train: np.ndarray, other: np.ndarray) -> Iterator[Reason]:
    if not (len(train) and len(other)):
        return
    train, other = map(_some, (train, other))
    test = stats.ks_2samp(train, other)
    seen = word != "light" or stats.wasserstein_distance(train, other) >= tables.VISIBLE
    if test.statistic >= SHIFT and test.pvalue < CHANCE and seen:
        yield Reason.caveat(
            "split_shift",
            f"{held_out}: the {word} is another than in train: median {np.median(other):.3g} against {np.median(train):.3g} "
            f"({unit}; Kolmogorov-Smirnov {test.statistic:.2f}, n {len(other)} and {len(train)}): it measures what training "
            "does not show",
            f"{held_out} {word}",
        )


def _some(values: np.ndarray) -> np.ndarray:
    """Evenly from all: the test needs sixty bytes for each, and so many decide."""
    return values[:: -(-len(values) // MOST)]


def implausible(folder: Path, objects: pd.DataFrame) -> Iterator[Reason]:
    """Boxes more than LONGEST times as long as wide, or the reverse, in pixels. objects: sizes, of the tables in folder."""
    ratio = objects.width_px / objects.height_px
    odd = np.flatnonzero((ratio > LONGEST) | (ratio < 1 / LONGEST))
    if len(odd):
        names = tables.read(folder, [], ["class"])[1]["class"].iloc[odd]
        per_class = ", ".join(f"{n} {name}" for name, n in names.value_counts().items())
        text = f"{len(odd)} of {len(objects)} boxes are more than {LONGEST} times as long as wide ({per_class}): look at them"
        yield Reason.caveat("implausible_aspect", text, len(odd))
