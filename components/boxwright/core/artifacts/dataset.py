"""`dataset.json` and `quarantine.jsonl`: the counts of what convert stored, and a list of what it did not store."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from pydantic import model_validator

from boxwright.core.artifacts import json_file
from boxwright.core.artifacts.json_file import Part
from boxwright.core.findings import Finding
from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError, brief

FILE = "dataset.json"
QUARANTINE = "quarantine.jsonl"
STEP = "convert"
# Characters of a line of quarantine.jsonl. convert cuts the names and values that it writes into one.
_LONGEST_LINE = 1 << 16

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
    """Counts of what is stored."""
    found: Counts
    """Totals of the data before any check. Everything found is either stored or quarantined."""
    quarantined: Quarantined
    notices: tuple[Finding, ...]
    """Notices about the data. They removed nothing."""
    split_by: str
    """How the splits were made, or that the data had them."""

    @model_validator(mode="after")
    def _is_complete(self) -> "Dataset":
        if missing := [split for split in get_args(SplitName) if split not in self.splits]:
            raise ValueError(f"splits lacks {missing[0]}")
        for name, split in self.splits.items():
            if lost := sorted(set(self.class_names) - split.per_class.keys()):
                raise ValueError(f"per_class of {name} lacks {brief(lost[0])}")
        return self

    @property
    def class_names(self) -> list[str]:
        """In the order of their ids 1..n."""
        return [one.name for one in self.classes]

    @property
    def made_splits(self) -> frozenset[str]:
        """The splits that convert made, because the data did not have them."""
        told = {notice.id for notice in self.notices}
        if "split_made" in told:
            return frozenset(get_args(SplitName))
        return frozenset({"val"} if "val_carved" in told else ())


class Rejected(Part):
    """An image or object that convert did not store. The file is in the folder `records`, with one line for each."""

    file: str
    object: int | None
    """Index of the object in the image's annotation. null: the whole image."""
    reason: str
    """A reason code of the table below."""
    value: str = ""
    """The value that caused the reason, as text."""
    name: str = ""
    """The object's class; empty for an image, and for an object whose class is not known."""
    split: str = ""
    """The split of the image; empty if it has none."""


# damage: the image, its file or its annotation is broken. fault: something to correct in the annotations or the folders. Both are
# losses, and too many of them stop the pipeline. choice: a flag leaves it out. apart: training loses no object that was meant for
# it. none: nothing is wrong. consequence: another line about the image or its objects gives the cause.
Kind = Literal["damage", "fault", "choice", "apart", "none", "consequence"]


class Reason(NamedTuple):
    """What a reason code means, in one sentence. why: the same as the end of a title, after what is lost and a colon."""

    kind: Kind
    meaning: str
    why: str = ""


# All reason codes. A reader of a format may add one here; `make docs` writes them into the README of this folder.
REASONS: dict[str, Reason] = {
    "missing": Reason("damage", "The file of the image does not exist or cannot be opened.", "their files are missing"),
    "truncated": Reason("damage", "The file of the image is cut off.", "their files are cut off"),
    "undecodable": Reason("damage", "The file cannot be decoded as an image.", "their files cannot be decoded"),
    "size_mismatch": Reason(
        "damage",
        "The image size in the annotation differs from the size of the file.",
        "they have another size than their annotations say",
    ),
    "unreadable_annotation": Reason(
        "damage", "The annotation of the image or object cannot be read.", "their annotations cannot be read"
    ),
    "duplicate_image": Reason(
        "apart",
        "The image is annotated more than once; another annotation of it is used.",
        "they are annotated more than once",
    ),
    "unlisted": Reason(
        "apart",
        "The image is not in the files that list the images of the data set.",
        "nothing in the data lists them",
    ),
    "unlabelled": Reason(
        "apart",
        "The image has no annotation file, and its format has one for each image.",
        "they have no annotation file",
    ),
    "unsplit": Reason(
        "apart",
        "The image has no usable object and is in none of the data's splits.",
        "they have no objects and no split",
    ),
    "too_many_objects": Reason(
        "choice",
        "The image has more objects than `--max-objects` allows.",
        "they have more objects than --max-objects allows",
    ),
    "background": Reason("none", "The image has no objects, and `--backgrounds quarantine` leaves such images out."),
    "objects_rejected": Reason(
        "consequence", "All objects of the image are quarantined.", "none of their objects could be stored"
    ),
    "image_rejected": Reason(
        "consequence",
        "The image of the object is quarantined. `value` is the image's reason code.",
        "their images were left out",
    ),
    "not_a_number": Reason("fault", "A coordinate of the box is not a finite number.", "their boxes have no numbers"),
    "inverted": Reason(
        "fault",
        "The right or bottom edge of the box lies before its left or top edge.",
        "their boxes end before they begin",
    ),
    "zero_area": Reason("fault", "The box has no area.", "their boxes have no area"),
    "outside": Reason(
        "fault",
        "Of an object: the whole box is outside the image. Of an image: its file lies outside of the data folder.",
        "their boxes lie outside of the images",
    ),
    "partly_outside": Reason(
        "choice",
        "The box reaches over the edge of the image, and `--fix drop` leaves such boxes out.",
        "their boxes reach over the edge, and --fix drop leaves them out",
    ),
    "duplicate_object": Reason(
        "apart", "The image has another object with the same class and box.", "they are listed twice"
    ),
    "no_box": Reason("fault", "The object has no box, and no segmentation to derive one from.", "they have no box"),
    "unknown_class": Reason(
        "fault",
        "The object has no class, or a class that the data does not declare.",
        "the data do not declare their class",
    ),
    "unknown_image": Reason(
        "fault", "The object refers to an image that is not listed.", "nothing in the data lists their images"
    ),
    "ignored_region": Reason("none", "The box marks a region to ignore, such as KITTI's DontCare, not an object."),
    "shape_without_box": Reason("none", "The shape has no box. For example, it is a point or a line."),
}


def kind_of(reason: str) -> Kind:
    """The kind of a reason code. A code that is not in the table, such as one of another version, is a fault."""
    return REASONS[reason].kind if reason in REASONS else "fault"


def why(reason: str, *, of_images: bool) -> str:
    """Why something was not stored, as the end of a sentence that says what. A code that is not in the table is spelled out.

    of_images: whether images were not stored; else, objects. `outside` can be a reason of both.
    """
    if reason == "outside" and of_images:
        return "their files lie outside of the data folder"
    known = REASONS.get(reason)
    return (known.why or known.meaning.rstrip(".")) if known else reason.replace("_", " ")


def read(path: Path) -> Dataset:
    """path: of `dataset.json`. Raises UserError when it is not there or not as convert writes it."""
    return json_file.read(path, Dataset, STEP)


def write(path: Path, dataset: Dataset) -> None:
    json_file.write(path, dataset)


def write_quarantine(path: Path, lines: Iterable[Rejected]) -> None:
    text_files.write(path, "".join(json.dumps(line.model_dump(), ensure_ascii=False) + "\n" for line in lines))


def read_quarantine(path: Path) -> Iterator[Rejected]:
    """path: of `quarantine.jsonl`. The lines, one by one: there may be millions.

    Raises UserError when the file is not there or not as convert writes it.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:  # a name may hold other ends of lines
            while line := lines.readline(_LONGEST_LINE):
                yield Rejected.model_validate_json(line)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({brief(error)}): run `boxwright {STEP}` again") from None
