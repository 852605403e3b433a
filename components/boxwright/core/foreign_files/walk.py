"""Walks a folder. It tells the files that a link in the folder places elsewhere, above all outside of the folder."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, NoReturn

from boxwright.core.runtime.errors import UserError

IMAGE_SUFFIXES = frozenset(
    f".{kind}"
    for kind in (
        "jpg",
        "jpeg",
        "jpe",
        "jfif",
        "png",
        "bmp",
        "gif",
        "tif",
        "tiff",
        "webp",
        "ppm",
        "pgm",
        "avif",
        "heic",
        "heif",
    )
)
# Suffixes of images that cannot be decoded here. They are listed, so that their annotations find them and the user learns why.
UNREADABLE_SUFFIXES = frozenset((".heic", ".heif"))
# Names of folders that operating systems create. Hidden files and folders are left out, too.
_NOT_DATA = ("__MACOSX", "lost+found")


@dataclass
class Listing:
    """files: every file, by the path on which it was found. real: the real path of each file that a link places elsewhere.

    left_out: links that lead outside and were not followed: to folders, and to files that are not images. Links to images are
    in `files` and `real`; their reader does not open those outside.
    """

    files: list[Path] = field(default_factory=list)
    real: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


class _Place(NamedTuple):
    """A folder. path: on which it was found. real: its real path, which differs from `path` behind a link."""

    path: str
    real: str


def files_below(root: Path, follow_links: bool = False) -> Listing:
    """Every file below a folder in a stable order, without hidden files and folders.

    root: a folder, as a real path. follow_links: also follow links that lead outside of it. Links between its own files and
    folders are always followed. A hard link cannot be told from a file.
    Raises UserError for a folder that cannot be listed: it may hold the labels of a whole split.
    """
    found, seen = Listing(), set[str]()
    waiting = [_Place(str(root), str(root))]
    while waiting:
        place = waiting.pop()
        if place.real not in seen:  # otherwise a link leads back to a folder that was visited already
            seen.add(place.real)
            waiting += reversed(_list(place, str(root), follow_links, found))
    return found


def is_inside(real: str, root: str) -> bool:
    """Whether a real path is a folder or lies below it. root: a real path, too."""
    return real == root or real.startswith(root.rstrip("/") + "/")


def is_image(file: Path) -> bool:
    """Whether a file has the suffix of an image."""
    return file.suffix.lower() in IMAGE_SUFFIXES


def _list(place: _Place, root: str, follow_links: bool, found: Listing) -> list[_Place]:
    """Adds the files of one folder to `found`, and returns its folders."""
    names, folders, moved, here = [], [], place.path != place.real, Path(place.path)
    for name, is_folder, is_link in _entries(place.path):
        if not (is_folder or is_link or moved):  # nearly all files
            names.append(name)
            continue
        path = f"{place.path.rstrip('/')}/{name}"
        real = os.path.realpath(path) if is_link else f"{place.real.rstrip('/')}/{name}"
        outside = is_link and not follow_links and not is_inside(real, root) and os.path.exists(real)
        if outside and (is_folder or not is_image(Path(name))):
            found.left_out.append(path)
        elif is_folder:
            folders.append(_Place(path, real))
        else:
            names.append(name)
            # A link to nothing stays as it is: the file at its end could be made later.
            if not is_link or os.path.exists(real):
                found.real[path] = real
    found.files += [here / name for name in names]
    return folders


def _entries(folder: str) -> Iterator[tuple[str, bool, bool]]:
    """Name, whether it is a folder or a link to one, and whether it is a link; sorted, without what is hidden."""
    try:
        with os.scandir(folder) as entries:
            kinds = [(e.name, _is_folder(e), e.is_symlink()) for e in entries if not e.name.startswith(".")]
    except OSError as error:
        raise_unreadable(error)
    return (kind for kind in sorted(kinds) if not (kind[1] and kind[0].startswith(_NOT_DATA)))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into a folder that may not be entered, or around in a circle
        return False


def raise_unreadable(error: OSError) -> NoReturn:
    """Raises UserError for a file or a folder of the data that cannot be read."""
    raise UserError(
        f"{error.filename} cannot be read: {error.strerror}; make it readable, or move it out of the data"
    ) from None
