"""The label map: which names become classes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from boxwright.convert.reading.source import Notice
from boxwright.core.runtime.errors import UserError


def check_clashes(names: Iterable[str], where: str) -> None:
    """Raises UserError when two class names differ only in case or spacing: almost surely one class written two ways."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        alike["".join(name.casefold().split())].append(name)
    clashes = [sorted(group) for group in alike.values() if len(group) > 1]
    if clashes:
        pairs = "; ".join(" and ".join(map(repr, group)) for group in clashes)
        raise UserError(
            f"{where}: class names that differ only in case or spacing: {pairs}. If they are one class, give them one name "
            "in the annotations; if they are several, rename them so that they differ in a letter"
        )


def label_map(
    declared: Sequence[str], used: Iterable[str], given: Sequence[str] | None = None
) -> tuple[list[str], list[Notice]]:
    """Names in alphabetical order, which become ids 1..n, or those of a given label map, in its order; and a notice for each
    class without objects. Raises UserError for a used name that the given label map lacks."""
    used = set(used)
    if given is not None:
        _check_known(used, given)
    unused = sorted({*declared, *(given or ())} - used)
    kept = set(given or ())
    notices = [
        Notice("unused_category", f"category {name!r} has no usable objects: {_what_becomes(name in kept)}", name)
        for name in unused
    ]
    return list(given or sorted(used, key=lambda name: (name.casefold(), name))), notices


def _what_becomes(kept: bool) -> str:
    return "kept, as the given label map has it" if kept else "left out of the label map"


def _check_known(used: set[str], given: Sequence[str]) -> None:
    unknown = sorted(used - set(given))
    if unknown:
        raise UserError(
            f"--label-map lacks {', '.join(map(repr, unknown))}, which the annotations use; it has "
            f"{', '.join(map(repr, given)) or 'no class'}: add an item for each, or leave --label-map out"
        )
