"""Notices about annotated shapes that are not upright boxes."""

from collections.abc import Iterable, Mapping

from boxwright.convert import notices
from boxwright.core import plurals
from boxwright.core.findings import Finding


def build(kinds: Mapping[str, int], rotated: int, usable: Iterable[str]) -> list[Finding]:
    """kinds: how many shapes of each kind there are. rotated: how many are rotated boxes. usable: the kinds with a box."""
    unused = {kind: count for kind, count in sorted(kinds.items()) if kind not in usable}
    total = sum(kinds.values())
    found = [_rotated(rotated, total)] if rotated else []
    return found + ([_without_box(unused, total)] if unused else [])


def _rotated(count: int, total: int) -> Finding:
    return notices.build(
        "rotated_boxes", "Rotated boxes were replaced by larger upright boxes",
        f"{plurals.count(count, 'box', 'is')} rotated: convert uses the upright box around each, which is larger",
        count=count, of=total, what="shapes", severity="low",
        remedy="If long objects lie at an angle, draw an upright box tightly around each of them.",
    )  # fmt: skip


def _without_box(unused: Mapping[str, int], total: int) -> Finding:
    return notices.build(
        "shapes_without_box", "Some annotated shapes have no box",
        f"Shapes without a box are not used: {', '.join(f'{count} {kind}' for kind, count in unused.items())}",
        count=sum(unused.values()), of=total, what="shapes", items=tuple(unused),
        remedy="Draw boxes or polygons around the objects that the model is to detect.",
    )  # fmt: skip
