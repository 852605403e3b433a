"""Finds the images of YOLO lists and labels under another spelling."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from boxwright.convert.formats.yolo.label_files import LabelFiles
from boxwright.convert.formats.yolo.paths import SplitImages
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.names import match_names
from boxwright.convert.reading.names.match_names import Wanted

# An image file, its split, and its label.
Labelled = tuple[Path, str | None, Path | None]


def lists(listed: SplitImages, folder: Folder) -> tuple[SplitImages, dict[str, Path]]:
    """The lists with the files of images that do not lie where a list says; and these files, by the names in the lists."""
    lost = [(split, file) for split, found in listed for file in found if _is_lost(file, folder)]
    if not lost:
        return listed, {}
    wanted = {file: Wanted(_relative(file, folder), split, str(file)) for split, file in lost}
    used = {str(file) for _, found in listed for file in found if str(file) in folder.listed}
    free = [file for file in folder.image_files if str(file) not in used]
    matches = match_names.match(wanted.values(), free, map(Path, used), folder)
    places = {file: matches[each] for file, each in wanted.items() if each in matches}
    respelled: SplitImages = [(split, [places.get(file, file) for file in found]) for split, found in listed]
    return respelled, {wanted[file].name: place for file, place in places.items()}


def _is_lost(file: Path, folder: Folder) -> bool:
    return str(file) not in folder.listed and not os.path.exists(file)


def _relative(file: Path, folder: Folder) -> str:
    return str(file).removeprefix(f"{folder.root}/")


def labels(labelled: Sequence[Labelled], alone: Sequence[Path], files: LabelFiles, folder: Folder) -> dict[Path, Path]:
    """The image of each label that belongs to none, by label. labelled: the listed images. alone: the labels.

    Only images without a label count, whether a list names them or not.
    """
    if not alone:
        return {}
    owners: Mapping[Path, Path | None] = {file: label for file, _, label in labelled}
    owners = {file: owners[file] if file in owners else files.find(file) for file in folder.image_files}
    wanted = {label: Wanted(_image_name(label, folder), folder.split_of(label), str(label)) for label in alone}
    free = [file for file, label in owners.items() if label is None]
    matches = match_names.match(wanted.values(), free, (f for f, label in owners.items() if label), folder)
    return {label: matches[each] for label, each in wanted.items() if each in matches}


def _image_name(label: Path, folder: Folder) -> str:
    """Where the image of a label should be, without its suffix: `labels/a.txt` belongs to `images/a`."""
    parts = label.relative_to(folder.root).with_suffix("").parts
    return "/".join("images" if part.lower() == "labels" else part for part in parts)
