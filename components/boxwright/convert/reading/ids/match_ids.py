"""Matches ids by their value: `"1"` and `"0001"` are 1; an image's file name stands for its id, and so does a class name.

Some exports write ids as text in one list and as numbers in another. The ids are matched only if each of them can mean one thing.
"""

import os
from collections.abc import Iterable
from typing import Any, TypedDict

from boxwright.convert import notices
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import shown

Entry = dict[str, Any]


class Lists(TypedDict):
    """COCO's three lists."""

    images: list[Entry]
    annotations: list[Entry]
    categories: list[Entry]


# Digits of an id that is compared as a number.
_LONGEST = 40


def match_document(file: str, document: Lists) -> list[Finding]:
    """Writes the ids of images and categories into the annotations of a COCO document that have them in another form.

    file: its name for the notices that are returned.
    """
    found, annotations = [], document["annotations"]
    images, categories = document["images"], document["categories"]
    if replaced := _match(annotations, images, "image_id", "file_name"):
        found.append(_notice(file, replaced, len(annotations), "images"))
    if replaced := _match(annotations, categories, "category_id", "name"):
        found.append(_notice(file, replaced, len(annotations), "categories"))
    return found


def _match(annotations: list[Entry], known: list[Entry], key: str, name: str) -> list[tuple[object, object]]:
    """Returns each id that was replaced, with the id that took its place.

    known: the images, or the categories. key: of an annotation, such as `image_id`. name: of what is known, such as `file_name`.
    """
    ids = {entry["id"] for entry in known}
    unknown = [a for a in annotations if a.get(key) is not None and a[key] not in ids]
    if not unknown:
        return []
    values = _by_value(known)
    pairs = [(a, number) for a in unknown if (number := values.get(_text(a[key]))) is not None]
    if not pairs:
        names = _by_name(known, name)
        pairs = [(a, number) for a in unknown if (number := names.get(_text(a[key]))) is not None]
        if len(pairs) < len(unknown):  # ids of another list, a few of which are names here by chance
            return []
    replaced = [(annotation[key], number) for annotation, number in pairs]
    for annotation, number in pairs:
        annotation[key] = number
    return replaced


def _notice(file: str, replaced: list[tuple[object, object]], total: int, what: str) -> Finding:
    wrong, right = replaced[0]
    return notices.build(
        "ids_matched", "Ids in the COCO json were matched by their value",
        f"{file}: {plurals.count(len(replaced), 'annotation', 'has')} an id in another form than the {what}: {shown(wrong)} was "
        f"read as {shown(right)}",
        count=len(replaced), of=total, what="annotations", subject=what, severity="low",
        remedy="If the boxes are on the right images and have the right classes, nothing is wrong.",
    )  # fmt: skip


def _by_value(entries: Iterable[Entry]) -> dict[str, object]:
    return _unique((_text(entry["id"]), entry["id"]) for entry in entries)


def _by_name(entries: Iterable[Entry], name: str) -> dict[str, object]:
    """By the name, by its last part, and by that without its suffix."""
    pairs: list[tuple[str, object]] = []
    for entry in entries:
        text = str(entry[name]).replace("\\", "/")
        last = text.rsplit("/", 1)[-1]
        pairs += [(form, entry["id"]) for form in {_text(text), _text(last), _text(os.path.splitext(last)[0])}]
    return _unique(pairs)


def _unique(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """By form, the only id that has it."""
    found: dict[str, object] = {}
    twice: set[str] = set()
    for form, number in pairs:
        if found.setdefault(form, number) != number:
            twice.add(form)
    return {form: number for form, number in found.items() if form not in twice}


def _text(value: object) -> str:
    """One form for the numbers 1 and 1.0 and the texts "1", " 1 " and "0001"."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)[:1000].strip()
    return (text.lstrip("0") or "0") if text.isdecimal() and len(text) <= _LONGEST else text
