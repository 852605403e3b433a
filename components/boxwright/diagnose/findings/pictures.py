"""Findings on the pictures themselves, from the tables: near-duplicates, leaks between splits, another light."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from boxwright.core import near_duplicates as hashes
from boxwright.core.findings import Evidence, Finding
from boxwright.core.records import tables
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.anchor_coverage import share


@dataclass(frozen=True, eq=False)
class Copies:
    """pairs: (m, 2) rows of images.parquet that show the same picture; groups: (n,) a number for each picture there is."""

    pairs: np.ndarray
    groups: np.ndarray


def copies(images: pd.DataFrame) -> Copies:
    """Same picture: hashes (one perhaps mirrored) within 3 bits, or the same name before Roboflow's `.rf.` suffix."""
    hashed = np.flatnonzero(images.dhash.notna())  # a picture that could not be measured is a copy by its name only
    alike = hashed[hashes.pairs(hashes.parsed(images.dhash.iloc[hashed]))]
    pairs = np.concatenate([alike, _same_name(images.filename)])
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    return Copies(pairs, hashes.groups(len(images), pairs))


def _same_name(filenames: pd.Series) -> np.ndarray:
    """(m, 2) rows that Roboflow made from one picture: `name_jpg.rf.<hash>.jpg`."""
    rows = pd.Series(range(len(filenames)))
    stems = filenames.reset_index(drop=True).str.rsplit("/", n=1).str[-1]
    rows = rows[stems.str.contains(".rf.", regex=False)]
    first = rows.groupby(stems[rows.index].str.split(".rf.", regex=False).str[0]).transform("first")
    return np.stack([first.to_numpy(int), rows.to_numpy(int)], axis=1)


def findings(data: Data, found: Copies) -> list[Finding]:
    return [f for f in (near_duplicates(data, found), leakage(data, found), lighting(data)) if f]


def distinct_images(data: Data, found: Copies, split: str = "train") -> int:
    return len(np.unique(found.groups[(data.images.split == split).to_numpy()]))


def near_duplicates(data: Data, found: Copies) -> Finding | None:
    n, distinct = len(data.images_in("train")), distinct_images(data, found)
    if not n or n - distinct < 0.05 * n:
        return None
    return Finding(
        id="near_duplicates",
        cause="data_quantity",
        severity="medium" if n - distinct >= 0.3 * n else "low",
        claim=f"The {n} training images show {distinct} picture{'s' * (distinct != 1)}: {n - distinct} are copies, re-encoded, "
        "mirrored or augmented before the export, or frames of one fixed view. They add little diversity, and copies stacked on "
        "training's own augmentation distort twice.",
        evidence=(
            Evidence(
                metric="distinct training images", value=distinct, n=n, where="tables/images.parquet: dhash, filename"
            ),
        ),
        remedy=f"Export the pictures without augmentation (training augments anyway) and count on {distinct}, not {n}. Of a "
        "fixed view add other views.",
        expected_effect="not measured here; the same AP in fewer steps, and honest numbers of images",
        confidence="high",
    )


def leakage(data: Data, found: Copies) -> Finding | None:
    """Pictures of val or test that training has seen: AP on them is remembered, not earned."""
    split = data.images.split.to_numpy()
    pair_splits = split[found.pairs]
    crossing = (pair_splits == "train").sum(axis=1) == 1
    leaked = np.unique(found.pairs[crossing][pair_splits[crossing] != "train"])
    if not len(leaked):
        return None
    held_out = np.flatnonzero(split != "train")
    hits = np.isin(held_out, leaked)
    names = ", ".join(data.images.filename.to_numpy()[leaked[:3]])
    return Finding(
        id="split_leakage",
        cause="split",
        severity="high" if hits.mean() >= 0.05 else "medium",
        claim=f"{hits.sum()} of the {len(hits)} validation and test images are also in training (nearly the same picture): "
        f"AP on them is remembered, not earned. The first: {names}.",
        evidence=(share("held-out images seen in training", hits, "tables/images.parquet: dhash, filename"),),
        remedy="Move all copies of one picture to one split, or delete them, and convert again. Frames of one fixed view are no "
        "copies: keep them, and take val and test at other times or from other views.",
        expected_effect="AP falls to what it really is",
        confidence="high",
    )


def lighting(data: Data) -> Finding | None:
    """Brightness of the held-out splits against training (two-sample Kolmogorov-Smirnov); the one that differs most."""
    train = data.images_in("train").brightness.dropna()
    tests = []
    for split in ("val", "test"):
        other = data.images_in(split).brightness.dropna()
        if len(train) >= 5 and len(other) >= 5:
            tests.append((stats.ks_2samp(train, other), split, other))
    if not tests:
        return None
    test, split, other = max(tests, key=lambda found: found[0].statistic)
    if test.statistic < 0.35 or test.pvalue > 0.001 or stats.wasserstein_distance(train, other) < tables.VISIBLE:
        return None
    return Finding(
        id="lighting_shift",
        cause="split",
        severity="high" if test.statistic >= 0.7 else "medium",
        claim=f"{split} is lit differently from train: median brightness {other.median():.3g} against {train.median():.3g} "
        f"(Kolmogorov-Smirnov distance {test.statistic:.2f}, p = {test.pvalue:.1g}). What training never saw is tested.",
        evidence=(
            Evidence(
                metric=f"KS distance of brightness, {split} to train",
                value=round(float(test.statistic), 3),
                n=len(train) + len(other),
                where="tables/images.parquet: brightness",
            ),
        ),
        remedy=f"Add training pictures in the light of {split}, or mix the pictures before splitting if they were taken for the "
        "same use; brightness and contrast augmentation bridges a small gap only.",
        expected_effect="not measured here",
        confidence="medium",
    )
