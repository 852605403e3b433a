"""The label map: which names become classes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from boxwright.convert.source import Notice
from boxwright.core.errors import UserError


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


def label_map(declared: Sequence[str], used: Iterable[str]) -> tuple[list[str], list[Notice]]:
    """Names in alphabetical order, which become ids 1..n, and a notice for each declared class without objects."""
    used = set(used)
    unused = sorted(set(declared) - used)
    notices = [
        Notice("unused_category", f"category {name!r} has no usable objects: left out of the label map", name)
        for name in unused
    ]
    return sorted(used, key=lambda name: (name.casefold(), name)), notices
