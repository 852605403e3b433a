"""Notices about annotated shapes that are not upright boxes."""

from collections.abc import Iterable, Mapping
from itertools import islice

from boxwright.convert import notices
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import few
from boxwright.core.runtime.printable import visible_line

# Kinds that a notice names, and characters of a kind. The formats have up to ten kinds; a file may hold any words.
_MOST_KINDS, _LONGEST = 20, 40


def build(kinds: Mapping[str, int], rotated: int, usable: Iterable[str]) -> list[Finding]:
    """kinds: how many shapes of each kind there are. rotated: how many are rotated boxes. usable: the kinds with a box."""
    unused = {kind: count for kind, count in sorted(kinds.items()) if kind not in usable}
    total = sum(kinds.values())
    found = [turned(rotated, total)] if rotated else []
    return found + ([_without_box(unused, total)] if unused else [])


def turned(count: int, total: int, how: str = "") -> Finding:
    """how: what was decided about them, in words that follow `rotated`."""
    return notices.build(
        "rotated_boxes", "Rotated boxes were replaced by larger upright boxes",
        f"{plurals.count(count, 'box', 'is')} rotated{how}: convert uses the upright box around each, which is larger",
        count=count, of=total, what="shapes", severity="low",
        remedy="If long objects lie at an angle, draw an upright box tightly around each of them.",
    )  # fmt: skip


def _without_box(unused: Mapping[str, int], total: int) -> Finding:
    kinds = {visible_line(kind[:_LONGEST]): count for kind, count in islice(unused.items(), _MOST_KINDS)}
    return notices.build(
        "shapes_without_box", "Some annotated shapes have no box",
        f"Shapes without a box are not used: {few([f'{count} {kind}' for kind, count in kinds.items()])}",
        count=sum(unused.values()), of=total, what="shapes", items=tuple(kinds),
        remedy="Draw boxes or polygons around the objects that the model is to detect.",
    )  # fmt: skip
