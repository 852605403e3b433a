"""Finds the files that YOLO configurations and lists name. Many exports write wrong paths."""

import os
import re
from pathlib import Path, PurePath

from boxwright.convert.reading.files import is_image, load_lines, load_start
from boxwright.core.runtime.errors import UserError

# Of Linux or Windows.
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")

# The image files of each list; a list that is not named after a split has the split None.
SplitImages = list[tuple[str | None, list[Path]]]


def locate(name: str, folder: Path, root: Path, *, needed_by: Path | None = None) -> Path:
    """The file that a configuration in `folder` names.

    The name may be relative to the folder or to one above it up to the data folder; it may have a leading `../` or `data/`
    that does not exist (Roboflow, CVAT); or it may be an absolute path of another machine whose end exists here. If nothing
    is found, raises UserError for a file that the configuration `needed_by` needs; for an image, returns the first guess.
    """
    above = [folder, *(p for p in folder.parents if p == root or root in p.parents)]
    name = with_slashes(name)
    short = re.sub(r"^(\.\./)+", "", name)
    names = dict.fromkeys((name, short, short.removeprefix("data/")))
    tries = [base / n for base in above for n in names] + _ends_of_absolute(name, root)
    # Path.exists would raise an error for names that no disk can hold.
    found = next((path for path in tries if os.path.exists(path)), None)
    if found is None and needed_by:
        raise UserError(f"{needed_by} names {name}, which does not exist (looked below {root}); correct the path in it")
    return Path(os.path.normpath(found or tries[0]))


def with_slashes(name: str) -> str:
    """The name with forward slashes. Tools on Windows write backslashes."""
    return name.replace("\\", "/")


def _ends_of_absolute(name: str, root: Path) -> list[Path]:
    """Where a file with an absolute path on another machine may lie here: the ends of the path below the data folder, the
    longest first.

    The bare name of an image is tried only if it follows the data folder's own name. Otherwise an image in another folder
    may have the same name.
    """
    if not _ABSOLUTE.match(name):
        return []
    parts = PurePath(name).parts[1:]
    ends = [PurePath(*parts[start:]) for start in range(len(parts))]
    places = [root / end for end in ends if len(end.parts) > 1 or not is_image(Path(end))]
    return places + [root / end.relative_to(root.name) for end in ends if end.parts[0] == root.name]


def read_list(file: Path, root: Path) -> list[Path]:
    """The image files that a list names, one a line."""
    paths = [locate(line, file.parent, root) for line in load_lines(file)]
    folders = {folder: path_inside(folder, root) for folder in {path.parent for path in paths}}
    return [folders[path.parent] / path.name for path in paths]


def is_list(file: Path) -> bool:
    """Whether the first line names an image."""
    lines = (load_start(file, 4096) or b"").decode("utf-8-sig", "replace").strip().splitlines()
    return bool(lines) and is_image(Path(lines[0].strip()))


def path_inside(folder: Path, root: Path) -> Path:
    """The path below the data folder, for a path that goes through a link. root: the data folder without links."""
    if root in (folder, *folder.parents):
        return folder
    entrance = next((above for above in (folder, *folder.parents) if os.path.realpath(above) == str(root)), None)
    real = Path(os.path.realpath(folder))
    return root / folder.relative_to(entrance) if entrance else real if root in real.parents else folder
