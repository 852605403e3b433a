"""The images of each split, where `data.yaml` says they are."""

import os
from pathlib import Path
from typing import Any

from boxwright.convert import notices
from boxwright.convert.formats.yolo.paths import (
    SplitImages,
    locate_file,
    locate_image,
    path_inside,
    read_list,
    with_slashes,
)
from boxwright.convert.reading import outside
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.source import Source
from boxwright.convert.reading.split_names import split_from_word
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.foreign_files import walk
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime.errors import UserError, brief

_MOST_PLACES = 1000
KEYS = {"train": ("train",), "val": ("val", "valid", "validation"), "test": ("test",)}


def listed(content: dict[str, Any], config: Path, folder: Folder, data: Source) -> SplitImages:
    """The images of each split that `content` of `data.yaml` names.

    Raises UserError for a train split that does not exist, and for too many places.
    """
    found: SplitImages = []
    missing: dict[str, object] = {}
    for split, keys in KEYS.items():
        named = next((content[key] for key in keys if content.get(key)), None)
        places = named or _other_key(content, split, config, folder)
        taken: set[str] = set()
        for place in _few(places, split, config) if isinstance(places, list) else [places]:
            path = _split_place(str(place), split, content.get("path"), config, folder)
            if path is None:
                missing.setdefault(split, place)
            elif (real := os.path.realpath(path)) not in taken:  # otherwise it is named twice
                taken.add(real)
                found.append((split, _images_below(path, folder) if path.is_dir() else read_list(path, folder)))
    for split, place in missing.items():
        others = [] if any(each == split for each, _ in found) else _in_named_folders(split, found, folder)
        data.notices.append(_missing_notice(config, place, split, len(others)))
        found += [(split, others)] if others else []
    return found


def _other_key(content: dict[str, Any], split: str, config: Path, folder: Folder) -> Any:
    """The places under another key that stands for the split, such as `eval`, if they exist; else an empty list."""

    def exists(place: object) -> bool:
        return isinstance(place, str) and bool(_split_place(place, "", content.get("path"), config, folder))

    for key in (key for key in content if split_from_word(key) == split):
        places = content[key] if isinstance(content[key], list) else [content[key]]
        if places and all(map(exists, _few(places, split, config))):
            return places
    return []


def _in_named_folders(split: str, listed: SplitImages, folder: Folder) -> list[Path]:
    """The images in folders that stand for a split, without those that are listed in another."""
    taken = {file for _, files in listed for file in files}
    return [file for file in folder.image_files if file not in taken and folder.split_of(file) == split]


def _images_below(path: Path, folder: Folder) -> list[Path]:
    return [file for file in folder.image_files if walk.is_inside(str(file), str(path))]


def _few(places: list[Any], split: str, config: Path) -> list[Any]:
    """The places of a split. Raises UserError for so many that searching each of them for images would take hours."""
    if len(places) > _MOST_PLACES:
        raise UserError(
            f"{config}: {split} names {len(places):,} folders or lists, and up to {_MOST_PLACES:,} are read; write the images "
            "into one list, and name the list"
        )
    return places


def _split_place(name: str, split: str, base: object, config: Path, folder: Folder) -> Path | None:
    """The folder or list of a split's images; None if there is none, except for train.

    Raises UserError for a train split that does not exist, for a folder outside of the data folder, and for a list outside,
    unless links are followed.
    """
    bases = [config.parent / with_slashes(str(base))] if base else []
    bases = [each for each in (*bases, config.parent) if os.path.isdir(each)]
    places = (locate_image(name, each, folder) for each in bases)
    found = [path_inside(place, folder.root) for place in places if os.path.exists(place)]
    if not found:
        return locate_file(name, bases[0], folder, config) if split == "train" else None
    path = next((path for path in found if _may_read(path, folder)), found[0])
    if _may_read(path, folder):
        return path
    if path.is_dir():
        above = os.path.commonpath((path, folder.root))
        do = f"give --data {above}, the folder above both" if len(Path(above).parts) > 2 else "copy it into the folder"
        raise UserError(f"{config} names {path} for {split}, outside of --data; {do}")
    raise outside.refuse(config, str(path))


def _may_read(path: Path, folder: Folder) -> bool:
    """Whether a list may be read, or a folder was listed. A folder outside that no link leads to is not listed."""
    inside = not path.is_dir() or walk.is_inside(str(path), str(folder.root))
    return inside and folder.may_read(str(path))


def without_repeats(listed: SplitImages, config: Path, data: Source) -> SplitImages:
    """Drops each split whose images are all in another split, because a score on it would say nothing."""
    files = {split: {file for s, found in listed if s == split for file in found} for split in SPLITS}
    for split, other in (("val", "train"), ("test", "train"), ("test", "val")):
        if files[split] and files[split] <= files[other]:
            data.notices.append(_repeated_split(config, split, other, len(files[split])))
            files[split] = set()
    return [(split, found) for split, found in listed if split and files[split]]


def _missing_notice(config: Path, place: object, split: str, count: int) -> Finding:
    """count: the images of the split that were found in folders named like it."""
    lacks = f"{config.name} names {brief(str(place))} for {split}, which does not exist"
    if count:
        return notices.build(
            "split_elsewhere", "A split lies elsewhere than the YOLO configuration says",
            f"{lacks}: {plurals.count(count, 'image')} in folders named like {split} were taken", count=count, of=count,
            cause="split", subject=split, remedy=f"Correct the path in {config.name}.",
        )  # fmt: skip
    return notices.build(
        "split_missing", "A split in the YOLO configuration does not exist", f"{lacks}: the data has no {split} split",
        count=0, of=1, what="folders or lists", severity="medium", cause="split", subject=split,
        remedy=f"Copy the images of {split} there, or correct the path in {config.name}.",
    )  # fmt: skip


def _repeated_split(config: Path, split: str, other: str, count: int) -> Finding:
    without = "If val is removed" if split == "val" else "If val and test are removed"
    return notices.build(
        f"{split}_is_{other}", "All images of one split are also in another split",
        f"{config.name}: all images of {split} ({count}) are also in {other}: they stay in {other}, "
        f"and the data has no {split} split",
        count=count, of=count, cause="split",
        remedy=f"Give {split} images of its own. {without} from {config.name}, convert makes the missing splits.",
    )  # fmt: skip
