"""The notice about boxes that were clipped at the edge of their image."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from boxwright.convert import notices
from boxwright.convert.plan.example_plan import PlannedImage, PlannedObject
from boxwright.core import plurals
from boxwright.core.artifacts.dataset import Split, SplitName
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.records import losses
from boxwright.core.records.losses import Group

_EXAMPLES = 5
_REMEDY = (
    "Look at the examples. If the boxes were drawn on images of another size, or written in another unit or order, export them "
    "again. Otherwise correct them, or leave them out with --fix drop."
)
_MINOR = "To quarantine such boxes, re-run with --fix drop. To stop the conversion, re-run with --fix fail."

# An image, and one of its objects.
_Pair = tuple[PlannedImage, PlannedObject]


def build(images: Sequence[PlannedImage], splits: Mapping[SplitName, Split]) -> list[Finding]:
    """images: that were stored. One notice, if boxes were clipped.

    It is no more than a note if few boxes of each class and split were clipped. It stops the pipeline if a fifth of all boxes
    lost half of their area.
    """
    clipped = [(image, item) for image in images for item in image.objects if item.cut]
    if not clipped:
        return []
    found = Counter({(split, name): n for split, one in splits.items() for name, n in one.per_class.items()})
    deep = [pair for pair in clipped if pair[1].cut >= losses.HALF]
    wide = [group for group in losses.groups(_counts(clipped), found) if group.matters]
    lost = [group for group in losses.groups(_counts(deep), found) if group.matters]
    stops = len(deep) >= losses.FEWEST and losses.is_large(len(deep), found.total())
    severity: Severity = "high" if stops else "medium" if lost else "low" if wide else "info"
    notice = _clipped(clipped, found.total(), len(deep), wide, severity)
    return [notice.model_copy(update={"stops": stops})]


def _counts(pairs: Iterable[_Pair]) -> Counter[tuple[str, str]]:
    return Counter((image.split, item.name) for image, item in pairs)


def _clipped(clipped: Sequence[_Pair], objects: int, deep: int, wide: Sequence[Group], severity: Severity) -> Finding:
    """deep: how many lost half of their area. wide: the classes and splits of which many were clipped."""
    half = f"; {plurals.count(deep, 'box', 'was')} cut by half or more" if deep else ""
    where = f": {losses.listed(wide)}" if wide else ""
    serious = severity in ("high", "medium")
    notice = notices.build(
        "clipped",
        f"{losses.percent(deep / objects)} of the boxes lie mostly outside of their image"
        if serious
        else "Boxes reached over the edge of their image",
        f"{plurals.count(len(clipped), 'box', 'was')} clipped at the edge of the image{half}{where}",
        count=len(clipped),
        of=objects,
        what="boxes",
        severity=severity,
        items=_examples(clipped) if wide else (),
        remedy=_REMEDY if serious else _MINOR,
    )
    cut = Evidence(metric=losses.CUT_BY_HALF, value=deep, n=objects, where="annotations of --data")
    rows = losses.evidence(wide, "clipped", "tables/objects.parquet: clipped")
    return notice.model_copy(update={"evidence": (*notice.evidence, cut, *rows)})


def _examples(clipped: Sequence[_Pair]) -> tuple[tuple[str, ...], ...]:
    """File, object and how much of it was cut: those that lost the most."""
    worst = sorted(clipped, key=lambda pair: -pair[1].cut)[:_EXAMPLES]
    return tuple(
        (image.filename, f"object {item.object_index}", f"{losses.percent(item.cut)} of the box is outside")
        for image, item in worst
    )
