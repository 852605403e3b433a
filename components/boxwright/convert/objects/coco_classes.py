"""The classes of a COCO json: their names by id, and ids that fit the categories badly."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boxwright.convert import notices
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError, few, shown

# An entry of `categories` or `annotations`.
Entry = dict[str, Any]
# Of all annotations. More of them with an unknown id are a high finding.
_MANY = 0.2
_MOST_IDS, _MOST_FILES = 10, 3


def names_by_id(file: Path, categories: list[Entry], used: Counter[Any]) -> tuple[dict[Any, str], set[str]]:
    """Names by category id, and the names of placeholders without objects: Roboflow writes the group of all classes as a class.

    Raises UserError when two ids have one name, or one id has two names.
    """
    groups = {str(c["supercategory"]) for c in categories if c.get("supercategory") is not None}
    roots = {c["id"] for c in categories if not used[c["id"]] and str(c["name"]) in groups and len(categories) > 1}
    names: dict[Any, str] = {}
    ids: dict[str, Any] = {}
    for category in categories:
        if category["id"] not in roots:
            _add_category(names, ids, category["id"], str(category["name"]), file)
    root_names = {str(c["name"]) for c in categories if c["id"] in roots}
    return names, root_names - set(names.values())


def _add_category(names: dict[Any, str], ids: dict[str, Any], number: object, name: str, file: Path) -> None:
    """names: by id. ids: by name."""
    if number in names and names[number] != name:
        raise UserError(f"{file}: category id {number} is both {names[number]!r} and {name!r}; give each its own id")
    if ids.setdefault(name, number) != number:
        raise UserError(
            f"{file}: categories {ids[name]} and {number} are both named {name!r}; "
            "give them different names, or merge them into one id"
        )
    names[number] = name


def id_notices(file: Path, filename: str, document: Mapping[str, Any], used: Counter[Any]) -> list[Finding]:
    """Notices about ids that categories lack. filename: relative to the data folder. used: how many
    annotations have each category_id.

    Raises UserError if the annotations count the categories from another number than the categories do: then each object would
    get the name of another class.
    """
    declared = {category["id"] for category in document["categories"]}
    unknown = {number: count for number, count in used.items() if number not in declared}
    if not unknown:
        return []
    if shift := _shift(declared, set(used)):
        raise _shifted(file, declared, set(used), shift)
    return [_unknown_ids(filename, unknown, declared, used.total())]


def _shift(declared: set[Any], used: set[Any]) -> int:
    """1 if all annotations count from one more than the categories, -1 if from one less; else 0."""
    if not declared or not all(isinstance(number, int) for number in declared | used):
        return 0
    low, high = min(declared), max(declared)
    if len(declared) != high - low + 1:
        return 0
    if (min(used), max(used)) == (low - 1, high - 1):
        return -1
    return 1 if max(used) == high + 1 and min(used) > low else 0


def _shifted(file: Path, declared: set[int], used: set[int], shift: int) -> UserError:
    do = "subtract 1 from" if shift > 0 else "add 1 to"
    return UserError(
        f"{file}: the annotations use the category_id {min(used)} to {max(used)}, and the categories have the id {min(declared)} "
        f"to {max(declared)}: the two count from different numbers, so that every object would get the name of another class; "
        f"{do} every category_id, or correct the id of each category"
    )


def _unknown_ids(filename: str, unknown: Mapping[Any, int], declared: set[Any], total: int) -> Finding:
    count = sum(unknown.values())
    ids = few([shown(number) for number in list(unknown)[:_MOST_IDS]])
    return notices.build(
        "unknown_category_ids", "Annotations have a category id that the categories lack",
        f"{filename}: {count} of {total} annotations have a category_id that no category has ({ids}; the categories have "
        f"{few([shown(number) for number in list(declared)[:_MOST_IDS]])}): they are not used",
        count=count, of=total, what="annotations", severity="high" if count > _MANY * total else "medium",
        remedy="Add a category for each of these ids, or use the categories that the annotations were made with.",
    )  # fmt: skip


def zero_notices(documents: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """One notice about all files, for pycocotools takes annotation id 0 for `no match`, and the OD API takes class 0 for the
    background. documents: by file name."""
    found = {name: zero for name, document in documents.items() if (zero := _from_zero(document))}
    if not found:
        return []
    kinds = " and ".join(dict.fromkeys(kind for zero in found.values() for kind in zero))
    files = few(list(found), _MOST_FILES)
    claim = f"{files}: {kinds} ids start at 0, which other tools read as background or `no match`; convert numbered them anew"
    return [
        notices.build(
            "ids_from_zero", "Ids in the COCO json start at 0", claim, count=len(found),
            of=len(documents), what="files",
        )
    ]  # fmt: skip


def _from_zero(document: Mapping[str, Any]) -> list[str]:
    """The kinds of ids that start at 0."""
    kinds = (("category", document["categories"]), ("annotation", document["annotations"]))
    return [kind for kind, entries in kinds if any(entry.get("id") == 0 for entry in entries)]
