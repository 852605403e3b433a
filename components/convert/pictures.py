"""Finds the file that a name in an annotation means; exports disagree about what it is relative to."""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from boxwright.convert import source


class Pictures:
    """named: every file_name with the annotation file it stands in."""

    def __init__(self, root: Path, files: list[Path], named: Iterable[tuple[str, Path]]):
        self.root = root
        self._known = set(files)
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        for file in files:
            self._by_name[file.name].append(file)
        self._taken = {
            path for name, listing in named for path in self._places(name, listing)[:1] if path in self._known
        }

    def find(self, file_name: str, annotations: Path, split: str | None) -> Path:
        """The file; where there is none, the place it was expected first.

        A file elsewhere counts only if its path ends in `file_name`, no other entry means it, and no folder puts it in
        another split: pictures of different folders often have the same names.
        """
        places = self._places(file_name, annotations)
        if places[0] in self._known:
            return places[0]
        wanted = Path(_tidy(file_name)).parts
        alike = [p for p in self._by_name[wanted[-1]] if p not in self._taken and p.parts[-len(wanted) :] == wanted]
        splits = {p: source.split_of_folder(source.relative(p, self.root)) for p in alike}
        in_split = [p for p in alike if splits[p] == split]
        unmarked = [p for p in alike if split is None or splits[p] is None]
        return next((found[0] for found in (in_split, unmarked) if len(found) == 1), places[0])

    def _places(self, file_name: str, annotations: Path) -> list[Path]:
        """Where exports put pictures relative to their json: the places that exist first."""
        folder = annotations.parent
        bases = (folder, folder / "images", self.root, self.root / "images")
        places = [Path(os.path.normpath(base / file_name.replace("\\", "/"))) for base in bases]
        return sorted(places, key=lambda path: path not in self._known)


def _tidy(file_name: str) -> str:
    """With forward slashes and without leading `../`, which says nothing about another folder."""
    parts = Path(os.path.normpath(file_name.replace("\\", "/"))).parts
    return str(Path(*(part for part in parts if part != "..")))
