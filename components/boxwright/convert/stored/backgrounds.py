"""Notices about the images that training takes as background, because they have no objects."""

from collections import Counter
from collections.abc import Sequence

from boxwright.convert import notices
from boxwright.convert.plan.example_plan import PlannedImage
from boxwright.core import plurals
from boxwright.core.findings import Finding, Severity
from boxwright.core.records import losses
from boxwright.core.records.losses import Group
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime.errors import few

# YOLO's guides recommend that up to a tenth of the images are background.
_USUAL = 0.1


def build(images: Sequence[PlannedImage]) -> list[Finding]:
    """images: that were stored."""
    empty = [image for image in images if not image.objects]
    if not empty:
        return []
    total, unlabelled = Counter(image.split for image in images), [image for image in empty if not image.labelled]
    explicit = [image for image in empty if image.labelled]
    return [_background(empty, explicit, total), *_unlabelled(unlabelled, len(explicit), total)]


def _splits(images: Sequence[PlannedImage], total: Counter[str]) -> list[Group]:
    count = Counter(image.split for image in images)
    return [losses.of_split(split, count[split], total[split]) for split in SPLITS if count[split]]


def _background(empty: Sequence[PlannedImage], explicit: Sequence[PlannedImage], total: Counter[str]) -> Finding:
    """All images without objects. It is no more than a note, unless a fifth of a split is said to have no objects."""
    many = [one for one in _splits(explicit, total) if one.matters and losses.is_large(one.lost, one.found)]
    severity: Severity = "low" if many else "info"
    title = "Images without objects are used as background"
    if many:
        worst = max(many, key=lambda one: one.share)
        title = f"{losses.percent(worst.share)} of the {worst.name} are annotated as images without objects"
    where = f" ({losses.listed(many)} by their annotations)" if many else ""
    return notices.build(
        "negatives", title, f"{plurals.count(len(empty), 'image', 'has')} no objects: kept as background{where}",
        count=len(empty), of=total.total(), severity=severity, items=tuple(image.filename for image in explicit) if many else (),
        remedy="If they show objects of your classes, label them. Otherwise training learns these objects as background.",
    )  # fmt: skip


def _unlabelled(images: Sequence[PlannedImage], explicit: int, total: Counter[str]) -> list[Finding]:
    """Images that no annotation mentions, beside labelled ones. explicit: how many images are said to have no objects."""
    if not images:
        return []
    splits = _splits(images, total)
    many = [one for one in splits if one.matters]
    # Some tools write no label for an image without objects. A data set that has empty labels was not made by such a tool.
    grave = any(one.share > (_USUAL if explicit else losses.LARGE) for one in many)
    names = tuple(image.filename for image in images)
    notice = notices.build(
        "no_label_file",
        _title(many),
        _claim(names, splits, explicit),
        count=len(names),
        of=total.total(),
        items=names,
        severity="high" if grave else "medium" if many else "info",
        remedy="Look at the examples. If such images show objects, label them, or leave them out with --backgrounds quarantine: "
        "training learns their objects as background. If they show none, nothing is wrong.",
    )
    rows = losses.evidence(splits, "without a label", "dataset.json") if many else ()
    return [notice.model_copy(update={"evidence": (*notice.evidence, *rows)})]


def _title(many: Sequence[Group]) -> str:
    if not many:
        return "Images without a label file count as images without objects"
    worst = max(many, key=lambda one: one.share)
    return f"{losses.percent(worst.share)} of the {worst.name} have no label and are taken as background"


def _claim(names: Sequence[str], splits: Sequence[Group], explicit: int) -> str:
    others = f"{plurals.count(explicit, 'other image', 'has')} an empty label, so these may have been forgotten"
    return (
        f"{plurals.count(len(names), 'image', 'has')} no label file and therefore no objects ({losses.listed(splits)}): "
        f"{few(names, 3)}" + (f". {others}" if explicit else "")
    )
