"""What an annotation format provides: each module of `convert/formats` defines one `READER`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.source import Source


class NearMiss(NamedTuple):
    """Why a file that looks like an annotation is not read, as the end of a sentence that begins with the file's name.

    damaged: the file is certainly meant as an annotation. Reading the others without it would lose data.
    """

    why: str
    damaged: bool = False


def _no_near_miss(_: Path) -> NearMiss | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One annotation format.

    expected: how an error describes the format, as in "COCO json (with images, annotations and categories)". find: the
    annotation files of this format in a folder; cheap, and empty if the folder holds another format. read: reads the files
    that `find` returned. The last argument is the column that names an image's source, or empty. near_miss: why a file that
    looks like this format is not read; None for any other file. set_suffixes: suffixes of files that list many images. Such a
    file can be given as `--data` by itself. derived: the OD API's tutorials make files of this format from other
    annotations and leave both in the folder. The other annotations are then read instead. has_columns: an image can have
    extra fields, so `--group column:NAME` works. extracts: the images are inside of the annotation files, and `read` puts them
    into the cache.
    """

    expected: str
    find: Callable[[Folder], list[Path]]
    read: Callable[[Folder, list[Path], str], Source]
    near_miss: Callable[[Path], NearMiss | None] = _no_near_miss
    set_suffixes: tuple[str, ...] = ()
    derived: bool = False
    has_columns: bool = False
    extracts: bool = False
