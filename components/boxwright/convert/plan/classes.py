"""The label map: which class names get an id."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from boxwright.convert import notices
from boxwright.core import labels, plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError, shown

# Classes that a sentence or the notices name one by one.
_NAMED = 20


def check(names: Iterable[str], where: str) -> None:
    """Raises UserError for names that are no class names, and for two that differ only in case or spacing: they are almost
    certainly one class. Spaces and line breaks around a name do not count."""
    known = dict.fromkeys(names)
    labels.check_names((name.strip() for name in known), where)
    alike: dict[str, list[str]] = defaultdict(list)
    for name in known:
        alike["".join(name.casefold().split())].append(name)
    clashes = [sorted(group) for group in alike.values() if len(group) > 1]
    if clashes:
        pairs = "; ".join(" and ".join(map(shown, group[:_NAMED])) for group in clashes[:_NAMED])
        raise UserError(
            f"{where}: class names that differ only in case or spacing: {pairs}. If they are one class, give them one name "
            "in the annotations, or convert with a --label-map whose items hold both (name and display_name); if not, give them "
            "names that differ in a letter"
        )


def build_label_map(
    declared: Sequence[str], used: Iterable[str], given: Sequence[str] | None = None
) -> tuple[list[str], list[Finding]]:
    """The class names in the order of their ids 1..n, and a notice for each class without objects.

    The names are sorted, or those of a given label map in its order. Of very many classes without objects, the last are in one
    notice. Raises UserError for a used name that the given label map
    lacks.
    """
    used = set(used)
    if given is not None:
        _check_known(used, given)
    unused = sorted({*declared, *(given or ())} - used)
    kept = set(given or ())
    found = [_unused_notice(name, name in kept, len(used)) for name in unused[:_NAMED]]
    found += [_more_unused(tuple(unused[_NAMED:]), len(used))] if unused[_NAMED:] else []
    return list(given or sorted(used, key=lambda name: (name.casefold(), name))), found


def _unused_notice(name: str, kept: bool, used: int) -> Finding:
    action = "it was kept, as it is in the given label map" if kept else "it was left out of the label map"
    return notices.build(
        "unused_category", "A class has no usable objects", f"category {name!r} has no usable objects: {action}",
        count=0, of=used, what="objects", subject=name,
    )  # fmt: skip


def _more_unused(names: tuple[str, ...], used: int) -> Finding:
    return notices.build(
        "unused_categories", "Many classes have no usable objects",
        f"{plurals.count(len(names), 'other category', 'has')} no usable objects", count=0, of=used, what="objects", items=names,
    )  # fmt: skip


def _check_known(used: set[str], given: Sequence[str]) -> None:
    unknown = sorted(used - set(given))
    if unknown:
        has = _listed(given) or "no class"
        raise UserError(
            f"--label-map lacks {_listed(unknown)}, which the annotations use; it has {has}: add an item for each, "
            "or leave --label-map out"
        )


def _listed(names: Sequence[str]) -> str:
    more = ", ..." if len(names) > _NAMED else ""
    return f"{', '.join(map(shown, names[:_NAMED]))}{more}"
