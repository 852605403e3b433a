"""Several data sets as one: `--data a,b`. Each is read by itself, in its own format; classes are matched by name."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from boxwright.convert import detect
from boxwright.convert.source import Image, Notice, Reject, Source
from boxwright.core import storage
from boxwright.core.errors import UserError


def read(data: str, wanted: str) -> Source:
    """data: as `storage.places` has it. Of several, each image's name begins with that of its data set, so that two `0001.jpg`
    stay two.
    Raises UserError for what cannot be read and for a data set that is given twice.
    """
    parts = storage.places(data)
    if len(parts) == 1:
        return detect.read(storage.folder(parts[0]), wanted)
    folders = [storage.folder(part) for part in parts]
    twice = [part for part, folder in zip(parts, folders, strict=True) if _places(folders)[folder.resolve()] > 1]
    if twice:
        raise UserError(f"--data {data}: {twice[0]} stands there twice; give each data set once")
    names = _names(folders)
    sources = [_renamed(detect.read(f, wanted), name) for f, name in zip(folders, names, strict=True)]
    kinds = list(dict.fromkeys(source.format for source in sources))
    return Source(
        format="+".join(kinds),
        root=Path(data),
        images=[image for source in sources for image in source.images],
        categories=list(dict.fromkeys(name for source in sources for name in source.categories)),
        orphans=[orphan for source in sources for orphan in source.orphans],
        notices=[notice for source in sources for notice in source.notices],
    )


def _places(folders: list[Path]) -> Counter[Path]:
    return Counter(folder.resolve() for folder in folders)


def _names(folders: list[Path]) -> list[str]:
    """The name of each folder (or of the file, without suffix), numbered from 1 where several have the same."""
    names = [folder.resolve().stem if folder.is_file() else folder.resolve().name for folder in folders]
    total, seen = Counter(names), Counter[str]()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(f"{name}-{seen[name]}" if total[name] > 1 else name)
    return unique


def _renamed(source: Source, name: str) -> Source:
    def image(found: Image) -> Image:
        return replace(found, filename=f"{name}/{found.filename}")

    def orphan(found: Reject) -> Reject:
        return replace(found, file=f"{name}/{found.file}")

    def notice(found: Notice) -> Notice:
        return replace(found, text=f"{name}: {found.text}")

    return replace(
        source,
        images=list(map(image, source.images)),
        orphans=list(map(orphan, source.orphans)),
        notices=list(map(notice, source.notices)),
    )
