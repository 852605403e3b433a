"""A validation or test split that shows what training does not: other contrast, sharpness or sizes, or several of them.

Such differences usually have one cause, such as another camera, day or distance. So they are one finding.
"""

import math
from collections.abc import Iterator, Sequence, Set

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.near_duplicates import roboflow_picture
from boxwright.core.records.tfrecords import HELD_OUT
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings import split_examples
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.beyond_training import Beyond
from boxwright.diagnose.measures.evidence import of_counts

_WORDS = {
    "brightness": ("darker", "brighter"),
    "contrast": ("lower in contrast", "higher in contrast"),
    "sharpness": ("less sharp", "sharper"),
    "size": ("smaller", "larger"),
}
# Half of the images so far beyond training clearly hurt: about twice what brightness augmentation adds or takes (0.08), or
# objects 1.5 times smaller or larger than training shows. No measured run says how far contrast or sharpness must be off to hurt.
_FAR = {"brightness": 0.15, "size": math.log(1.5)}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.beyond, inputs.leaked, augmented=exported_with_augmentation(inputs.stored))


def judge(found: Sequence[Beyond], leaked: Set[str], augmented: bool = False) -> Finding | None:
    """found: `beyond_training`. leaked: the held-out splits that show training images. augmented: the export augmented training.

    Light alone is `lighting_shift`."""
    if all(beyond.axis == "brightness" for beyond in found):
        return None
    again = (
        "The export augmented the training images and no others. Export them again without augmentation: that may remove the "
        "difference. If it stays: "
    )
    return finding("split_shift", found, again * augmented + remedy(found, leaked))


def exported_with_augmentation(stored: Data) -> bool:
    """Whether Roboflow made several versions of training pictures, but one of each held-out picture."""

    def versions(split: str) -> bool:
        pictures = stored.images_in(split).filename.map(roboflow_picture).dropna()
        return bool(pictures.duplicated().any())

    return versions("train") and not any(versions(split) for split in HELD_OUT)


def finding(id: str, found: Sequence[Beyond], advice: str) -> Finding:
    """found: at least one difference, the largest first."""
    shown = [beyond for beyond in found if not beyond.shown] or found
    return Finding(
        id=id,
        cause="split",
        severity=severity(found),
        title=title(shown),
        claim=claim(shown),
        evidence=tuple(_row(beyond) for beyond in found),
        remedy=advice,
        expected_effect="not measured here",
        confidence="medium",
    )


def severity(found: Sequence[Beyond]) -> Severity:
    """High only where it clearly hurts; low where training shows such images, though rarely."""
    if any(b.share >= 0.5 and b.distance >= _FAR.get(b.axis, float("inf")) for b in found):
        return "high"
    return "low" if all(b.shown for b in found) else "medium"


def title(found: Sequence[Beyond]) -> str:
    splits = " and ".join(split for split in HELD_OUT if any(b.split == split for b in found))
    than = "most training images" if found[0].shown else "the training images"
    looks = list(dict.fromkeys(_word(b) for b in found if b.axis != "size"))
    sizes = {b.subject for b in found if b.axis == "size"}
    words = list(dict.fromkeys(_word(b) for b in found if b.axis == "size"))
    one = next(iter(sizes)) if len(sizes) == 1 else ""
    if not looks:
        return (
            f"{f'The objects of {one}' if one else 'The objects'} are {' or '.join(words)} in {splits} than in {than}"
        )
    seen = f"The {splits} images are {few(looks)} than {than}"
    return f"{seen}, and their objects are {' or '.join(words)}" if words else seen


def claim(found: Sequence[Beyond]) -> str:
    """The medians of the largest difference, then those of the others."""
    first, *others = found
    how = (
        f"Training shows such images, but among twenty it has hardly one like the median {first.split} image."
        if first.shown
        else f"{'Most' if first.share >= 0.5 else 'Many'} {first.split} images are beyond what training shows, so training does "
        "not prepare for them."
    )
    also = f" The same holds for {few([f'{_what(b)} ({_medians(b)})' for b in others])}." if others else ""
    return f"The median {_what(first)} is {_medians(first, ' and ')}. {how}{also}"


def _what(b: Beyond) -> str:
    """Contrast and sharpness are relative to the light."""
    return f"size of {b.subject}" if b.subject else f"{'' if b.axis == 'brightness' else 'relative '}{b.axis}"


def _medians(b: Beyond, between: str = ", ") -> str:
    unit = " of the image's side" if b.subject else ""
    return f"{b.held_out:.2g}{unit} in {b.split}{between}{b.train:.2g} in train"


def _word(beyond: Beyond) -> str:
    return _WORDS[beyond.axis][beyond.up]


def _row(b: Beyond) -> Evidence:
    whose = f"with {b.subject} " if b.subject else ""
    metric = f"{b.axis}: {b.split} images {whose}beyond training, {_word(b)}"
    where = "tables/objects.parquet: median of each image" if b.subject else f"tables/images.parquet: {b.axis}"
    row = of_counts(metric, round(b.share * b.n), b.n, where, subject=b.subject or b.split)
    return row.model_copy(update={"axis": b.axis, "split": b.split})


def remedy(found: Sequence[Beyond], leaked: Set[str]) -> str:
    """What to do, by what the camera will deliver. New splits are no remedy while held-out images copy training images."""
    splits = [split for split in HELD_OUT if any(b.split == split for b in found)]
    named = " and ".join(splits)
    choices = (
        f"Decide which images the camera will deliver. If those of {named}: label images like them for training, too. If those "
        f"of train: put such images into {named}."
    )
    if leaked:
        return f"{choices} First remove the copies between the splits."
    return (
        f"{choices} If both kinds: put all images into one folder without splits and convert again. Keep the images of one "
        "scene or recording in one split: `boxwright convert --group`."
    )


KIND = Kind(ids=("split_shift",), find=find, examples=split_examples.shifted, rests_on=("labels", "held_out"))
