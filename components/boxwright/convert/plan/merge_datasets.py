"""Several data sets as one: `--data a,b`. Each is read by itself, in its own format; classes are matched by name."""

import itertools
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from boxwright.convert.formats import detect
from boxwright.convert.formats.source import Folder, Image, Notice, Reject, Source
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache


def listed(data: str) -> list[Folder]:
    """data: as `storage.places` has it. Raises UserError for what cannot be listed and for a data set that is given twice."""
    try:
        parts = cache.places(data)
    except OSError as error:
        raise UserError(f"--data {data} cannot be read: {error.strerror}; make it readable, or copy it here") from None
    places = [cache.folder(part) for part in parts]
    count = Counter(map(os.path.realpath, places))
    twice = [part for part, place in zip(parts, places, strict=True) if count[os.path.realpath(place)] > 1]
    if twice:
        raise UserError(f"--data {data}: {twice[0]} stands there twice; give each data set once")
    return [detect.listed(place) for place in places]


def read(data: str, folders: list[Folder], wanted: str, column: str = "") -> Source:
    """What is in the folders of `data`. Of several, each image's name begins with that of its data set, so that two `0001.jpg`
    stay two. column: as in `detect.read`. Raises UserError for what cannot be read."""
    if len(folders) == 1:
        return detect.read(folders[0], wanted, column)
    names = _names([folder.data for folder in folders])
    sources = [_renamed(detect.read(folder, wanted, column), name) for folder, name in zip(folders, names, strict=True)]
    kinds = list(dict.fromkeys(source.format for source in sources))
    return Source(
        format="+".join(kinds),
        root=Path(data),
        images=[image for source in sources for image in source.images],
        categories=list(dict.fromkeys(name for source in sources for name in source.categories)),
        orphans=[orphan for source in sources for orphan in source.orphans],
        notices=[notice for source in sources for notice in source.notices],
    )


def _names(folders: list[Path]) -> list[str]:
    """The name of each folder (or of the file, without suffix), numbered from 1 where several have the same."""
    names = [folder.resolve().stem if folder.is_file() else folder.resolve().name for folder in folders]
    total, unique = Counter(names), list[str]()
    for name in names:
        free = (
            one
            for one in (f"{name}-{number}" for number in itertools.count(1))
            if one not in total and one not in unique
        )
        unique.append(next(free) if total[name] > 1 else name)
    return unique


def _renamed(source: Source, name: str) -> Source:
    def image(found: Image) -> Image:
        return found._replace(filename=f"{name}/{found.filename}")

    def orphan(found: Reject) -> Reject:
        return found._replace(file=f"{name}/{found.file}")

    def notice(found: Notice) -> Notice:
        return found._replace(text=f"{name}: {found.text}")

    return replace(
        source,
        images=list(map(image, source.images)),
        orphans=list(map(orphan, source.orphans)),
        notices=list(map(notice, source.notices)),
    )
