"""What file names say: frames of a sequence, copies made by an augmentation, and the camera or video of a picture."""

import re
from collections import Counter, defaultdict
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
_PREPENDED = re.compile(rf"^(?:(?:{_MADE})[0-9]*[ _\-]+)+", re.IGNORECASE)
_ROBOFLOW = re.compile(r"(?:_(?:jpe?g|png|bmp|webp))?\.rf\.[^/]+$|\.[^./]+$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"[0-9]+(?=[^0-9]*$)")
# Copies of one picture by name. More files with one name are numbered, not copied.
_MOST_COPIES = 50
# Patterns for --group, the simplest first. Their first group names the camera, the video or the folder.
_PATTERNS = (
    r"([^/]+)/[^/]+$",
    r"^(?:.*/)?([^/_-]+)[_-]",
    r"^(?:.*/)?([^/0-9]*[0-9]+)[^/0-9]",
    r"^(?:.*/)?([^/0-9]*[0-9]+[^/0-9]+[0-9]+)[^/0-9]",
    r"([^/]*?[^/_. -])(?:[_. -]+(?:frame|img|image|f)?|frame|img|image)[_. -]*[0-9]+(?:_[a-z]+)?(?:\.rf\.[^/]+)?\.[^/.]+$",
)
# A pattern must keep this share of the pictures together that look alike, and must leave something to split.
_TOGETHER, _LARGEST = 0.95, 0.8
LEAST_GROUPS = 3
_NAMES = 5000


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


def group_pattern(names: Sequence[str], alike: Sequence[tuple[int, int]]) -> tuple[str, int] | None:
    """The pattern for --group that keeps together what looks alike, in the most groups, and how many groups.

    alike: pairs of rows. None if no pattern does.
    """
    found = [(pattern, count) for pattern in _PATTERNS if (count := _groups(pattern, names, alike))]
    return max(found, key=lambda one: one[1]) if found else None


def _groups(pattern: str, names: Sequence[str], alike: Sequence[tuple[int, int]]) -> int:
    """How many groups the pattern makes; 0 if it is of no use here."""
    wanted = re.compile(pattern)

    def group(name: str) -> str | None:
        match = wanted.search(name) if len(name) <= _LONGEST else None
        return match[1] if match else None

    step = max(1, -(-len(names) // _NAMES))
    of = [group(name) for name in list(names)[::step]]
    counted = Counter(filter(None, of))
    pairs = [(group(names[a]), group(names[b])) for a, b in alike[:_NAMES]]
    kept = [a is not None and a == b for a, b in pairs]
    useful = (
        len(counted) >= LEAST_GROUPS
        and counted.total() >= _TOGETHER * len(of)
        and max(counted.values()) <= _LARGEST * len(of)
        and len(counted) <= len(of) / 2
        and kept
        and sum(kept) >= _TOGETHER * len(kept)
    )
    return len(counted) if useful else 0
