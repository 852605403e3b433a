"""The lists of a VOC set: `ImageSets/Main`, and where there is none, lists such as `train.txt`. KITTI has such lists, too."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from boxwright.convert import notices
from boxwright.convert.reading import files
from boxwright.convert.reading.files import Folder, is_image, printable_name
from boxwright.convert.reading.names import spellings
from boxwright.convert.reading.source import Fault, Image
from boxwright.convert.reading.split_names import split_from_word
from boxwright.core.findings import Finding
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime.errors import UserError

_FLAGS = ("-1", "0", "1")
_MAIN = "ImageSets/Main"
# Bytes of a list that hold its first line.
_FIRST_LINE = 1024


class _Entry(NamedTuple):
    split: str
    name: str
    file: Path


def apply(
    images: list[Image], labels: Iterable[tuple[str, Path]], folder: Folder, kind: str = "xml"
) -> tuple[list[Image], list[Finding]]:
    """The images in the order of the lists, with their splits. `trainval` stands for train if there is no train.

    labels: names of images with their annotations, whose names may differ. kind: what an annotation is called.

    Images that ImageSets/Main does not list get the fault `unlisted`. With other lists, they keep their split. Raises UserError
    for several sets of lists.
    """
    named = _named(images, labels)
    main = _main_lists(folder)
    lists = _by_split(main or _other_lists(folder, named))
    if not lists and not main:
        return images, []
    entries = list(_entries(lists, named))
    if not entries:
        return images, [_empty(len(images))] if main else []
    without = _Unlabelled(folder, kind)
    listed = [
        named[entry.name]._replace(split=entry.split) if entry.name in named else without.image(entry)
        for entry in entries
    ]
    used = {
        id(named[entry.name]) for entry in entries if entry.name in named
    }  # two images can have the same missing file
    left = [image for image in images if id(image) not in used]
    if not main:
        return listed + left, [_lists_beside(lists, len(listed), len(images))]
    return listed + [image.with_fault("unlisted", f"in no {_MAIN} list") for image in left], []


def _named(images: Sequence[Image], labels: Iterable[tuple[str, Path]]) -> dict[str, Image]:
    """The images by the names that a list may give them, in Unicode's composed form, too: macOS decomposes names of files."""
    stems = [(image.file.stem, image) for image in images]
    names = [(image.file.name, image) for image in images]
    by_file = {image.filename: image for image in reversed(images)}
    of_labels = [(label.stem, by_file[name]) for name, label in labels if name in by_file]
    named: dict[str, Image] = {}
    for name, image in chain(stems, names, of_labels):
        named.setdefault(name, image)
    for name, image in [*named.items()]:
        named.setdefault(spellings.composed(name), image)
    return named


def _main_lists(folder: Folder) -> list[Path]:
    """The lists of ImageSets/Main. Raises UserError for several sets of them."""
    lists = list(filter(_is_main, folder.files))
    if len(folders := {file.parent for file in lists}) > 1:
        names = ", ".join(sorted(files.relative_name(each, folder.root) for each in folders))
        raise UserError(
            f"{folder.root} holds several VOC sets ({names}); give --data the folder that contains one ImageSets"
        )
    return lists


def _other_lists(folder: Folder, named: Container[str]) -> list[Path]:
    """The lists outside of ImageSets/Main that are named like a split and whose first line names an image of the set.

    PaddleDetection writes `train.txt` with `JPEGImages/a.jpg Annotations/a.xml` in a line; KITTI's users, `ImageSets/train.txt`
    with a number in a line.
    """
    texts = [file for file in folder.other_files if file.suffix.lower() == ".txt" and _split(file)]
    known = {file for file in texts if (line := _first_line(file)) and _entry(line, named) in named}
    beside = {file.parent for file in known if file.parent.name == "ImageSets"}
    found = [file for file in texts if file in known or file.parent in beside]
    return found if any(_split(file) != "train" for file in found) else []


