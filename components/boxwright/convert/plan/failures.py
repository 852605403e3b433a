"""Stops the conversion if continuing would lose annotations or store nothing to learn from."""

from collections import Counter
from collections.abc import Iterable, Sequence

from boxwright.convert.plan.box_checks import Fix
from boxwright.convert.reading.names.near_names import NEAR
from boxwright.convert.reading.source import Reject, Source
from boxwright.core.artifacts.dataset import kind_of
from boxwright.core.findings import Finding
from boxwright.core.plurals import count
from boxwright.core.runtime.errors import UserError

_LONGEST = 200  # characters


def fail_if_asked(rejects: Sequence[Reject], fix: Fix) -> None:
    """Raises UserError for boxes partly outside of their image with `fix="fail"`."""
    outside = [r for r in rejects if r.reason == "partly_outside"]
    if fix == "fail" and outside:
        first = "; ".join(f"{_short(r.file)}: object {r.object}: {_short(r.value)}" for r in outside[:5])
        raise UserError(
            f"{count(len(outside), 'box', 'lies')} partly outside the image: {first}; re-run with --fix clip or --fix drop"
        )


def _short(text: str) -> str:
    """A name or a value of the data for a sentence. A stranger's may have a million characters."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def fail_if_missing(rejects: Sequence[Reject], fail: bool, notices: Sequence[Finding] = ()) -> None:
    """Raises UserError for missing images with objects. A missing image without objects loses no annotation.

    As a hint, the error names a file that comes near a missing image. It may be another picture. notices: about images that were
    left out; the error repeats the claims and remedies of severe ones.
    """
    lost = list(dict.fromkeys(r.file for r in rejects if (r.reason, r.value) == ("image_rejected", "missing")))
    if fail and lost:
        first = ", ".join(map(_short, lost[:5])) + (", ..." if len(lost) > 5 else "")
        near = _near(lost, rejects)
        do = "correct the names, or copy the files there" if near else "copy the files there"
        raise UserError(
            f"{count(len(lost), 'image')} with annotated objects {'is' if len(lost) == 1 else 'are'} missing: {first}"
            f"{near}; {do}, or re-run with --missing quarantine to go on without them{_severe(notices, '. ')}"
        )


def _near(lost: Sequence[str], rejects: Iterable[Reject]) -> str:
    """What comes near the first missing image that has anything near."""
    hints = {r.file: r.value.partition(NEAR)[2] for r in rejects if (r.object, r.reason) == (None, "missing")}
    found = next((name for name in lost if hints.get(name)), "")
    return f" (near {_short(found)}: {_short(hints[found])})" if found else ""


def fail_if_empty(any_object: bool, rejects: Sequence[Reject], source: Source, notices: Sequence[Finding] = ()) -> None:
    """Raises UserError if no usable object is left.

    any_object: whether one is left. notices: about images that were left out; the error repeats their claims and remedies.
    """
    if any_object:
        return
    causes = [r for r in rejects if kind_of(r.reason) != "consequence"]
    reasons = Counter(r.reason for r in causes).most_common()
    why = ", ".join(f"{n} {reason}" for reason, n in reasons) or "no objects are annotated"
    first = causes[0] if causes else None
    example = f" (first: {_short(first.file)}: {first.reason} {_short(first.value)})" if first else ""
    raise UserError(
        f"{source.root}: {count(len(source.images), 'image', 'was')} read as {source.format}, and no usable object is left: "
        f"{why}{example}; {_advice(rejects, notices)}"
    )


def _severe(notices: Sequence[Finding], before: str = "") -> str:
    """The claims and remedies of severe notices, if there are any, after the text `before`."""
    texts = [f"{notice.claim}. {notice.remedy}" for notice in notices if notice.severity == "high"]
    return before + " ".join(texts) if texts else ""


def _advice(rejects: Sequence[Reject], notices: Sequence[Finding]) -> str:
    """What to do if no usable object is left."""
    if severe := _severe(notices):
        return severe
    if any(r.reason == "outside" and r.object is None for r in rejects):
        return (
            "copy the images into the data folder, give --data the folder above both, or pass --follow-links, if you trust "
            "whoever made the data"
        )
    lost = {(r.reason, r.value) for r in rejects if r.object is not None}
    if lost and lost <= {("image_rejected", "undecodable"), ("image_rejected", "truncated")}:
        return "give the images in a form that is read, or copy them again; the annotations can stay as they are"
    return "correct the annotations or choose another --format"


def fail_if_damaged(any_object: bool, rejects: Sequence[Reject], data: str) -> None:
    """any_object: whether an image with objects is left. rejects: of the damaged images. data: as the user gave it.

    Raises UserError if every image with objects is damaged.
    """
    if not any_object:
        first = rejects[0]
        raise UserError(
            f"--data {data}: no image with objects can be decoded (first: {_short(first.file)}: {first.reason}, "
            f"{_short(first.value)}); "
            "copy the images again from their source"
        )
