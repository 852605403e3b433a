"""What a reader returns: images with their objects, and the faults that are already known."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from boxwright.core.findings import Finding  # imports pydantic, which the processes that write shards do not need


class Fault(NamedTuple):
    """Why an image or an object cannot be used: a reason code and the value that was found."""

    reason: str
    value: str = ""


class Object(NamedTuple):
    """One annotated object.

    box_xyxy: left, top, right, bottom; in pixels of the annotated image, or in fractions of its sides (`Image.fractions`).
    difficult, truncated: stored in the records and the object table; training and evaluation use such objects like all
    others. crowd: a box around many objects, which training and evaluation leave out.
    """

    name: str
    box_xyxy: tuple[float, float, float, float]
    difficult: bool = False
    truncated: bool = False
    crowd: bool = False
    fault: Fault | None = None


NO_BOX = (0.0, 0.0, 0.0, 0.0)


class Image(NamedTuple):
    """One image as annotated.

    filename: relative to the data folder. size: (width, height) that the annotation claims, None if it claims none.
    fractions: the boxes are in fractions of the sides. group: value of the column that names the image's source, or None.
    labelled: the annotations mention the image. If not, it counts as background, although it may show objects.
    written: the order of the four numbers of each box in the file, a key of `box_readings.ORDERS`, if it is not the format's.
    """

    file: Path
    filename: str
    objects: tuple[Object, ...] = ()
    split: str | None = None
    size: tuple[int, int] | None = None
    fractions: bool = False
    fault: Fault | None = None
    group: str | None = None
    labelled: bool = True
    written: str = ""

    def with_fault(self, reason: str, value: str = "") -> "Image":
        return self._replace(fault=Fault(reason, value))


class Reject(NamedTuple):
    """A line of `quarantine.jsonl`.

    object: its index in the image's annotation, None for the image itself. name: its class. split: that of the image. Both are
    empty if they are not known.
    """

    file: str
    object: int | None
    reason: str
    value: str = ""
    name: str = ""
    split: str = ""


@dataclass
class Source:
    """A data set as its annotations describe it.

    categories: class names in the order in which they are declared or first used. orphans: objects that belong to no image.
    formats: of several data sets that were merged, the format of each by its name, with which the names of its images begin.
    """

    format: str
    root: Path
    images: list[Image] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    orphans: list[Reject] = field(default_factory=list)
    notices: list["Finding"] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)