def _first_line(file: Path) -> str:
    text = (files.load_start(file, _FIRST_LINE) or b"").decode("utf-8-sig", "replace").strip()
    return text.splitlines()[0] if text else ""


def _split(file: Path) -> str | None:
    return "train" if file.stem == "trainval" else split_from_word(file.stem)


def _by_split(lists: Sequence[Path]) -> dict[str, list[Path]]:
    """The lists of each split, the one with the plain name first."""
    texts = [file for file in lists if file.suffix.lower() == ".txt"]
    has_train = any(split_from_word(file.stem) == "train" for file in texts)
    used = [file for file in texts if file.stem != "trainval" or not has_train]
    found = {split: [file for file in used if _split(file) == split] for split in SPLITS}
    return {split: sorted(of, key=lambda file: file.stem != split) for split, of in found.items() if of}


def _entries(lists: Mapping[str, Sequence[Path]], named: Container[str]) -> Iterator[_Entry]:
    """The lines of the lists. A line counts again in another split, and in the same list, but not in two lists of one split."""
    for split, of in lists.items():
        earlier: set[str] = set()
        for file in of:
            names = [name for line in files.load_lines(file) if (name := _entry(line, named)) not in earlier]
            yield from (_Entry(split, name, file) for name in names)
            earlier.update(names)


def _entry(line: str, named: Container[str]) -> str:
    """The image name in a line, without folders and suffix. In per-class lists, a 1, 0 or -1 follows it."""
    name = line.replace("\\", "/").rsplit("/", 1)[-1]
    words = name.rsplit(maxsplit=1)
    plain = words[0] if len(words) == 2 and words[1] in _FLAGS else name
    path = Path(plain)
    tries = (name, plain, path.stem if is_image(path) or path.suffix.lower() == ".xml" else plain)
    return next((name for name in (*tries, *map(spellings.composed, tries)) if name in named), plain)


class _Unlabelled:
    """Images that a list names and that have no annotation. kind: what an annotation is called."""

    def __init__(self, folder: Folder, kind: str):
        self._folder, self._kind = folder, kind

    @cached_property
    def _by_stem(self) -> Mapping[str, list[Path]]:
        found: dict[str, list[Path]] = defaultdict(list)
        for file in self._folder.image_files:
            found[file.stem].append(file)
        return found

    def image(self, entry: _Entry) -> Image:
        """The image with the fault `unlabelled`, or `missing` if it has no file either."""
        name = entry.name if is_image(Path(entry.name)) else f"{entry.name}.jpg"
        alike, root = self._by_stem.get(Path(name).stem, []), self._folder.root
        if len(alike) == 1:
            fault = Fault("unlabelled", f"listed in {entry.file.name}, no {self._kind} for this image")
            return Image(alike[0], files.relative_name(alike[0], root), split=entry.split, fault=fault)
        above = entry.file.parents[2] if _is_main(entry.file) else entry.file.parent
        file, fault = above / "JPEGImages" / name, Fault("missing", f"listed in {entry.file.name}")
        return Image(file, files.relative_name(file, root), split=entry.split, fault=fault)


def _is_main(file: Path) -> bool:
    return file.parent.name == "Main" and file.parent.parent.name == "ImageSets"


def _empty(count: int) -> Finding:
    return notices.build(
        "empty_image_sets", f"The lists of {_MAIN} are empty", f"{_MAIN} lists no image: its splits are not used",
        count=0, of=count, what="images listed", cause="split",
        remedy=f"Fill train.txt and val.txt in {_MAIN}, or keep the splits that convert makes.",
    )  # fmt: skip


def _lists_beside(lists: Mapping[str, Sequence[Path]], listed: int, count: int) -> Finding:
    names = tuple(printable_name(file.name) for of in lists.values() for file in of)
    return notices.build(
        "lists_beside", "The splits are those of lists beside the annotations",
        f"{', '.join(names[:5])} name images of the set: their splits were taken",
        count=listed, of=max(listed, count), cause="split", items=names,
        remedy="If the lists are out of date, move them out of the data.",
    )  # fmt: skip
