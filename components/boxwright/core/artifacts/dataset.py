"""`dataset.json` and `quarantine.jsonl`: what convert stored, and what it did not store."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part
from boxwright.core.findings import Finding
from boxwright.core.runtime import text_files

FILE = "dataset.json"
QUARANTINE = "quarantine.jsonl"
STEP = "convert"

SplitName = Literal["train", "val", "test"]


class ClassName(Part):
    id: int
    """Id in the label map, from 1."""
    name: str


class Split(Part):
    images: int
    objects: int
    per_class: dict[str, int]
    """Objects of each class."""
    shards: int
    """Number of TFRecord files."""


class Counts(Part):
    images: int
    objects: int


class Quarantined(Part):
    images: dict[str, int]
    """Images by the reason code."""
    objects: dict[str, int]
    """Objects by the reason code."""


class Dataset(Part):
    """What convert stored, in the folder `records`."""

    digest: str
    """Digest of the stored images, objects and classes. It does not depend on where the data lies."""
    format: str
    """Format of the annotations."""
    source: str
    """Name of the folder that the data came from."""
    classes: tuple[ClassName, ...]
    splits: dict[SplitName, Split]
    """What is stored."""
    found: Counts
    """What the data had. Everything found is either stored or quarantined."""
    quarantined: Quarantined
    notices: tuple[Finding, ...]
    """What is odd about the data. Nothing was removed because of it."""
    split_by: str
    """How the splits were made, or that the data had them."""

    @property
    def class_names(self) -> list[str]:
        """In the order of their ids 1..n."""
        return [one.name for one in self.classes]


class Rejected(Part):
    """An image or object that convert did not store. The file is in the folder `records`, with one line for each."""

    file: str
    object: int | None
    """Index of the object in the image's annotation. null: the whole image."""
    reason: str
    """A reason code, such as `zero_area`."""
    value: str = ""
    """What was found."""


def read(path: Path) -> Dataset:
    """path: of `dataset.json`. Raises UserError when it is not there or not as convert writes it."""
    return json_file.read(path, Dataset, STEP)


def write(path: Path, dataset: Dataset) -> None:
    json_file.write(path, dataset)


def write_quarantine(path: Path, lines: Iterable[Rejected]) -> None:
    text_files.write(path, "".join(json.dumps(line.model_dump(), ensure_ascii=False) + "\n" for line in lines))


def read_quarantine(path: Path) -> list[Rejected]:
    """path: of `quarantine.jsonl`."""
    return [Rejected.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()]
