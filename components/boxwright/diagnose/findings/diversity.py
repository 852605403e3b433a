"""Findings on what varies in the data: axes on which a class hardly does, and held-out splits that differ from training."""

import numpy as np
import pandas as pd
from scipy import stats

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.diagnose.data import Data

IMAGE_AXES = ("brightness", "contrast", "sharpness", "crowding")
BACKGROUND_AXES = ("brightness behind it", "texture behind it")
BOX_AXES = ("size", "aspect", "height in the picture", "place across the picture")
_ENOUGH, _P = 20, 0.001
_THIN = 1 / 3  # set: of the spread of the other classes
_SHIFT: dict[Severity, float] = {"high": 0.7, "medium": 0.35}  # KS distances, as of pictures.lighting
_TINY = 1e-9


def axes(data: Data, behind: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row for each class of each image: medians over its objects of size (log of the side), aspect (log of width over
    height) and centre, and the image's own axes as far as they were measured; crowding is log of its objects. behind: what
    `appearance.behind` gives, of some of the images."""
    o = data.objects
    height, width = (o.ymax - o.ymin).clip(lower=_TINY), (o.xmax - o.xmin).clip(lower=_TINY)
    measured = pd.DataFrame(
        {
            "image_id": o.image_id,
            "class": o["class"],
            "size": np.log(height * width) / 2,
            "aspect": np.log(width / height),
            "height in the picture": (o.ymin + o.ymax) / 2,
            "place across the picture": (o.xmin + o.xmax) / 2,
        }
    )
    rows = measured.groupby(["image_id", "class"], observed=True, sort=True).median().reset_index()
    there = [a for a in IMAGE_AXES if a in data.images]
    rows = rows.merge(data.images[["image_id", "split", *there]], on="image_id")
    rows = rows.assign(crowding=np.log(rows.image_id.map(o.image_id.value_counts())))
    if behind is None:
        return rows
    named = rows.merge(data.images[["image_id", "filename"]], on="image_id")
    return named.merge(behind, on=["filename", "class"], how="left").drop(columns="filename")


def findings(data: Data, behind: pd.DataFrame | None = None) -> list[Finding]:
    """behind: as in `axes`."""
    measured = axes(data, behind)
    thin = [thin_axes(measured[measured.split == "train"], name) for name in data.classes]
    return [f for f in (*thin, *shifts(measured, data)) if f]


def spread(values: np.ndarray) -> float:
    """Distance of the 10th and 90th percentile."""
    low, high = np.quantile(values, [0.1, 0.9])
    return float(high - low)


def thin_axes(train: pd.DataFrame, name: str) -> Finding | None:
    """Axes on which a class spreads less than a third as wide as the other classes do (Brown-Forsythe test, Holm)."""
    mine = train["class"] == name
    named = [a for a in (*IMAGE_AXES, *BACKGROUND_AXES, *BOX_AXES) if a in train]
    own, others = ({a: train.loc[rows, a].dropna() for a in named} for rows in (mine, ~mine))
    told = [a for a in named if min(len(own[a]), len(others[a])) >= _ENOUGH]
    ratios = {a: spread(own[a]) / s for a in told if (s := spread(others[a])) > _TINY}
    corrected = holm([_brown_forsythe(own[a], others[a]) for a in ratios])
    thin = [a for a, p in zip(ratios, corrected, strict=True) if ratios[a] < _THIN and p < _P]
    if not thin:
        return None
    listed = ", ".join(f"{a} ({ratios[a]:.0%})" for a in thin)
    return Finding(
        id="thin_diversity",
        subject=name,
        cause="data_quantity",
        severity="medium" if set(thin) & {*IMAGE_AXES, *BACKGROUND_AXES} else "low",
        claim=f"{name} hardly varies in {listed}, in per cent of the spread of the other classes: a detector may take the "
        "circumstances for the class, and fails where they are different.",
        evidence=tuple(
            Evidence(
                metric=f"spread of {a} over that of other classes",
                value=round(ratios[a], 4),
                n=len(own[a]),
                where=f"{'pixels' if a in BACKGROUND_AXES else 'tables'}, split train: one value an image and class",
            )
            for a in thin
        ),
        remedy=f"Add pictures of {name} that differ in {', '.join(thin)}, as the camera will see it.",
        expected_effect="not measured here",
        confidence="medium",
    )


def _brown_forsythe(a: pd.Series, b: pd.Series) -> float:
    return float(stats.levene(a, b, center="median").pvalue)


def holm(p_values: list[float]) -> np.ndarray:
    """(n,) p-values corrected for their number (Holm 1979): the k-th smallest times n - k, never falling."""
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    corrected = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return corrected[np.argsort(order, kind="stable")]


def shifts(measured: pd.DataFrame, data: Data) -> list[Finding]:
    """Contrast and sharpness of the pictures, size of each class: the held-out split farthest from training on each axis
    (two-sample Kolmogorov-Smirnov, Holm over all comparisons). Brightness: `pictures.lighting`; a picture with half the light
    has half the contrast and a quarter of the sharpness, so both are taken relative to it."""
    light = data.images.get("brightness", pd.Series(dtype=float)).where(lambda values: values > 0)
    looks = {"contrast": light, "sharpness": light**2}
    images = [
        (f"{axis}_shift", axis, data.images[["split"]].assign(**{axis: data.images[axis] / by}).dropna())
        for axis, by in looks.items()
        if axis in data.images
    ]
    sizes = [
        (f"size_shift.{name}", "size", measured.loc[measured["class"] == name, ["split", "size"]])
        for name in data.classes
    ]
    tests = []
    for id, axis, values in (*images, *sizes):
        train, by_split = values[axis][values.split == "train"], dict(list(values.groupby("split")[axis]))
        for split in ("val", "test"):
            other = by_split.get(split, [])
            if min(len(train), len(other)) >= _ENOUGH:
                tests.append((id, axis, split, train, other, stats.ks_2samp(train, other)))
    corrected = holm([test[-1].pvalue for test in tests])
    worst: dict[str, Finding] = {}
    for (id, axis, split, train, other, test), p in sorted(
        zip(tests, corrected, strict=True), key=lambda found: found[0][-1].statistic
    ):
        severity = next((s for s, limit in _SHIFT.items() if test.statistic >= limit), None)
        if severity and p < _P:
            worst[id] = _shift(id, axis, split, train, other, float(test.statistic), float(p), severity)
    return list(worst.values())


def _shift(
    key: str, axis: str, split: str, train: pd.Series, other: pd.Series, distance: float, p: float, severity: Severity
) -> Finding:
    id, _, name = key.partition(".")
    what = f"{axis} of {name or 'the pictures'}"
    medians = [np.exp(v.median()) if axis == "size" else v.median() for v in (other, train)]
    return Finding(
        id=id,
        subject=name,
        cause="split",
        severity=severity,
        claim=f"{what} differs in {split}: median {medians[0]:.3g} against {medians[1]:.3g} in train (Kolmogorov-Smirnov "
        f"distance {distance:.2f}, p = {p:.1g} after Holm). What training never saw is tested.",
        evidence=(
            Evidence(
                metric=f"KS distance of {axis}, {split} to train",
                value=round(distance, 3),
                n=len(train) + len(other),
                where="tables/images.parquet" if axis != "size" else "tables/objects.parquet: median an image",
            ),
        ),
        remedy=f"Add training pictures like those of {split}, or mix the pictures before splitting if they were taken for the "
        "same use.",
        expected_effect="not measured here",
        confidence="medium",
    )
