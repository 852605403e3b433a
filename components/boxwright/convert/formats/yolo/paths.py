"""Finds the files that YOLO configurations and lists name. Many exports write wrong paths."""

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePath

from boxwright.convert.reading import outside
from boxwright.convert.reading.files import Folder, is_image, load_lines, load_start
from boxwright.core.foreign_files import walk
from boxwright.core.runtime.errors import UserError, brief

# Of Linux or Windows.
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")

# Folders in a path. Real paths have ten; a stranger's line can have thousands, and each of them would be tried.
_MOST_FOLDERS = 64

# The image files of each list; a list that is not named after a split has the split None.
SplitImages = list[tuple[str | None, list[Path]]]


def locate_image(name: str, base: Path, folder: Folder) -> Path:
    """The image that a configuration in the folder `base` names; see `_places`. A file inside of the data folder comes first.

    If nothing is found, returns the first guess. The file may lie outside: `outside.settle` checks that.
    """
    found = next((place for place in _places(name, base, folder.root) if _is_ours(place, folder)), None)
    found = found or next(filter(os.path.exists, _places(name, base, folder.root)), None)
    return Path(found or next(_places(name, base, folder.root)))


def _is_ours(place: str, folder: Folder) -> bool:
    return place in folder.listed or (os.path.exists(place) and folder.is_inside(place))


def locate_file(name: str, base: Path, folder: Folder, needed_by: Path) -> Path:
    """The file or folder that the configuration `needed_by` in the folder `base` names; see `_places`.

    Raises UserError if there is none, and if it lies outside of the data folder and links are not followed.
    """
    found = next(filter(folder.may_read, _places(name, base, folder.root)), None)
    if found is not None:
        return Path(found)
    if beyond := next(filter(os.path.exists, _places(name, base, folder.root)), None):
        raise outside.refuse(needed_by, beyond)
    raise UserError(
        f"{needed_by} names {brief(name)}, which does not exist (looked below {folder.root}); correct the path in it"
    )


def _places(name: str, base: Path, root: Path) -> Iterator[str]:
    """The paths that a name may stand for, as normal absolute paths.

    It may be relative to the folder `base` or to one above it up to the data folder; it may have a leading `../` or `data/`
    that does not exist (Roboflow, CVAT); or it may be an absolute path of another machine whose end exists here.
    """
    name = with_slashes(name)
    short = re.sub(r"^(\.\./)+", "", name)
    names = dict.fromkeys((name, short, short.removeprefix("data/")))
    for above in _folders_up(str(base), str(root)):
        yield from (os.path.normpath(os.path.join(above, each)) for each in names)
    yield from _ends_of_absolute(name, str(root))


@lru_cache(64)
def _folders_up(base: str, root: str) -> tuple[str, ...]:
    """`base`, and the folders above it up to the data folder."""
    return (base, *(str(above) for above in Path(base).parents if walk.is_inside(str(above), root)))


def with_slashes(name: str) -> str:
    """The name with forward slashes. Tools on Windows write backslashes."""
    return name.replace("\\", "/")


def _ends_of_absolute(name: str, root: str) -> Iterator[str]:
    """Where a file with an absolute path on another machine may lie here: the ends of the path below the data folder, the
    longest first.

    The bare name of an image is tried only if it follows the data folder's own name. Otherwise an image in another folder
    may have the same name.
    """
    if not _ABSOLUTE.match(name):
        return
    parts = PurePath(os.path.normpath(name)).parts[1:][-_MOST_FOLDERS:]
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    yield from (f"{root}/{end}" for end in ends if "/" in end or not is_image(Path(end)))
    own = os.path.basename(root)
    yield from (os.path.normpath(root + end.removeprefix(own)) for end in ends if f"{end}/".startswith(f"{own}/"))


def read_list(file: Path, folder: Folder) -> list[Path]:
    """The image files that a list names, one a line."""
    paths = [locate_image(line, file.parent, folder) for line in load_lines(file)]
    folders = {parent: path_inside(parent, folder.root) for parent in {path.parent for path in paths}}
    return [folders[path.parent] / path.name for path in paths]


def is_list(file: Path) -> bool:
    """Whether the first line names an image."""
    lines = (load_start(file, 4096) or b"").decode("utf-8-sig", "replace").strip().splitlines()
    return bool(lines) and is_image(Path(lines[0].strip()))


def path_inside(path: Path, root: Path) -> Path:
    """The path below the data folder, for a path that reaches it through a link. root: the data folder without links."""
    if walk.is_inside(str(path), str(root)) or len(path.parts) > _MOST_FOLDERS:
        return path
    entrance = next((above for above in (path, *path.parents) if os.path.realpath(above) == str(root)), None)
    real = Path(os.path.realpath(path))
    return root / path.relative_to(entrance) if entrance else real if root in real.parents else path
