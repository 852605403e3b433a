"""What file names say: frames of a sequence, and copies made by an augmentation."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

# Longer names are not looked at: their patterns would take too long.
_LONGEST = 300
_MADE = (
    "rot|rotated?|rotation|aug|augmented|augmentation|flip|flipped|hflip|vflip|mirror|mirrored|copy|copie|kopie|copia|zoom|zoomed|"
    "crop|cropped|noise|noisy|blur|blurred|bright|brightness|dark|darker|light|contrast|scale|scaled|shear|shift|shifted|"
    "translate|translated|affine|jitter|gauss|gamma|hsv"
)
# What an augmentation or a copy appends or prepends to a name, once or more: `_rot15`, `-aug-2`, ` - Copy (2)`, `(1)`, `flip_`.
_APPENDED = re.compile(rf"(?:[ _.\-(]+(?:{_MADE})[ _\-]*-?[0-9.]*\)?|[ _]?\([0-9]+\)|[ _\-]+[hv])+$", re.IGNORECASE)
_WORDS = re.compile(r"[a-z]+", re.IGNORECASE)
_PREPENDED = re.compile(rf"^(?:(?:{_MADE})[0-9]*[ _\-]+)+", re.IGNORECASE)
_ROBOFLOW = re.compile(r"(?:_(?:jpe?g|png|bmp|webp))?\.rf\.[^/]+$|\.[^./]+$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"[0-9]+(?=[^0-9]*$)")
# Copies of one picture by name. More files with one name are numbered, not copied.
_MOST_COPIES = 50
# Words of augmentations that a pattern lists.
_MOST_WORDS = 8


def stems(names: Sequence[str]) -> list[str]:
    """The last part of each name, without suffix and without what Roboflow appends."""
    return [_ROBOFLOW.sub("", name.rpartition("/")[2][-_LONGEST:]) for name in names]


def made_of(names: Sequence[str]) -> Iterator[list[int]]:
    """Rows of names that differ in nothing but what an augmentation or a copy adds."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, stem in enumerate(stems(names)):
        rows[_PREPENDED.sub("", _APPENDED.sub("", stem)) or stem].append(row)
    yield from (same for same in rows.values() if 2 <= len(same) <= _MOST_COPIES)


def sequences(names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(n,) number of the sequence of each name, and its place in it: the rank of its last number. -1 for names without a number.

    Names of one sequence differ in nothing but their last number.
    """
    found: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row, stem in enumerate(stems(names)):
        if (number := _LAST_NUMBER.search(stem)) and len(number[0]) <= 18:
            found[stem[: number.start()], stem[number.end() :]].append((int(number[0]), row))
    sequence, place = np.full(len(names), -1), np.full(len(names), -1)
    for key, numbered in enumerate(found.values()):
        values = {number: rank for rank, number in enumerate(sorted({number for number, _ in numbered}))}
        for number, row in numbered:
            sequence[row], place[row] = key, values[number]
    return sequence, place


def made_patterns(names: Sequence[str]) -> Iterator[str]:
    """Patterns whose first group is the name without what an augmentation adds to these names."""
    of = stems(names)
    appended = sorted({found[0] for stem in of if (end := _APPENDED.search(stem)) for found in _WORDS.finditer(end[0])})
    if appended:
        yield rf"([^/]+?)(?:[ _.(-]+(?:{'|'.join(appended[:_MOST_WORDS])})[^/]*)?\.[^/.]+$"
    prepended = sorted(
        {found[0] for stem in of if (start := _PREPENDED.search(stem)) for found in _WORDS.finditer(start[0])}
    )
    if prepended:
        yield rf"(?:(?:{'|'.join(prepended[:_MOST_WORDS])})[0-9]*[ _-]+)*([^/]+)\.[^/.]+$"
