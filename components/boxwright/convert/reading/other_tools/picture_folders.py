"""What a folder is that has images and no annotations: folders of classes, masks, or images only."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from boxwright.convert.reading.files import Folder, load_start, relative_name
from boxwright.convert.reading.split_names import split_from_word
from boxwright.core.runtime.errors import few
from boxwright.core.runtime.printable import visible_line

# Names of folders that hold all images of a data set, or its masks.
_ALL = frozenset((
    *("images", "image", "imgs", "img", "jpegimages", "pictures", "photos", "data", "dataset", "input", "inputs"),
))  # fmt: skip
_MASKS = frozenset((
    *("masks", "mask", "segmentationclass", "segmentationobject", "segmentation", "segmentations", "annotations", "labels"),
    *("label", "gt", "groundtruth", "ground_truth", "gtfine", "trimaps"),
))  # fmt: skip
_MASK_SUFFIXES = (".png", ".gif", ".bmp", ".tif", ".tiff")
_DRAW = "draw a box around each object (with CVAT, Label Studio or labelme), and put the annotations beside the images"
_TEXTS = (
    ".json",
    ".jsonl",
    ".ndjson",
    ".xml",
    ".txt",
    ".csv",
    ".tsv",
    ".yaml",
    ".yml",
    ".xlsx",
    ".npy",
    ".npz",
    ".pkl",
)
# Files that tell about a data set, and lists of its classes.
_ABOUT = re.compile(
    r"read.?me|licen[cs]e|copying|changelog|requirements|citation|(classes|labels|names)\.(txt|json)$", re.IGNORECASE
)
_SHOWN, _UNKNOWN = 5, 3
# Bytes that hold a first row, and how much of it a sentence shows.
_ROW_BYTES, _ROW_SHOWN = 1024, 100


def describe(folder: Folder) -> str:
    """What the images are and what to do, as a sentence without its end; empty if there are none.

    If there are other files that may be annotations, it names these instead.
    """
    names = [relative_name(file, folder.root) for file in folder.image_files]
    if masks := [name for name in names if name.lower().endswith(_MASK_SUFFIXES) and _in(name, _MASKS)]:
        return (
            f"{masks[0]} looks like a mask: it marks pixels, and a detector needs boxes; write the smallest box around each "
            "object as COCO json"
        )
    if unknown := [file for file in folder.other_files if _may_annotate(file)]:
        listed = few([relative_name(file, folder.root) for file in unknown], _UNKNOWN)
        return f"convert does not know the form of {listed}{_first_row(unknown[0])}"
    if not names:
        return ""
    if len(classes := _classes(names)) > 1:
        return (
            f"the images lie in folders of classes ({few(classes, _SHOWN)}), as a set for classification has them: it says what "
            f"each picture shows, and no boxes; {_DRAW}"
        )
    return f"the images have no annotations: a detector needs the box of each object; {_DRAW}"


def _first_row(file: Path) -> str:
    """The first row of a text, for a sentence; empty for a file that is no text."""
    start = load_start(file, _ROW_BYTES) or b""
    row = start.decode("utf-8-sig", "replace").strip().partition("\n")[0]
    return (
        f" (the first begins with `{visible_line(row[:_ROW_SHOWN])}`)"
        if row and "\0" not in row and "\ufffd" not in row
        else ""
    )


def _may_annotate(file: Path) -> bool:
    return file.suffix.lower() in _TEXTS and not _ABOUT.match(file.name)


def _in(name: str, folders: frozenset[str]) -> bool:
    return any(part.lower() in folders for part in PurePosixPath(name).parts[:-1])


def _classes(names: Sequence[str]) -> list[str]:
    """The names of the folders that hold the images, without those of splits and of folders that hold all images."""
    parents = {PurePosixPath(name).parent.name for name in names}
    return sorted(name for name in parents if name and name.lower() not in _ALL and not split_from_word(name))
