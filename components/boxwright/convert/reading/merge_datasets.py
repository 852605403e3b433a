"""Reads several data sets as one: `--data a,b`. Each has its own format; classes are matched by name."""

import itertools
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from boxwright.convert.reading import detect_format, merge_annotations
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.source import Image, Reject, Source
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch
from boxwright.core.storage.uri import data_sets

_NOT_ANNOTATED = ("unlisted", "unlabelled")


def open_folders(data: str, follow_links: bool = False) -> list[Folder]:
    """data: one or several places, as `data_sets` splits them. Each is a data set of its own, which names no file of another.

    follow_links: as in `detect_format.open_folder`. Raises UserError for a place that cannot be listed or is given twice.
    """
    try:
        parts = data_sets(data)
    except OSError as error:
        raise UserError(f"--data {data} cannot be read: {error.strerror}; make it readable, or copy it here") from None
    places = [fetch.folder(part) for part in parts]
    count = Counter(map(os.path.realpath, places))
    twice = [part for part, place in zip(parts, places, strict=True) if count[os.path.realpath(place)] > 1]
    if twice:
        raise UserError(f"--data {data}: {twice[0]} is given twice; give each data set once")
    return [detect_format.open_folder(place, follow_links) for place in places]


def read(data: str, folders: list[Folder], wanted: str, column: str = "") -> Source:
    """Reads the folders of `data`. wanted, column: as in `detect_format.read`. Raises UserError for what cannot be read.

    With several folders, each image's name begins with that of its data set, so that two `0001.jpg` stay two images.
    """
    if len(folders) == 1:
        return detect_format.read(folders[0], wanted, column)
    names = _names([folder.data for folder in folders])
    sources = [
        _renamed(detect_format.read(folder, wanted, column), name) for folder, name in zip(folders, names, strict=True)
    ]
    kinds = list(dict.fromkeys(source.format for source in sources))
    images, merged = _of_all(sources)
    return Source(
        format="+".join(kinds),
        root=Path(data),
        images=images,
        categories=list(dict.fromkeys(name for source in sources for name in source.categories)),
        orphans=[orphan for source in sources for orphan in source.orphans],
        notices=[*(notice for source in sources for notice in source.notices), *merged],
        formats={name: source.format for name, source in zip(names, sources, strict=True)},
    )


def _of_all(sources: list[Source]) -> tuple[list[Image], list[Finding]]:
    """The images of all data sets. An image file that several of them annotate is one image: `--data a.json,b.json`."""
    images = [image for source in sources for image in source.images]
    used = {str(image.file) for image in images if image.fault is None}
    # A data set quarantines an image that it does not annotate, though another one does.
    kept = [i for i in images if not (i.fault and i.fault.reason in _NOT_ANNOTATED and str(i.file) in used)]
    good, bad = [i for i in kept if i.fault is None], [i for i in kept if i.fault]
    if len(used) == len(good):
        return kept, []
    merged, found = merge_annotations.merge_listings([good], "data set", lambda image: str(image.file))
    first: dict[str, str] = {}
    named = [i._replace(filename=first.setdefault(str(i.file), i.filename)) for i in merged]
    return merge_annotations.mark_duplicates(named) + bad, found


def _names(folders: list[Path]) -> list[str]:
    """The name of each folder (of a file: its stem), numbered from 1 if several have the same name."""
    names = [folder.resolve().stem if folder.is_file() else folder.resolve().name for folder in folders]
    total, unique = Counter(names), list[str]()
    for name in names:
        numbered = (f"{name}-{number}" for number in itertools.count(1))
        free = (one for one in numbered if one not in total and one not in unique)
        unique.append(next(free) if total[name] > 1 else name)
    return unique


def _renamed(source: Source, name: str) -> Source:
    def image(found: Image) -> Image:
        return found._replace(filename=f"{name}/{found.filename}")

    def orphan(found: Reject) -> Reject:
        return found._replace(file=f"{name}/{found.file}")

    def notice(found: Finding) -> Finding:
        return found.model_copy(update={"claim": f"{name}: {found.claim}"})

    return replace(
        source,
        images=list(map(image, source.images)),
        orphans=list(map(orphan, source.orphans)),
        notices=list(map(notice, source.notices)),
    )
