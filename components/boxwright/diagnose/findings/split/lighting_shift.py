"""A validation or test split that is lit differently from training."""

from collections.abc import Iterator

from scipy import stats

from boxwright.core.findings import Evidence, Finding
from boxwright.core.html import charts
from boxwright.core.records import tables, tfrecords
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.kind import Figure, Kind, Shown
from boxwright.diagnose.inputs import Inputs


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.data)


def judge(data: Data) -> Finding | None:
    """The split that differs most in brightness (two-sample Kolmogorov-Smirnov test)."""
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
    darker = "darker" if other.median() < train.median() else "brighter"
    return Finding(
        id="lighting_shift",
        cause="split",
        severity="high" if test.statistic >= 0.7 else "medium",
        title=f"The {split} images are {darker} than the training images",
        claim=f"{split} is lit differently from train: its median brightness is {other.median():.3g}, that of train "
        f"{train.median():.3g} (Kolmogorov-Smirnov distance {test.statistic:.2f}, p = {test.pvalue:.1g}). So {split} tests "
        "conditions that training does not cover.",
        evidence=(
            Evidence(
                metric=f"KS distance of brightness, {split} to train",
                value=round(float(test.statistic), 3),
                n=len(train) + len(other),
                where="tables/images.parquet: brightness",
            ),
        ),
        remedy=f"Add training images in the light of {split}. If all images are for the same use, mix them before you split "
        "them. Brightness and contrast augmentation bridges only a small gap.",
        expected_effect="not measured here",
        confidence="medium",
    )


def figure(shown: Shown) -> Figure:
    """Brightness of the images of each split."""
    splits = [split for split in tfrecords.SPLITS if len(shown.data.images_in(split))]
    values = {split: shown.data.images_in(split).brightness.dropna().to_numpy(float) for split in splits}
    caption = "Brightness of the images by split, from 0 (black) to 1 (white). In brackets: images."
    return Figure(charts.histograms(values), caption)


KIND = Kind(ids=("lighting_shift",), find=find, figure=figure)
