"""Finds the files of images that are not where their annotations say: under another spelling, or in another folder.

The comparison is a ladder. Its steps go from the longest common end of two paths down to the last part alone, and for each of
these lengths from the tightest to the loosest of `spellings.RUNGS`. A file is taken only if it is the only one that fits the name
at this step, if this name is the only one that it fits, and if no folder puts it into another split. A file that an annotation
names exactly is never taken.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from boxwright.convert.reading.files import Folder, open_no_link
from boxwright.convert.reading.names import spellings
from boxwright.convert.reading.names.spellings import Parts, Rung
from boxwright.convert.reading.split_names import split_from_folders

# Parts of a path that are compared. More tell no more: sets of people have five folders.
_LONGEST_END = 8
# Files and names that are compared with each other. Among more that are alike, none is the only one. A stranger may have a
# million.
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


_Pair = tuple[_Name, _File]
_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)


def match(wanted: Iterable[Wanted], free: Sequence[Path], used: Iterable[Path], folder: Folder) -> dict[Wanted, Path]:
    """The file of each image that is certain.

    free: the image files that no annotation names exactly. used: those that are named.
    """
    names = [_name(each) for each in dict.fromkeys(wanted)]
    if not names or not free:
        return {}
    by_name = _grouped(names, lambda name: spellings.bare(name.parts[-1]) if name.parts else "")
    alike = {file: key for file in free if (key := spellings.bare(file.name)) in by_name}
    files = _grouped((_file(path, folder) for path in alike), lambda file: alike[file.path])
    ladder = _Ladder(_Companions(free, used))
    for key, some in files.items():
        ladder.climb(by_name[key], some, 1)
    return _Renamed(names).certain(ladder.found)


def _grouped(items: Iterable[_Item], key_of: Callable[[_Item], _Key]) -> dict[_Key, list[_Item]]:
    groups: dict[_Key, list[_Item]] = defaultdict(list)
    for item in items:
        groups[key_of(item)].append(item)
    return groups


def _file(path: Path, folder: Folder) -> _File:
    return _File(path, path.relative_to(folder.root).parts, folder.split_of(path), _kind(path))


def _name(wanted: Wanted) -> _Name:
    parts = spellings.parts(wanted.name)
    return _Name(wanted, parts, wanted.split or split_from_folders("/".join(parts)))


class _Ladder:
    """Matches groups of names and files that are alike. found: the pairs that are certain. unclear: the names that are not."""

    def __init__(self, companions: "_Companions"):
        self._companions = companions
        self.found: dict[Wanted, Path] = {}
        self._unclear: set[Wanted] = set()
        self._taken: set[Path] = set()

    def climb(self, names: Sequence[_Name], files: Sequence[_File], length: int) -> None:
        """length: the last parts of the paths in which all names and files of this group are alike."""
        if max(len(names), len(files)) > _MOST_ALIKE and length < _LONGEST_END:
            by_folder = _grouped(files, lambda file: _folder_at(file.parts, length))
            for folder, some in _grouped(names, lambda name: _folder_at(name.parts, length)).items():
                if folder and folder in by_folder:
                    self.climb(some, by_folder[folder], length + 1)
        names = [name for name in names if name.wanted not in self.found and name.wanted not in self._unclear]
        files = [file for file in files if file.path not in self._taken]
        if max(len(names), len(files)) <= _MOST_ALIKE:
            steps = self._steps(names, files)
            for step in sorted(steps):
                self._take(steps[step])

    def _steps(self, names: Sequence[_Name], files: Sequence[_File]) -> dict[tuple[int, int], list[_Pair]]:
        """The pairs that may be, by their step on the ladder."""
        steps: dict[tuple[int, int], list[_Pair]] = defaultdict(list)
        for name in names:
            for file in files:
                length, rung = _common_end(name.parts, file.parts), _rung(name.parts[-1], file.parts[-1])
                if rung is not None and _may_be(name, file, length, spellings.RUNGS[rung], self._companions):
                    steps[-length, rung].append((name, file))
        return steps

    def _take(self, pairs: Sequence[_Pair]) -> None:
        """Takes the pairs of one step that are certain."""
        fitting: dict[Wanted, list[_Pair]] = defaultdict(list)
        for name, file in pairs:
            if name.wanted not in self.found and name.wanted not in self._unclear and file.path not in self._taken:
                fitting[name.wanted].append((name, file))
        claims: dict[Path, list[Wanted]] = defaultdict(list)
        for wanted, some in fitting.items():
            some = [(name, file) for name, file in some if file.split == name.split] or some
            if len(some) == 1:
                claims[some[0][1].path].append(wanted)
            else:
                self._unclear.add(wanted)
        for path, claimed in claims.items():
            if len({wanted.entry for wanted in claimed}) == 1:
                self.found |= dict.fromkeys(claimed, path)
                self._taken.add(path)
            else:
                self._unclear.update(claimed)


def _folder_at(parts: Parts, length: int) -> str:
    """The folder before the last parts; empty if there is none."""
    return spellings.folder(parts[-length - 1]) if len(parts) > length else ""


def _common_end(one: Parts, other: Parts) -> int:
    """How many parts at the end are alike, the last of which is known to be."""
    length = 1
    while length < _LONGEST_END and (folder := _folder_at(one, length)) and folder == _folder_at(other, length):
        length += 1
    return length


def _rung(name: str, file: str) -> int | None:
    """The number of the tightest rung on which a name fits a file."""
    rungs = enumerate(spellings.RUNGS)
    return next((number for number, rung in rungs if rung.of_name(name) == rung.of_file(file)), None)


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

    def __init__(self, free: Iterable[Path], used: Iterable[Path]):
        folders: dict[str, set[str]] = defaultdict(set)
        for path in used:
            folders[spellings.stem(path.name)].add(os.path.dirname(path))
        self._total, self._beside, self._elsewhere = (Counter[tuple[str, str]]() for _ in range(3))
        for path in free:
            kind = _kind(path)
            self._total[kind] += 1
            if places := folders.get(spellings.stem(path.name)):
                (self._beside if kind[0] in places else self._elsewhere)[kind] += 1

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
