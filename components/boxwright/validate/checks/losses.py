"""What training does not see: the images and objects that convert did not store, one finding for each cause."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from boxwright.core.artifacts.dataset import Dataset, Kind, Rejected, why
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.records import losses
from boxwright.core.records.losses import Group
from boxwright.validate.checks.quarantined import Cause

_WHERE = "records/quarantine.jsonl"
# Kinds of which too many stop the pipeline, and kinds that were meant to be trained on.
_STOPPING: tuple[Kind, ...] = ("damage", "fault")
_MEANT: tuple[Kind, ...] = (*_STOPPING, "choice")
# The share of all losses from which a cause is one of those that stop the pipeline.
_PART = 0.05
# A group whose share is so many times that of all is named in the title.
_APART = 2
# An object that is listed twice is stored once.
_TWICE = "duplicate_object"
_BOXES = (
    "Look at the examples: boxes in another unit, in another order, or drawn on images of another size are exported anew; single "
    "wrong boxes are corrected."
)
_COPY = "Copy the images again from their source, or save them anew as JPEG or PNG."
_REMEDIES = {
    "missing": "Copy the files to where the annotations expect them, or correct the names in the annotations.",
    "truncated": _COPY,
    "undecodable": _COPY,
    "size_mismatch": "Export the annotations anew from the images as they are now, or copy the original images back.",
    "duplicate_image": "Compare the annotations of such an image, and keep one, in one split.",
    "unlisted": "If these images belong to the data, add them to the lists or annotations. If not, nothing is wrong.",
    "unlabelled": "Annotate these images, or copy their annotation files here. If they are not needed, nothing is wrong.",
    "too_many_objects": "To train on them, raise --max-objects.",
    "partly_outside": "To train on them, convert again with --fix clip.",
    "unknown_class": "Add the missing classes to the data's list of names, or correct the classes in the annotations.",
    "unknown_image": "Add the images to the annotations, or remove the objects that refer to them.",
    "duplicate_object": "Nothing is lost: each object is stored once. If the labels of several people were joined, check them.",
    "inverted": _BOXES,
    "outside": _BOXES,
    "zero_area": _BOXES,
}
_LISTED = "quarantine.jsonl (beside the records) lists all of them."
_CORRECT = "Correct what the examples show."
# Notices of convert that tell more of a reason. They are not findings of their own: one cause is told once.
TOLD_BY = {"undecodable": "images_of_another_kind", "unknown_class": "unknown_class_numbers"}


@dataclass(frozen=True)
class _Totals:
    """What was meant to be trained on. images: by split. objects: by split and class. Both are with what is lost. lost_objects:
    with those of which less than half is left at the edge of their image."""

    images: Counter[str]
    objects: Counter[tuple[str, str]]
    lost_images: int
    lost_objects: int

    def stopped_by(self, cause: Cause) -> bool:
        """Whether so much is lost that training makes no sense, and a good part of it to this cause."""
        images = losses.is_large(self.lost_images, self.images.total())
        objects = losses.is_large(self.lost_objects, self.objects.total())
        part = images and cause.images.total() >= _PART * self.lost_images
        return cause.kind in _STOPPING and (part or (objects and cause.objects.total() >= _PART * self.lost_objects))


def findings(dataset: Dataset, causes: Sequence[Cause]) -> Iterator[Finding]:
    """One finding for each cause of a loss, and one for what was left out on purpose."""
    totals = _totals(dataset, causes)
    lost = {
        (cause.reason, cause.of_images): _with_notices(
            _lost(cause, totals), [notice for notice in dataset.notices if notice.id == TOLD_BY.get(cause.reason)]
        )
        for cause in causes
        if cause.kind != "none"
    }
    yield from _apart(lost)
    left_out = [cause for cause in causes if cause.kind == "none"]
    if images := {cause.reason: n for cause in left_out if (n := cause.images.total())}:
        yield _left_out("images", images, dataset.found.images)
    if objects := {cause.reason: n for cause in left_out if (n := cause.objects.total())}:
        yield _left_out("objects", objects, dataset.found.objects)


def _apart(lost: dict[tuple[str, bool], Finding]) -> Iterator[Finding]:
    """The findings, with many missing files and many unlisted files as one: annotations and files are of different states."""
    missing, unlisted = lost.get(("missing", True)), lost.get(("unlisted", True))
    if missing and unlisted and "info" not in (missing.severity, unlisted.severity):
        del lost["unlisted", True]
        lost["missing", True] = _two_states(missing, unlisted)
    yield from lost.values()


def _two_states(missing: Finding, unlisted: Finding) -> Finding:
    """One finding about missing files and unlisted files."""
    gone, bare = (int(one.evidence[0].value) for one in (missing, unlisted))
    also = (one.model_copy(update={"metric": one.metric.replace("lost", "in no list")}) for one in unlisted.evidence)
    return missing.model_copy(
        update={
            "title": f"The annotations do not fit the files: {gone} named images are missing, and {bare} images are in no list",
            "claim": f"{missing.claim} {unlisted.claim}",
            "evidence": (*missing.evidence, *also),
            "items": (*missing.items, *unlisted.items),
            "remedy": "The annotations were probably exported before or after images were replaced: export both again, together. "
            f"If that is not the cause: {missing.remedy}",
        }
    )


def _with_notices(lost: Finding, notices: Sequence[Finding]) -> Finding:
    """The finding with what the notices say of its cause. If they explain all that is lost, their remedies replace its own."""
    if not notices:
        return lost
    whole = sum(notice.evidence[0].value for notice in notices) >= lost.evidence[0].value
    do = " ".join(notice.remedy for notice in notices)
    title = lost.title
    if whole and len(notices) == 1 and notices[0].subject:
        title = f"{lost.title.partition(': ')[0]}: each file is {notices[0].subject}"
    return lost.model_copy(
        update={
            "severity": "low" if lost.severity == "info" else lost.severity,
            "title": title,
            "claim": " ".join([lost.claim, *(f"{notice.claim.rstrip('.')}." for notice in notices)]),
            "remedy": f"{do} {_LISTED}{lost.remedy.partition(_LISTED)[2]}" if whole else f"{do} {lost.remedy}",
        }
    )


def _totals(dataset: Dataset, causes: Sequence[Cause]) -> _Totals:
    images = Counter({str(split): stored.images for split, stored in dataset.splits.items()})
    objects = Counter(
        {(str(split), name): n for split, stored in dataset.splits.items() for name, n in stored.per_class.items()}
    )
    meant = [cause for cause in causes if cause.kind in _MEANT]
    stopping = [cause for cause in causes if cause.kind in _STOPPING]
    return _Totals(
        images=sum((cause.images for cause in meant), images),
        objects=sum((cause.objects for cause in meant), objects),
        lost_images=sum(cause.images.total() for cause in stopping),
        lost_objects=sum(cause.objects.total() for cause in stopping) + _cut_by_half(dataset),
    )


def _cut_by_half(dataset: Dataset) -> int:
    numbers = (one for notice in dataset.notices if notice.id == "clipped" for one in notice.evidence)
    return sum(int(one.value) for one in numbers if one.metric == losses.CUT_BY_HALF)


def _lost(cause: Cause, totals: _Totals) -> Finding:
    """The finding is a note, unless a class or split loses more than a few."""
    images, objects = totals.images, totals.objects
    if cause.kind not in _MEANT:
        images, objects = images + cause.images, objects + cause.objects
    all_images = Group("images", cause.images.total(), images.total())
    all_objects = Group("objects", cause.objects.total(), objects.total())
    splits = [losses.of_split(split, n, images[split]) for split, n in cause.images.items() if split]
    parts = losses.groups(cause.objects, objects)
    hit = [group for group in (all_images, all_objects, *splits, *parts) if group.matters]
    stops = totals.stopped_by(cause)
    what = all_images if cause.of_images else all_objects
    rows = [group for group in hit if group not in (all_images, all_objects)]
    return Finding(
        id="quarantine",
        subject=cause.reason if cause.reason != "outside" or not cause.of_images else "image_outside",
        cause="data_quality",
        severity=_severity(cause, hit, stops=stops),
        stops=stops,
        title=_title(cause, what, splits if cause.of_images else parts),
        claim=_claim(cause, all_images, all_objects, rows, totals if stops else None),
        evidence=(
            Evidence(metric=f"{what.name} lost", value=what.lost, n=what.found, where=_WHERE),
            *losses.evidence(rows, "lost", _WHERE),
        ),
        items=tuple(map(_example, cause.examples)),
        remedy=_remedy(cause, stops=stops),
    )


def _severity(cause: Cause, hit: Sequence[Group], *, stops: bool) -> Severity:
    """hit: what loses more than a few. What was not meant for training is worth a look only if it is much."""
    much = any(losses.is_large(group.lost, group.found) for group in hit)
    if stops:
        return "high"
    if not hit:
        return "info"
    if cause.kind in _MEANT:
        return "high" if much else "medium"
    return "medium" if much and cause.reason != _TWICE else "low"


def _title(cause: Cause, what: Group, parts: Sequence[Group]) -> str:
    """what: all images or objects. parts: the splits and classes. A part that loses far more than all is named."""
    worst = max((part for part in parts if part.matters), key=lambda part: part.share, default=what)
    named = worst if worst.share >= _APART * what.share else what
    how_many = f"{losses.percent(named.share)} of the" if named.matters else f"{named.lost} of {named.found}"
    if cause.reason == _TWICE:
        return f"{how_many} {named.name} are listed twice"
    if named.name.startswith(("val ", "test ")):
        return f"{how_many} {named.name} are not used: {why(cause.reason, of_images=cause.of_images)}"
    return f"Training does not see {how_many} {named.name}: {why(cause.reason, of_images=cause.of_images)}"


def _claim(cause: Cause, images: Group, objects: Group, rows: Sequence[Group], totals: _Totals | None) -> str:
    """images, objects: all of them. rows: the splits and classes that lose more than a few. totals: if the pipeline stops."""
    lost = " and ".join(str(group) for group in (images, objects) if group.lost)
    what = "counts the equal ones once" if cause.reason == _TWICE else "did not store them"
    text = f"{lost}: {why(cause.reason, of_images=cause.of_images)}, so convert {what}"
    text += f". Most of all: {losses.listed(rows)}" if rows else ""
    if totals and cause.examples:  # the pipeline's last words; else a page lists the examples
        file, *rest = _example(cause.examples[0])
        text += f". First: {': '.join([file, *filter(None, rest)])}"
    if totals:
        both = (
            Group("images", totals.lost_images, totals.images.total()),
            Group("objects", totals.lost_objects, totals.objects.total()),
        )
        lost = " and ".join(str(group) for group in both if group.lost)
        text += f". In all, {lost} are lost: what is left does not stand for these data"
    return f"{text}."


def _example(line: Rejected) -> tuple[str, ...]:
    """File, object and value of a line."""
    of = () if line.object is None else (f"object {line.object}" + (f" ({line.name})" if line.name else ""),)
    return (line.file, *of, *filter(None, (line.value,)))


def _remedy(cause: Cause, *, stops: bool) -> str:
    do = f"{_REMEDIES.get(cause.reason, _CORRECT)} {_LISTED}"
    return f'{do} To go on without them, say why: `--accept "quarantine=REASON"`.' if stops else do


def _left_out(kind: str, by_reason: Mapping[str, int], found: int) -> Finding:
    """Regions to ignore, shapes without a box, and unwanted background. Nothing is wrong with them."""
    lost = sum(by_reason.values())
    reasons = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in by_reason.items())
    return Finding(
        id="left_out",
        subject=kind,
        cause="data_quality",
        severity="info",
        title=f"convert left out {lost} of {found} {kind} on purpose",
        claim=f"convert left out {lost} of {found} {kind} on purpose ({reasons}).",
        evidence=(Evidence(metric=f"{kind} left out", value=lost, n=found, where=_WHERE),),
        remedy="Nothing has to be corrected. To train on them as background, convert again with --backgrounds keep."
        if kind == "images"
        else "Nothing has to be corrected. To detect what is there, draw a box around it and convert again.",
    )
