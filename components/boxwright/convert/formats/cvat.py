"""CVAT for images 1.1: `annotations.xml`, with one `<image>` for each image, beside `images/`."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from math import radians
from pathlib import Path
from xml.etree import ElementTree

from boxwright.convert.objects.turned_boxes import box_around_ellipse, box_around_turned
from boxwright.convert.reading import files, merge_annotations, shape_notices
from boxwright.convert.reading.fields import parse_number, parse_size
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.locate_images import ImageLocator
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.segmentations import Box, box_around
from boxwright.convert.reading.source import NO_BOX, Fault, Image, Object, Source
from boxwright.convert.reading.split_names import split_from_folders, split_from_word
from boxwright.core.foreign_files import xml_text
from boxwright.core.runtime.errors import UserError, shown

# Does not match VOC's `<annotation>`.
_ANNOTATIONS = re.compile(rb"<annotations[\s/>]")
_IMAGE, _TRACK = re.compile(rb"<image\s"), re.compile(rb"<track\s")
_EXPORT = "export the task again as `CVAT for images 1.1`"
Element = ElementTree.Element


def find(folder: Folder) -> list[Path]:
    """The xml files with <image> below <annotations>."""
    return [file for file in folder.other_files if _has(file, _IMAGE)]


def _has(file: Path, element: re.Pattern[bytes]) -> bool:
    """Whether a file is CVAT's xml and holds this element."""
    return _is_cvat(file) and any(element.search(piece) for piece in files.pieces(file, 0, file.stat().st_size))


def _is_cvat(file: Path) -> bool:
    return file.suffix.lower() == ".xml" and bool(_ANNOTATIONS.search(files.load_start(file, 2048) or b""))


def near_miss(file: Path) -> NearMiss | None:
    """`CVAT for video`, which has tracks, or CVAT xml without images. Reading other files without it would lose its frames."""
    if not _is_cvat(file) or _has(file, _IMAGE):
        return None
    if _has(file, _TRACK):
        return NearMiss(f"is `CVAT for video`, which has tracks instead of images; {_EXPORT}", damaged=True)
    return NearMiss(f"is CVAT's xml and has no <image>; {_EXPORT}")


def read(folder: Folder, annotations: list[Path], _: str = "") -> Source:
    """Reads all xml files as one data set. The split of an image is its subset's, else that of the folder or name of the xml,
    else that of the image's folder.

    Raises UserError for a file that is not valid xml, and for an image without a usable name.
    """
    data = Source("cvat", folder.root)
    known = set(map(str, folder.files))
    roots = {file: _parse(file) for file in annotations}
    named = {
        file: [(image, _file_name(image, file, known)) for image in root.iterfind("image")]
        for file, root in roots.items()
    }
    splits = ((name, file, _split(image, name, file, folder)) for file, pairs in named.items() for image, name in pairs)
    locator = ImageLocator(folder, splits)
    sets = [[_image(element, name, file, locator) for element, name in pairs] for file, pairs in named.items()]
    images, data.notices = merge_annotations.merge_listings(sets, "CVAT xml")
    data.notices += locator.notices()
    data.categories = list(dict.fromkeys(name for root in roots.values() for name in _class_names(root)))
    shapes = [shape for pairs in named.values() for element, _ in pairs for shape in element]
    rotated = sum(shape.tag == "box" and _rotation(shape) != 0 for shape in shapes)
    data.notices += shape_notices.build(Counter(shape.tag for shape in shapes), rotated, _BOXES)
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(folder, data.images, "unlisted", "in no CVAT xml")
    return data


def _parse(file: Path) -> Element:
    try:
        return xml_text.parse(files.load_bytes(file), file)
    except xml_text.InvalidXml as error:
        raise UserError(f"{file} is not valid xml: {error}; export it again or repair that place") from None


def _class_names(root: Element) -> Iterator[str]:
    """The classes that the task declares, then those that are used. The parts of a skeleton are not classes."""
    declared = (e.findtext("name") for e in root.iterfind("meta/*/labels/label") if e.find("parent") is None)
    used = (shape.get("label") for shape in root.iterfind("image/*"))
    return (name.strip() for name in chain(declared, used) if name and name.strip())


def _file_name(image: Element, file: Path, known: set[str]) -> str:
    """A project's export has a folder for each subset, which is not part of the name."""
    name, subset = image.get("name") or "", image.get("subset")
    if not files.is_file_name(name) or "\0" in name:
        raise UserError(f"{file}: image {image.get('id') or '':.40} has no usable name: {shown(name)}; export it again")
    nested = f"{subset}/{name}"
    return nested if any(str(base / nested) in known for base in (file.parent / "images", file.parent)) else name


def _split(image: Element, name: str, file: Path, folder: Folder) -> str | None:
    return split_from_word(image.get("subset") or "") or folder.split_of_list(file) or split_from_folders(name)


def _image(element: Element, name: str, file: Path, locator: ImageLocator) -> Image:
    split = _split(element, name, file, locator.folder)
    path = locator.find(name, file)
    objects = tuple(_object(shape) for shape in element if shape.tag != "tag")
    size = parse_size(element.get("width"), element.get("height"))
    return Image(path, locator.shown(path, name), objects, split, size)


def _object(shape: Element) -> Object:
    name = (shape.get("label") or "").strip()
    if not name:
        return Object("", NO_BOX, fault=Fault("unknown_class", f"<{shape.tag}> without label"))
    if shape.tag not in _BOXES:
        return Object(name, NO_BOX, fault=Fault("shape_without_box", f"a <{shape.tag}> has no box"))
    try:
        return Object(name, _BOXES[shape.tag](shape))
    except ValueError as error:
        return Object(name, NO_BOX, fault=Fault("unreadable_annotation", f"<{shape.tag}>: {error}"))


def _numbers(shape: Element, *names: str) -> list[float]:
    """Attributes of a shape; NaN for one that is absent, which the checks of boxes reject."""
    return [parse_number(shape.get(name)) for name in names]


def _rotation(shape: Element) -> float:
    """Radians, clockwise around the center."""
    return radians(parse_number(shape.get("rotation", "0")))


def _box_of_rectangle(shape: Element) -> Box:
    """The upright box around a rectangle, which may be rotated."""
    left, top, right, bottom = _numbers(shape, "xtl", "ytl", "xbr", "ybr")
    angle = _rotation(shape)
    if not angle:
        return left, top, right, bottom
    return box_around_turned((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, angle)


def _box_of_ellipse(shape: Element) -> Box:
    """The upright box around an ellipse of the radii rx and ry."""
    x, y, rx, ry = _numbers(shape, "cx", "cy", "rx", "ry")
    return box_around_ellipse(x, y, rx, ry, _rotation(shape))


def _box_of_polygon(shape: Element) -> Box:
    """points: `x,y;x,y;...`. Raises ValueError for less than three points."""
    pairs = [point.split(",") for point in shape.get("points", "").split(";")]
    if len(pairs) < 3:
        raise ValueError(f"{len(pairs)} points, expected three or more")
    return box_around((float(x), float(y)) for x, y in pairs)


def _box_of_mask(shape: Element) -> Box:
    """The box of a mask. CVAT stores a mask cropped to its box."""
    left, top, width, height = _numbers(shape, "left", "top", "width", "height")
    return left, top, left + width, top + height


_BOXES = {
    "box": _box_of_rectangle,
    "ellipse": _box_of_ellipse,
    "polygon": _box_of_polygon,
    "mask": _box_of_mask,
}


READER = Reader(
    expected="CVAT for images xml",
    find=find,
    read=read,
    near_miss=near_miss,
    set_suffixes=(".xml",),
)
