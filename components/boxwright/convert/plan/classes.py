"""The label map: which class names get an id."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from boxwright.convert import notices
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError


def check_clashes(names: Iterable[str], where: str) -> None:
    """Raises UserError when two class names differ only in case or spacing: they are almost certainly one class."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        alike["".join(name.casefold().split())].append(name)
    clashes = [sorted(group) for group in alike.values() if len(group) > 1]
    if clashes:
        pairs = "; ".join(" and ".join(map(repr, group)) for group in clashes)
        raise UserError(
            f"{where}: class names that differ only in case or spacing: {pairs}. If they are one class, give them one name "
            "in the annotations; if not, give them names that differ in a letter"
        )


def build_label_map(
    declared: Sequence[str], used: Iterable[str], given: Sequence[str] | None = None
) -> tuple[list[str], list[Finding]]:
    """The class names in the order of their ids 1..n, and a notice for each class without objects.

    The names are sorted, or those of a given label map in its order. Raises UserError for a used name that the given label map
    lacks.
    """
    used = set(used)
    if given is not None:
        _check_known(used, given)
    unused = sorted({*declared, *(given or ())} - used)
    kept = set(given or ())
    found = [_unused_notice(name, name in kept, len(used)) for name in unused]
    return list(given or sorted(used, key=lambda name: (name.casefold(), name))), found


def _unused_notice(name: str, kept: bool, used: int) -> Finding:
    action = "it was kept, as it is in the given label map" if kept else "it was left out of the label map"
    return notices.build(
        "unused_category", "A class has no usable objects", f"category {name!r} has no usable objects: {action}",
        count=0, of=used, what="objects", subject=name,
    )  # fmt: skip


def _check_known(used: set[str], given: Sequence[str]) -> None:
    unknown = sorted(used - set(given))
    if unknown:
        raise UserError(
            f"--label-map lacks {', '.join(map(repr, unknown))}, which the annotations use; it has "
            f"{', '.join(map(repr, given)) or 'no class'}: add an item for each, or leave --label-map out"
        )
