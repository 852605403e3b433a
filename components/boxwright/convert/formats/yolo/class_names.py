"""The names of YOLO's classes by number: in a configuration, or one a line in a file of its own."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boxwright.convert import notices
from boxwright.convert.reading.files import Folder, load_text, relative_name
from boxwright.core.findings import Finding
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, few, shown

# Files of names, the usual first: darknet's and labelImg's, any other `.names`, and what people call them. Case does not matter.
_USUAL = ("obj.names", "classes.txt", "classes.names", "_darknet.labels")
_OTHERS = ("class.txt", "class_names.txt", "names.txt", "labels.txt", "predefined_classes.txt")
# As long as the class numbers that label files can have.
LARGEST_NUMBER = 999_999_999
# Lists that are compared: labelImg writes one into each folder of labels.
_MOST_LISTS = 50


def is_list(file: Path) -> bool:
    """Whether a file has the name of a list of names."""
    return file.name.lower() in (*_USUAL, *_OTHERS) or file.suffix.lower() == ".names"


def lists(folder: Folder) -> list[Path]:
    """The lists of names, the usual first. A txt beside an image of its name is a label."""
    found = [file for file in folder.other_files if is_list(file)]
    pictures = {file.with_suffix("") for file in folder.image_files} if found else set()
    return sorted((file for file in found if file.with_suffix("") not in pictures), key=_rank)[:_MOST_LISTS]


def _rank(file: Path) -> int:
    name = file.name.lower()
    if name in _USUAL:
        return _USUAL.index(name)
    return len(_USUAL) + (1 + _OTHERS.index(name) if name in _OTHERS else 0)


def lengths(folder: Folder) -> dict[Path, int]:
    """By list, how many names it has; without lists that cannot be read."""
    return {file: len(_read(file)) for file in lists(folder)}


def of_folder(folder: Folder) -> tuple[dict[int, str], Path | None]:
    """The names of the most usual list, and that list; nothing if there is none. Of several lists of one kind that agree, the
    longest counts: labelImg adds a name to a list when it is first used.

    Raises UserError for two such lists that number the classes differently.
    """
    if not (found := lists(folder)):
        return {}, None
    same = [file for file in found if _rank(file) == _rank(found[0])]
    longest = max(same, key=lambda file: len(_read(file)))
    names = in_lines(longest)
    for file in same:
        for number, name in _read(file).items():
            if names.get(number) != name:
                raise _differ(longest, file, number, names.get(number), name, folder)
    return names, longest


def _read(file: Path) -> dict[int, str]:
    """Empty for a list that is damaged."""
    try:
        return in_lines(file)
    except UserError:
        return {}


def _differ(one: Path, other: Path, number: int, name: str | None, other_name: str, folder: Folder) -> UserError:
    first, second = (relative_name(file, folder.root) for file in (one, other))
    return UserError(
        f"{folder.root}: {first} and {second} number the classes differently: class {number} is {shown(name)} in the one and "
        f"{shown(other_name)} in the other; labels of two lists cannot be read together. Give --data one of the two folders, or "
        "correct the numbers and keep one list"
    )


def conflicts(names: Mapping[int, str], named_by: Path, folder: Folder) -> list[Finding]:
    """A notice for each other list that gives a class of `names` another number. named_by: the file of `names`."""
    numbers = {name.strip(): number for number, name in names.items()}
    found = []
    for file in lists(folder):
        other = {name.strip(): number for number, name in _read(file).items()} if file != named_by else {}
        moved = [name for name, number in other.items() if numbers.get(name, number) != number]
        if moved:
            found.append(_conflict(moved, numbers, other, named_by, relative_name(file, folder.root)))
    return found


def _conflict(
    moved: list[str], numbers: Mapping[str, int], other: Mapping[str, int], named_by: Path, file: str
) -> Finding:
    examples = few([f"{shown(name)} is {numbers[name]} and {other[name]}" for name in moved], 3)
    return notices.build(
        "names_in_other_order", "Two lists of class names have another order",
        f"{named_by.name} and {file} number {len(moved)} classes differently ({examples}): {named_by.name} was used",
        count=len(moved), of=len(numbers), what="classes", severity="medium", subject=file,
        remedy=f"Look at a few images: if the names are wrong, the labels were made with {file}; put its order into "
        f"{named_by.name}. Otherwise delete {file}.",
    )  # fmt: skip


def none_notice(count: int) -> Finding:
    return notices.build(
        "no_class_names", "The data has no class names",
        "There is no obj.names or classes.txt: classes are named by number",
        count=0, of=count, what="files with names",
        remedy="Write one name a line into classes.txt in the data folder, in the order of the numbers.",
    )  # fmt: skip


def numbered(names: object, config: Path) -> dict[int, str]:
    """Names by number: `[cat, dog]` counts from 0; `{1: cat, 2: dog}` gives the numbers."""
    try:
        if not isinstance(names, list | dict):
            raise TypeError("text is no list of names")
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        ordered = sorted(((int(number), name) for number, name in pairs), key=lambda pair: pair[0])
        if ordered and max(ordered[-1][0], -ordered[0][0]) > LARGEST_NUMBER:
            raise ValueError("no label has such a number")
        numbered = dict(ordered)
        if any(isinstance(name, list | dict) for name in numbered.values()):
            raise TypeError("a list is no name")
    except (ValueError, TypeError, OverflowError):
        raise UserError(
            f"{config}: names is {shown(names)}; expected a list of names, or a mapping from number to name"
        ) from None
    return _checked_names(numbered, config)


def in_lines(file: Path) -> dict[int, str]:
    text = load_text(file, limits.NAMES_BYTES).rstrip()
    # `splitlines` would also split at control characters, and every later class would get a wrong number.
    return _checked_names(dict(enumerate(re.split(r"\r\n|\r|\n", text) if text else [])), file)


def _checked_names(names: dict[int, Any], file: Path) -> dict[int, str]:
    """Raises UserError for a class without a name, and for two classes with one name."""
    texts = {number: "" if name is None else str(name) for number, name in names.items()}
    if blank := [number for number, text in texts.items() if not text.strip()]:
        raise UserError(
            f"{file}: class {blank[0]} has no name; give it one, in quotes if YAML reads it as empty (null, ~)"
        )
    if twice := [text for text, count in Counter(texts.values()).items() if count > 1]:
        raise UserError(f"{file}: the class {shown(min(twice))} is listed twice; give each class its own name")
    return texts
