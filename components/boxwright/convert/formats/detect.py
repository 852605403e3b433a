"""Finds out which format a folder holds."""

import os
from collections import Counter
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path
from types import ModuleType

from boxwright.convert.formats import coco, od_csv, source, tfrecord, voc
from boxwright.convert.formats.source import Folder, Notice, Source
from boxwright.convert.formats.yolo import reader
from boxwright.core.runtime.errors import UserError

READERS = {"coco": coco, "voc": voc, "yolo": reader, "csv": od_csv, "tfrecord": tfrecord}
EXPECTED = (
    "expected COCO json (with images, annotations and categories), Pascal VOC xml, "
    "YOLO txt labels (with data.yaml, obj.data or classes.txt), the OD API's csv or its TFRecords"
)
# What the OD API's tutorials derive from the annotations, and leave beside them.
DERIVED = ("csv", "tfrecord")
# Whose images may have more about them than boxes.
WITH_COLUMNS = ("coco", "csv")
# Files that stand for many images.
_OF_SETS = (".json", ".csv", ".yaml", ".yml", ".data", ".record", ".tfrecord")


def listed(data: Path) -> Folder:
    """Raises UserError for what is not there or cannot be listed, and for a file that holds no annotations."""
    if not data.exists():
        raise UserError(f"--data {data} does not exist; give the folder that holds the images and their annotations")
    if data.is_file() and data.suffix.lower() not in (".json", ".yaml", ".yml", ".data", ".csv"):
        raise UserError(f"--data {data} is a file; {EXPECTED}: give their folder (unpack an archive first)")
    root = (data if data.is_dir() else data.parent).resolve()
    files = source.files_below(root)
    pictures, others = [], []
    for file in files:
        (pictures if source.is_image(file) else others).append(file)
    return Folder(data, root, files, pictures, others)


def read(folder: Folder, wanted: str = "auto", column: str = "") -> Source:
    """column: what names an image's source, in formats that have columns. Raises UserError when there is nothing to read, or when
    the format is not certain."""
    data = folder.data
    found = {name: evidence for name, reader in READERS.items() if (evidence := reader.find(folder))}
    if data.is_file():
        found = {name: [f for f in evidence if f == folder.root / data.name] for name, evidence in found.items()}
        found = {name: evidence for name, evidence in found.items() if evidence}
    name = _decide(folder, found, wanted)
    if data.is_dir():
        _check_damage(READERS[name], set(folder.others) - set(found[name]))
    more = {"column": column} if column and name in WITH_COLUMNS else {}
    read = READERS[name].read(folder, found[name], **more)
    read.notices += _ignored(name, found) + _no_files(folder)
    return read


def _check_damage(reader: ModuleType, others: Iterable[Path]) -> None:
    """Raises UserError for a file that the reader should have found: with it a whole split would be lost."""
    for file in sorted(others):
        near = reader.nearly(file)
        if near and near.damaged:
            raise UserError(f"{file} {near.why}; repair it, or move it out of the data")


def _no_files(folder: Folder) -> list[Notice]:
    lost = [f for f in folder.others if f.suffix.lower() in _OF_SETS and not os.path.isfile(f)]
    names = ", ".join(source.relative(file, folder.root) for file in lost[:5])
    return [Notice("no_file", f"not read, as they are pipes or links to nothing: {names}", names)] if lost else []


def _ignored(name: str, found: dict[str, list[Path]]) -> list[Notice]:
    others = {kind: files for kind, files in found.items() if kind != name}
    return [
        Notice("ignored", f"{len(files)} {kind} files (first {files[0].name}) were ignored: read as {name}", len(files))
        for kind, files in others.items()
    ]


def _decide(folder: Folder, found: dict[str, list[Path]], wanted: str) -> str:
    data, files = folder.data, folder.files
    if not files:
        raise UserError(f"--data {data} is an empty folder; {EXPECTED}, with the images")
    if wanted != "auto" and wanted not in found:
        near = _near(folder, [READERS[wanted]])
        raise UserError(
            f"--data {data} holds no {wanted} annotations ({_contents(files)}{near}); leave --format out, or correct it"
        )
    if wanted != "auto":
        return wanted
    if not found:
        raise UserError(
            f"--data {data} holds no annotations: found {_contents(files)}{_near(folder, READERS.values())}; {EXPECTED}"
        )
    found = {name: evidence for name, evidence in found.items() if name not in DERIVED} or found
    if len(found) > 1:
        which = ", ".join(f"{name} ({len(files)}, first {files[0].name})" for name, files in found.items())
        raise UserError(f"--data {data} holds annotations of several formats: {which}; choose one with --format")
    return next(iter(found))


def _contents(files: list[Path]) -> str:
    """`12 .jpg, 3 .csv`: what is there instead."""
    kinds = Counter(file.suffix.lower() or "without suffix" for file in files)
    return ", ".join(f"{n} {kind}" for kind, n in kinds.most_common(6))


def _near(folder: Folder, readers: Iterable[ModuleType]) -> str:
    """What keeps the first files from being read that look like annotations."""
    files = [folder.root / folder.data.name] if folder.data.is_file() else folder.others
    lost = ((file, "is a pipe or a link to nothing") for file in files if not os.path.isfile(file))
    near = ((file, near.why) for reader in readers for file in files if (near := reader.nearly(file)))
    return "".join(f"; {source.relative(file, folder.root)} {why}" for file, why in islice(chain(lost, near), 3))
