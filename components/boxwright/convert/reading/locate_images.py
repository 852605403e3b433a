"""Finds the image file for a name in an annotation. Exports disagree about which folder the name is relative to."""

import os
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from boxwright.convert.reading.files import Folder, printable_name, relative_name
from boxwright.convert.reading.names import match_names, respelled, spellings
from boxwright.convert.reading.names.match_names import Wanted
from boxwright.core.findings import Finding

# Parts of a name that is looked for elsewhere. Real names have five; a stranger's could have thousands.
_MOST_PARTS = 32


class ImageLocator:
    """named: every file name, with the annotation file that holds it, and with the split that the annotation gives the image.

    Names that are exact are looked up in a dictionary. Names that are not are compared with all free files, in two steps: the
    whole name as the end of a path, then `match_names`.
    """

    def __init__(self, folder: Folder, named: Iterable[tuple[str, Path, str | None]]):
        self.folder, self.root = folder, folder.root
        self._known = folder.listed
        self._places: dict[tuple[str, Path], str] = {}
        self._missing: dict[tuple[str, Path], str | None] = {}
        for name, annotations, split in named:
            self._places[name, annotations] = place = self._place(name, annotations)
            if place not in self._known:
                self._missing[name, annotations] = split
        self._by_end: dict[int, dict[tuple[str, ...], list[Path]]] = {}

    def find(self, file_name: str, annotations: Path) -> Path:
        """The image file; if there is none, the first place where it was expected.

        A file in another place or under another spelling counts only if it is the only one that fits, no other entry names it,
        and no folder puts it in another split: images in different folders often have the same name.
        """
        pair = file_name, annotations
        place = self._places[pair]
        if place in self._known:
            return self._known[place]
        return self._elsewhere.get(pair) or self._respelled.get(pair) or Path(place)

    def shown(self, path: Path, file_name: str) -> str:
        """The relative name of the file that `find` returned. A missing one of another machine has the name in the annotation."""
        if str(path) in self._known or not spellings.is_foreign(file_name) or os.path.exists(path):
            return relative_name(path, self.root)
        return printable_name(file_name)

    def notices(self) -> list[Finding]:
        """What is to be said about images under another spelling. Call it after all images were located."""
        found = self._respelled if self._missing else {}
        return respelled.notice(((name, file) for (name, _), file in found.items()), self.root, len(self._places))

    @cached_property
    def _used(self) -> set[str]:
        return {place for place in self._places.values() if place in self._known}

    @cached_property
    def _free(self) -> list[Path]:
        """The files that no entry names."""
        return [file for file in self.folder.files if str(file) not in self._used]

    @cached_property
    def _elsewhere(self) -> dict[tuple[str, Path], Path]:
        """Images whose whole name is the end of the path of one free file. Several entries may name one file."""
        results: dict[tuple[tuple[str, ...], str | None], Path | None] = {}
        found: dict[tuple[str, Path], Path] = {}
        for pair, split in self._missing.items():
            wanted = Path(_tidy(pair[0])).parts, split
            if wanted not in results:
                results[wanted] = self._only_one(*wanted)
            if (file := results[wanted]) is not None:
                found[pair] = file
        return found

    @cached_property
    def _respelled(self) -> dict[tuple[str, Path], Path]:
        """Images under another spelling. Only images count, as a stranger's name could fit any file."""
        wanted = {
            pair: Wanted(pair[0], split, _entry(pair[0], self._places[pair]))
            for pair, split in self._missing.items()
            if pair not in self._elsewhere and not self._is_outside(self._places[pair])
        }
        taken = {*self._used, *map(str, self._elsewhere.values())} if wanted else set()
        free = [file for file in self.folder.image_files if str(file) not in taken] if wanted else []
        found = match_names.match(wanted.values(), free, map(Path, taken), self.folder)
        return {pair: found[each] for pair, each in wanted.items() if each in found}

    def _is_outside(self, place: str) -> bool:
        """Whether the file lies outside of the data folder, and may be read there."""
        return self.folder.follow_links and os.path.exists(place)

    def _ending_in(self, wanted: tuple[str, ...]) -> list[Path]:
        """The free files whose paths end in these parts."""
        length = len(wanted)
        if not 0 < length <= _MOST_PARTS:
            return []
        if length not in self._by_end:
            self._by_end[length] = defaultdict(list)
            for file in self._free:
                self._by_end[length][file.parts[-length:]].append(file)
        return self._by_end[length].get(wanted, [])

    def _only_one(self, wanted: tuple[str, ...], split: str | None) -> Path | None:
        """The only free file whose path ends in these parts, in this split, else in none."""
        alike = self._ending_in(wanted)
        splits = {p: self.folder.split_of(p) for p in alike}
        in_split = [p for p in alike if splits[p] == split]
        unmarked = [p for p in alike if split is None or splits[p] is None]
        return next((found[0] for found in (in_split, unmarked) if len(found) == 1), None)

    def _place(self, file_name: str, annotations: Path) -> str:
        """Tries the places where exports put images relative to their annotations. Returns the first that holds the image; if
        none does, the first place.

        Places are strings, because Path objects took half of the time of reading an archive.
        """
        folder, root, name = os.path.dirname(annotations), str(self.root), file_name.replace("\\", "/")
        if (beside := f"{folder}/{name}") in self._known:
            return beside
        bases = (folder, f"{folder}/images", root, f"{root}/images")
        places = (os.path.normpath(f"{base}/{name}" if name[:1] != "/" else name) for base in bases)
        first = next(places)
        return first if first in self._known else next((place for place in places if place in self._known), first)


def _entry(file_name: str, place: str) -> str:
    """What tells images apart: a foreign name, else the place that it stands for."""
    return file_name.replace("\\", "/") if spellings.is_foreign(file_name) and not file_name.startswith("..") else place


def _tidy(file_name: str) -> str:
    """The name with forward slashes and without leading `../`, which do not identify a folder."""
    parts = Path(os.path.normpath(file_name.replace("\\", "/"))).parts
    return str(Path(*(part for part in parts if part != "..")))
