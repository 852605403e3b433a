"""Finds out which format a folder holds."""

from collections import Counter
from pathlib import Path

from boxwright.convert import coco, odcsv, odrecords, source, voc, yolo
from boxwright.convert.source import Folder, Notice, Source
from boxwright.core.errors import UserError

READERS = {"coco": coco, "voc": voc, "yolo": yolo, "csv": odcsv, "tfrecord": odrecords}
EXPECTED = (
    "expected COCO json (with images, annotations and categories), Pascal VOC xml, "
    "YOLO txt labels (with data.yaml, obj.data or classes.txt), the OD API's csv or its TFRecords"
)
# What the OD API's tutorials derive from the annotations, and leave beside them.
DERIVED = ("csv", "tfrecord")


def listed(data: Path) -> Folder:
    """Raises UserError for what is not there or cannot be listed, and for a file that holds no annotations."""
    if not data.exists():
        raise UserError(f"--data {data} does not exist; give the folder that holds the images and their annotations")
    if data.is_file() and data.suffix.lower() not in (".json", ".yaml", ".yml", ".data", ".csv"):
        raise UserError(f"--data {data} is a file; {EXPECTED}: give their folder (unpack an archive first)")
    root = (data if data.is_dir() else data.parent).resolve()
    try:
        files = source.files_below(root)
    except OSError as error:
        raise UserError(f"--data {data} cannot be read: {error.strerror}") from None
    pictures, others = [], []
    for file in files:
        (pictures if source.is_image(file) else others).append(file)
    return Folder(data, root, files, pictures, others)


def read(folder: Folder, wanted: str = "auto") -> Source:
    """Raises UserError when there is nothing to read, or when the format is not certain."""
    data = folder.data
    found = {name: evidence for name, reader in READERS.items() if (evidence := reader.find(folder))}
    if data.is_file():
        found = {name: [f for f in evidence if f == folder.root / data.name] for name, evidence in found.items()}
        found = {name: evidence for name, evidence in found.items() if evidence}
    name = _decide(data, folder.files, found, wanted)
    read = READERS[name].read(folder, found[name])
    read.notices += _ignored(name, found)
    return read


def _ignored(name: str, found: dict[str, list[Path]]) -> list[Notice]:
    others = {kind: files for kind, files in found.items() if kind != name}
    return [
        Notice("ignored", f"{len(files)} {kind} files (first {files[0].name}) were ignored: read as {name}", len(files))
        for kind, files in others.items()
    ]


def _decide(data: Path, files: list[Path], found: dict[str, list[Path]], wanted: str) -> str:
    if not files:
        raise UserError(f"--data {data} is an empty folder; {EXPECTED}, with the images")
    if wanted != "auto" and wanted not in found:
        raise UserError(
            f"--data {data} holds no {wanted} annotations ({_contents(files)}); leave --format out, or correct it"
        )
    if wanted != "auto":
        return wanted
    if not found:
        raise UserError(f"--data {data} holds no annotations: found {_contents(files)}; {EXPECTED}")
    found = {name: evidence for name, evidence in found.items() if name not in DERIVED} or found
    if len(found) > 1:
        which = ", ".join(f"{name} ({len(files)}, first {files[0].name})" for name, files in found.items())
        raise UserError(f"--data {data} holds annotations of several formats: {which}; choose one with --format")
    return next(iter(found))


def _contents(files: list[Path]) -> str:
    """`12 .jpg, 3 .csv`: what is there instead."""
    kinds = Counter(file.suffix.lower() or "without suffix" for file in files)
    return ", ".join(f"{n} {kind}" for kind, n in kinds.most_common(6))
