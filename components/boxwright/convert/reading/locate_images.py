"""Finds the image file for a name in an annotation. Exports disagree about which folder the name is relative to."""

import os
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from boxwright.convert.reading.files import Folder

# Parts of a name that is looked for elsewhere. Real names have five; a stranger's could have thousands.
_MOST_PARTS = 32


class ImageLocator:
    """named: every file name, with the annotation file that holds it."""

    def __init__(self, folder: Folder, named: Iterable[tuple[str, Path]]):
        self.folder, self.root = folder, folder.root
        self._files = folder.files
        self._known = folder.listed
        self._places = {pair: self._place(*pair) for pair in named}
        # Results for images that are not where their annotations say: thousands of entries may name one file.
        self._by_end: dict[int, dict[tuple[str, ...], list[Path]]] = {}
        self._elsewhere: dict[tuple[tuple[str, ...], str | None], Path | None] = {}

    @cached_property
    def _free(self) -> list[Path]:
        """The files that no entry names."""
        taken = {place for place in self._places.values() if place in self._known}
        return [file for file in self._files if str(file) not in taken]

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

    def find(self, file_name: str, annotations: Path, split: str | None) -> Path:
        """The image file; if there is none, the first place where it was expected.

        A file in another place counts only if its path ends in `file_name`, no other entry names it, and no folder puts it in
        another split: images in different folders often have the same name.
        """
        place = self._places[file_name, annotations]
        if place in self._known:
            return self._known[place]
        wanted = Path(_tidy(file_name)).parts, split
        if wanted not in self._elsewhere:
            self._elsewhere[wanted] = self._only_one(*wanted)
        return self._elsewhere[wanted] or Path(place)

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


def _tidy(file_name: str) -> str:
    """The name with forward slashes and without leading `../`, which do not identify a folder."""
    parts = Path(os.path.normpath(file_name.replace("\\", "/"))).parts
    return str(Path(*(part for part in parts if part != "..")))
