"""Finds the files of images that are not where their annotations say: under another spelling, or in another folder.

The comparison is a ladder. Its steps go from the whole path down to the last part of the name, and for each of these lengths
from the tightest to the loosest of `spellings.RUNGS`. A file is taken only if it is the only one that fits the name at this step,
if this name is the only one that it fits, and if no folder puts it into another split. A file that an annotation names exactly is
never taken.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from boxwright.convert.reading.files import Folder, open_no_link
from boxwright.convert.reading.names import spellings
from boxwright.convert.reading.names.spellings import Parts, Rung, Spelling
from boxwright.convert.reading.split_names import split_from_folders

# Parts of a path that are compared. More tell no more: sets of people have five folders.
_LONGEST_END = 8
# Files that fit one name. Among more, none is the only one; a stranger could have a million.
_MOST_ALIKE = 64
# A kind of files (one suffix in one folder) of which this share has the names of images that are found shows something else:
# masks beside the images, small copies, another camera. Images of one set rarely share a name, and copies nearly all do.
_COMPANIONS = 0.1
# A name that cameras and tools give again and again: `1`, `IMG_0001`, `frame12`, `image`. It shows that a folder was renamed
# only if three images or more, and half of those that are missing from the old folder, have their names in the new one.
_COMMON_NAME = re.compile(r"[^\W\d]{0,8}[ _-]?\d{0,6}")
_LEAST_RENAMED, _SHARE_RENAMED = 3, 0.5
# Folders of pictures that belong to other pictures. A file in one of them is taken only if the annotation names that folder.
_OTHER_PICTURES = {"mask", "masks", "segmentationclass", "segmentationobject", "thumb", "thumbs", "thumbnails"}
# The byte of a PNG that holds its kind of colours, and the kinds without colours of a photo: gray, palette.
_COLOURS, _PLAIN = 25, (0, 3)


class Wanted(NamedTuple):
    """An image that is not where its annotation says.

    name: as the annotation has it. split: that of the annotation, None if it has none. entry: the same text for entries about one
    image.
    """

    name: str
    split: str | None
    entry: str


class _File(NamedTuple):
    """A file that no annotation names exactly. kind: its folder and suffix."""

    path: Path
    parts: Parts
    split: str | None
    kind: tuple[str, str]


class _Name(NamedTuple):
    wanted: Wanted
    parts: Parts
    split: str | None


def match(wanted: Iterable[Wanted], free: Sequence[Path], used: Iterable[Path], folder: Folder) -> dict[Wanted, Path]:
    """The file of each image that is certain.

    free: the image files that no annotation names exactly. used: those that are named.
    """
    files = [_file(path, folder) for path in free]
    names = [_name(each) for each in dict.fromkeys(wanted)]
    companions = _Companions(files, used) if files and names else None
    renamed = _Renamed(names)
    found: dict[Wanted, Path] = {}
    longest = min(
        _LONGEST_END, max((len(n.parts) for n in names), default=0), max((len(f.parts) for f in files), default=0)
    )
    for length in range(longest, 0, -1):
        for rung in spellings.RUNGS:
            if companions is None or not names:
                return renamed.certain(found)
            pairs, unclear = _climb(names, files, length, rung, companions)
            found |= pairs
            taken = set(pairs.values())
            files = [file for file in files if file.path not in taken] if taken else files
            names = [name for name in names if name.wanted not in found and name.wanted not in unclear]
    return renamed.certain(found)


def _file(path: Path, folder: Folder) -> _File:
    return _File(path, path.relative_to(folder.root).parts, folder.split_of(path), _kind(path))


def _name(wanted: Wanted) -> _Name:
    parts = spellings.parts(wanted.name)
    return _Name(wanted, parts, wanted.split or split_from_folders("/".join(parts)))


def _climb(
    names: Sequence[_Name], files: Sequence[_File], length: int, rung: Rung, companions: "_Companions"
) -> tuple[dict[Wanted, Path], set[Wanted]]:
    """One step of the ladder: the pairs that are certain, and the names that fit several files, or one that another name fits.

    length: the parts of both paths that are compared.
    """
    index: dict[Parts, list[_File]] = defaultdict(list)
    for file in files:
        if len(file.parts) >= length:
            index[_key(file.parts, length, rung.of_file)].append(file)
    claims: dict[Path, list[Wanted]] = defaultdict(list)
    unclear: set[Wanted] = set()
    for name in names:
        alike = index.get(_key(name.parts, length, rung.of_name), ()) if len(name.parts) >= length else ()
        fitting = _fitting(name, alike, length, rung, companions) if len(alike) <= _MOST_ALIKE else alike
        if len(fitting) == 1:
            claims[fitting[0].path].append(name.wanted)
        elif fitting:
            unclear.add(name.wanted)
    certain = {path for path, claimed in claims.items() if len({each.entry for each in claimed}) == 1}
    unclear |= {each for path, claimed in claims.items() if path not in certain for each in claimed}
    return {each: path for path in certain for each in claims[path]}, unclear


def _key(parts: Parts, length: int, spelled: Spelling) -> Parts:
    return (*map(spellings.folder, parts[-length:-1]), spelled(parts[-1]))


def _fitting(
    name: _Name, alike: Sequence[_File], length: int, rung: Rung, companions: "_Companions"
) -> Sequence[_File]:
    """The files that may be the image: of its split if there are any, else of none."""
    fitting = [file for file in alike if _may_be(name, file, length, rung, companions)]
    return [file for file in fitting if file.split == name.split] or fitting


def _may_be(name: _Name, file: _File, length: int, rung: Rung, companions: "_Companions") -> bool:
    same_split = file.split is not None and file.split == name.split
    if not (same_split or None in (file.split, name.split) or split_from_folders("/".join(file.parts[-length:]))):
        return False
    if companions.has(file, elsewhere=length == 1 and not same_split):
        return False
    if length == 1 and len(file.parts) > 1 and file.parts[-2].lower() in _OTHER_PICTURES:
        return False
    return not (rung.any_suffix and _may_be_mask(file.path, name.parts[-1]))


def _may_be_mask(file: Path, name: str) -> bool:
    """Whether the file is a PNG in gray or with a palette, and the annotation names no PNG."""
    if file.suffix.lower() != ".png" or spellings.suffix(name) == ".png":
        return False
    try:
        with open(file, "rb", buffering=0, opener=open_no_link) as opened:
            header = opened.read(_COLOURS + 1)
    except OSError:
        return False
    return len(header) > _COLOURS and header[_COLOURS] in _PLAIN


def _kind(file: Path) -> tuple[str, str]:
    return os.path.dirname(file), file.suffix.lower()


class _Companions:
    """Counts for each kind of files how many have the name of an image that was found, in the same folder and in others."""

    def __init__(self, files: Sequence[_File], used: Iterable[Path]):
        folders: dict[str, set[str]] = defaultdict(set)
        for path in used:
            folders[spellings.stem(path.name)].add(os.path.dirname(path))
        self._total, self._beside, self._elsewhere = (Counter[tuple[str, str]]() for _ in range(3))
        for file in files:
            self._total[file.kind] += 1
            if places := folders.get(spellings.stem(file.parts[-1])):
                (self._beside if file.kind[0] in places else self._elsewhere)[file.kind] += 1

    def has(self, file: _File, *, elsewhere: bool) -> bool:
        """Whether the file is of a kind of companions. elsewhere: images with its name in other folders count, too."""
        twins = self._beside[file.kind] + (self._elsewhere[file.kind] if elsewhere else 0)
        return twins >= max(1, _COMPANIONS * self._total[file.kind])


class _Renamed:
    """Judges the files whose folder differs from that of the annotation, by all images that are missing from this folder.

    Foreign folders, such as those of another machine, are expected to differ.
    """

    def __init__(self, names: Iterable[_Name]):
        self._parts = {name.wanted: name.parts for name in names}
        self._missing = Counter(parts[:-1] for parts in self._parts.values())

    def certain(self, found: dict[Wanted, Path]) -> dict[Wanted, Path]:
        """The pairs without those whose names are common and whose folder is not renamed as a whole."""
        moves = Counter((self._parts[each][:-1], file.parent) for each, file in found.items())
        return {each: file for each, file in found.items() if self._is_certain(each, file, moves)}

    def _is_certain(self, wanted: Wanted, file: Path, moves: Counter[tuple[Parts, Path]]) -> bool:
        *folders, last = self._parts[wanted]
        same = not folders or spellings.folder(folders[-1]) == spellings.folder(file.parent.name)
        if same or spellings.is_foreign(wanted.name) or not _COMMON_NAME.fullmatch(spellings.stem(last)):
            return True
        count = moves[tuple(folders), file.parent]
        return count >= max(_LEAST_RENAMED, _SHARE_RENAMED * self._missing[tuple(folders)])
