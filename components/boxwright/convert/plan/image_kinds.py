"""Notices about files that are named as images and are of a kind that is not read, such as HEIC."""

from collections import defaultdict
from collections.abc import Iterable

from boxwright.convert import notices
from boxwright.convert.reading.source import Reject
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.images import other_kinds
from boxwright.core.records import losses

# Names that a notice lists.
_NAMED = 1000


def find(rejects: Iterable[Reject], total: int) -> list[Finding]:
    """One notice for each kind. total: the number of images."""
    kinds = other_kinds.texts()
    names: dict[str, list[str]] = defaultdict(list)
    for reject in rejects:
        if reject.object is None and reject.reason == "undecodable" and reject.value in kinds:
            names[reject.value].append(reject.file)
    return [_notice(what, files, total) for what, files in sorted(names.items())]


def _notice(what: str, files: list[str], total: int) -> Finding:
    kind, _, do = what.partition(": ")
    return notices.build(
        "images_of_another_kind", "Some images are of a kind that is not read",
        f"{plurals.count(len(files), 'image')} (first {files[0][:200]}): {kind}",
        count=len(files), of=total, severity=losses.severity(len(files), total), subject=kind, items=tuple(files[:_NAMED]),
        remedy=f"{do[:1].upper()}{do[1:]}." if do else "Replace these files by images.",
    )  # fmt: skip
