"""Which split each folder of the data stands for. The folders beside it decide where its own name does not."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from pathlib import PurePosixPath

from boxwright.convert.reading import split_names

# Short names that mean a split only if the folder has such neighbours: `te` and `tr` are languages, too.
_SHORT = {"tr": "train", "te": "test", "ts": "test", "va": "val", "vl": "val"}
_PLAIN = re.compile(r"(?<![a-z])(train|trainval|val|valid|validation|test)(?![a-z])")


class FolderSplits:
    """folders: the relative path of every folder with files. with_images: those of them with images."""

    def __init__(self, folders: Iterable[str], with_images: Collection[str]):
        self._children: dict[str, set[str]] = defaultdict(set)
        self._with_images = with_images
        self._splits: dict[str, str | None] = {"": None}
        self._only_splits: dict[str, bool] = {}
        self.folders = set(folders)
        for folder in self.folders:
            self._add(folder)

    def _add(self, folder: str) -> None:
        while folder:
            above, _, name = folder.rpartition("/")
            if name in self._children[above]:
                break
            self._children[above].add(name)
            folder = above

    def of(self, filename: str) -> str | None:
        """The split of a file with this relative name, which may not exist."""
        folder = filename.rpartition("/")[0]
        if folder not in self.folders:
            return split_names.split_from_folders(filename)
        return self.of_folder(folder)

    def of_list(self, filename: str) -> str | None:
        """The split of the images that a file lists: that of its folder, else that of its name.

        A name that is certain, as in `eval/instances_train.json`, counts more than a folder that is not.
        """
        folder, stem = self.of(filename), split_names.split_from_stem(PurePosixPath(filename).stem)
        return stem if stem and self.is_uncertain(filename) else folder or stem

    def of_folder(self, folder: str) -> str | None:
        """The split of the files in an existing folder: that of the innermost folder that stands for one."""
        unknown = []
        while folder not in self._splits:
            unknown.append(folder)
            folder = folder.rpartition("/")[0]
        for each in reversed(unknown):
            above, _, name = each.rpartition("/")
            self._splits[each] = self._inside(above, name, self._splits[above])
        return self._splits[unknown[0] if unknown else folder]

    def is_uncertain(self, filename: str) -> bool:
        """Whether the word that gives a file's folder its split also means other things, such as `eval`."""
        names = reversed(filename.split("/")[:-1])
        return not split_names.is_certain(next(filter(split_names.split_from_word, names), ""))

    def uncommon(self) -> dict[str, str]:
        """The folders that have their split by a word that also means other things, or by their neighbours, with the split."""
        found = {}
        for above, names in self._children.items():
            for name in names:
                own, path = self.own(above, name), f"{above}/{name}" if above else name
                plain = split_names.split_from_word(name) is not None and split_names.is_certain(name)
                if own and not plain and self.of_folder(path) == own:
                    found[path] = own
        return found

    def beside_splits(self, above: str, looks_like: Callable[[str], str | None]) -> dict[str, str | None]:
        """The folders in `above` that look like splits or lie beside one, and that stand for none, each with what it may mean.

        A folder counts only if those beside it stand for another split, or may mean one.
        """
        names = [name for name in self._children.get(above, ()) if not split_names.is_companion(name)]
        own = {name: self.own(above, name) for name in names}
        meant = {name: own[name] or looks_like(name) for name in names}
        known, several = any(own.values()), len({*meant.values()} - {None}) > 1
        return {name: meant[name] for name in names if not own[name] and (known or (several and meant[name]))}

    def own(self, above: str, name: str) -> str | None:
        """The split that a folder's name stands for among the folders beside it."""
        return split_names.split_from_word(name) or self._by_neighbours[above].get(name)

    def _inside(self, above: str, name: str, outer: str | None) -> str | None:
        """The split of a folder inside of another split.

        `train/test` is a class named `test` if other folders lie beside it that are no splits, as in `train/nut`.
        `train/evaluation` is none if `train` has images of its own.
        """
        own = self.own(above, name)
        if own is None or outer in (None, own):
            return own or outer
        if not self._holds_splits(above):
            return outer
        return own if split_names.is_certain(name) or above not in self._with_images else outer

    def _holds_splits(self, above: str) -> bool:
        """Whether every folder in a folder stands for a split, or says what it holds, such as `images`."""
        if above not in self._only_splits:
            inside = (each for each in self._children[above] if not split_names.is_companion(each))
            self._only_splits[above] = all(self.own(above, each) for each in inside)
        return self._only_splits[above]

    @cached_property
    def _by_neighbours(self) -> "_Neighbours":
        return _Neighbours(self._children)


class _Neighbours(dict[str, Mapping[str, str]]):
    """By folder: the splits of the folders in it whose names mean a split only together."""

    def __init__(self, children: Mapping[str, Collection[str]]):
        super().__init__()
        self._children = children

    def __missing__(self, above: str) -> Mapping[str, str]:
        names = self._children.get(above, ())
        self[above] = found = _short(names) | _alike(names)
        return found


def _short(names: Collection[str]) -> dict[str, str]:
    """`tr` beside `te` or `va`: train and another split."""
    found = {name: _SHORT[name.lower()] for name in names if name.lower() in _SHORT}
    return found if "train" in found.values() and len(set(found.values())) > 1 else {}


def _alike(names: Collection[str]) -> dict[str, str]:
    """`WIDER_train` beside `WIDER_val`: names that differ in the split only, and one of them is train."""
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        if len(found := _PLAIN.findall(name.lower())) == 1:
            split = "train" if found[0] == "trainval" else split_names.split_from_word(found[0])
            groups[_PLAIN.sub("*", name.lower())][name] = split or ""
    together = (group for group in groups.values() if "train" in group.values() and len(set(group.values())) > 1)
    return {name: split for group in together for name, split in group.items()}
