"""labelme json: one file for each image, with its shapes."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import hypot
from pathlib import Path
from typing import Any, NamedTuple

from boxwright.convert import notices
from boxwright.convert.reading import files, json_files, merge_annotations, shape_notices
from boxwright.convert.reading.fields import parse_size
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.locate_images import ImageLocator
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.segmentations import Box, box_around
from boxwright.convert.reading.source import NO_BOX, Fault, Image, Object, Source
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.records import losses
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError

_KEYS = ("shapes", "imagePath")
# The names that labelme and X-AnyLabeling give to a rotated rectangle.
_ROTATED = ("rotation", "oriented_rectangle")
Point = tuple[float, float]
Shape = dict[str, Any]


class Document(NamedTuple):
    """One file. fault: why the file cannot be read, or empty. has_pixels: the file contains the image, too (imageData)."""

    shapes: list[Shape]
    image_path: str
    size: tuple[int, int] | None
    has_pixels: bool
    fault: str = ""


def find(folder: Folder) -> list[Path]:
    """The json files with shapes and imagePath. Beside such files, a json that was cut off before imagePath counts, too."""
    marks = {file: _mark(file) for file in folder.other_files}
    return [file for file, mark in marks.items() if mark] if "whole" in marks.values() else []


def _mark(file: Path) -> str:
    """`whole`, `cut off`, or empty for a file of another kind."""
    keys = json_files.keys_in(file, (*_KEYS, "points"))
    if _KEYS[0] not in keys:
        return ""
    if _KEYS[1] in keys:
        return "whole"
    return "cut off" if "points" in keys and _error(file) else ""


def _error(file: Path) -> str | None:
    """Why a file is not valid json, or is too large for one image; None otherwise."""
    try:
        return json_files.error_in(files.load_bytes(file, limits.LABELME_BYTES))
    except limits.TooLarge as error:
        return str(error)


def near_miss(file: Path) -> NearMiss | None:
    """A json with shapes and without imagePath."""
    keys = json_files.keys_in(file, _KEYS)
    if _KEYS[0] not in keys or _KEYS[1] in keys:
        return None
    error = _error(file)
    return NearMiss(f"is not valid json: {error}" if error else "has shapes and no imagePath, which labelme json has")


def read(folder: Folder, annotations: list[Path], _: str = "") -> Source:
    """Reads all json files as one data set. The splits are those of the folders.

    Raises UserError if the pixels of all images are in their json only.
    """
    data = Source("labelme", folder.root)
    documents = {file: _load(file) for file in annotations}
    beside = {file.with_suffix(""): file.name for file in reversed(folder.image_files)}
    known = set(map(str, folder.files))
    names = {file: _file_name(document.image_path, file, beside, known) for file, document in documents.items()}
    renamed = _of_other_images(names, beside)
    names |= renamed
    splits = {file: folder.split_of(file) for file in documents}
    locator = ImageLocator(folder, ((name, file, splits[file]) for file, name in names.items()))
    images = [_image(document, names[file], file, splits[file], locator) for file, document in documents.items()]
    data.notices += _pixels_in_json(images, documents)
    data.categories = list(dict.fromkeys(item.name for image in images for item in image.objects if item.name))
    kinds = Counter(_kind(shape) for document in documents.values() for shape in document.shapes)
    data.notices += shape_notices.build(kinds, sum(kinds[kind] for kind in _ROTATED), _BOXES) + locator.notices()
    images, merged = merge_annotations.merge_listings([images], "labelme json")
    data.notices += merged + ([_other_path_notice(tuple(renamed.values()), len(documents))] if renamed else [])
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(
        folder, data.images, "unlabelled", "no labelme json for this image"
    )
    return data


def _load(file: Path) -> Document:
    try:
        content = json_files.load(file, limits.LABELME_BYTES)
    except json_files.InvalidJson as error:
        return Document([], "", None, False, f"not valid json: {error}")
    except limits.TooLarge as error:
        return Document([], "", None, False, str(error))
    if not isinstance(content, dict) or not isinstance(shapes := content.get("shapes"), list):
        return Document([], "", None, False, "expected an object with a list of shapes")
    size = parse_size(str(content.get("imageWidth")), str(content.get("imageHeight")))
    shapes = [shape if isinstance(shape, dict) else {} for shape in shapes]
    return Document(shapes, str(content.get("imagePath")).replace("\0", ""), size, bool(content.get("imageData")))


def _file_name(image_path: str, file: Path, beside: dict[Path, str], known: set[str]) -> str:
    """Tries the file that imagePath names, then the image beside the json that has the json's name (renamed files). If neither
    exists, returns the last part of imagePath, because its folders may be those of another machine."""
    path = image_path.replace("\\", "/")
    if os.path.normpath(file.parent / path) in known:
        return path
    last = path.rsplit("/", 1)[-1]
    return beside.get(file.with_suffix("")) or (last if files.is_file_name(last) else file.with_suffix(".jpg").name)


def _of_other_images(names: dict[Path, str], beside: dict[Path, str]) -> dict[Path, str]:
    """The image beside a json that has its name, where imagePath names the image of another json: the json was copied."""
    places = {file: os.path.normpath(file.parent / name) for file, name in names.items()}
    claims = Counter(places.values())
    own = {file: beside.get(file.with_suffix("")) for file, place in places.items() if claims[place] > 1}
    return {file: name for file, name in own.items() if name and str(file.parent / name) not in claims}


def _other_path_notice(names: tuple[str, ...], count: int) -> Finding:
    return notices.build(
        "image_path_of_another", "Some json name the image of another json",
        f"imagePath of {len(names)} json names the image of another json: the image beside it with its own name was taken "
        f"(first: {names[0][:200]})", count=len(names), of=count, what="json", severity="low", items=names,
        remedy="Look at some of these images. If the boxes are of another image, correct imagePath and the name of the json.",
    )  # fmt: skip


def _image(document: Document, name: str, file: Path, split: str | None, locator: ImageLocator) -> Image:
    path = locator.find(name, file)
    filename = files.relative_name(path, locator.root)
    split = split or locator.folder.splits.of(filename)
    if document.fault:
        return Image(path, filename, split=split, fault=Fault("unreadable_annotation", document.fault))
    return Image(path, filename, _objects(document.shapes), split, document.size)


def _pixels_in_json(images: Sequence[Image], documents: dict[Path, Document]) -> list[Finding]:
    """A notice about images that have no file, and whose json holds the pixels. Raises UserError if all images are like that."""
    pairs = zip(images, documents.items(), strict=True)
    inside = [file for image, (file, document) in pairs if document.has_pixels and not os.path.exists(image.file)]
    if not inside:
        return []
    claim = f"{plurals.count(len(inside), 'image', 'has')} no file; the pixels are only in the json (first {inside[0].name})"
    remedy = (
        "Write each image beside its json, under the name in imagePath; imageData is the content of that file in base64"
    )
    if len(inside) == len(images):
        raise UserError(f"{inside[0].parent}: {claim}. {remedy}")
    return [
        notices.build(
            "pixels_in_json", "Some images are only inside of their json", claim, count=len(inside), of=len(images),
            severity=losses.severity(len(inside), len(images)), items=tuple(file.name for file in inside), remedy=f"{remedy}.",
        )
    ]  # fmt: skip


def _objects(shapes: Iterable[Shape]) -> tuple[Object, ...]:
    """Shapes of one label and one group_id are parts of one object."""
    objects: dict[tuple[object, ...], Object] = {}
    for index, shape in enumerate(shapes):
        item = _object(shape)
        group = shape.get("group_id")
        is_part = item.fault is None and isinstance(group, int | str)
        key = (item.name, group) if is_part else (index,)
        objects[key] = _joined(objects[key], item) if key in objects else item
    return tuple(objects.values())


def _joined(one: Object, other: Object) -> Object:
    corners = ((box[start], box[start + 1]) for box in (one.box_xyxy, other.box_xyxy) for start in (0, 2))
    return one._replace(box_xyxy=box_around(corners), difficult=one.difficult or other.difficult)


def _object(shape: Shape) -> Object:
    name, kind = shape.get("label"), _kind(shape)
    if not isinstance(name, str) or not name.strip():
        return Object("", NO_BOX, fault=Fault("unknown_class", f"a {kind} without label"))
    if kind not in _BOXES:
        return Object(name, NO_BOX, fault=Fault("shape_without_box", f"a {kind} has no box"))
    try:
        box_xyxy = _BOXES[kind](_points(shape, kind))
    except (TypeError, ValueError, OverflowError) as error:
        return Object(name, NO_BOX, fault=Fault("unreadable_annotation", f"{kind}: {error}"[:200]))
    return Object(name, box_xyxy, difficult=shape.get("difficult") is True)


def _kind(shape: Shape) -> str:
    """labelme of 2018 wrote polygons only, without shape_type."""
    return str(shape.get("shape_type") or "polygon")


def _points(shape: Shape, kind: str) -> list[Point]:
    """Raises ValueError or TypeError for too few points, and for a value that is not a point."""
    points = [(float(x), float(y)) for x, y in shape.get("points") or ()]
    least = 3 if kind in ("polygon", *_ROTATED) else 2
    if len(points) < least:
        raise ValueError(f"{len(points)} points, expected {least} or more")
    return points


def _box_of_circle(points: list[Point]) -> Box:
    """The center, and a point on the circle."""
    (x, y), (edge_x, edge_y) = points[:2]
    radius = hypot(edge_x - x, edge_y - y)
    return x - radius, y - radius, x + radius, y + radius


def _box_of_mask(points: list[Point]) -> Box:
    """The first and the last pixel of the mask."""
    left, top, right, bottom = box_around(points)
    return left, top, right + 1, bottom + 1


_BOXES: dict[str, Callable[[list[Point]], Box]] = {
    "rectangle": box_around,
    "polygon": box_around,
    "circle": _box_of_circle,
    "mask": _box_of_mask,
    **dict.fromkeys(_ROTATED, box_around),
}


READER = Reader(
    expected="labelme json (one for each image, with shapes and imagePath)",
    find=find,
    read=read,
    near_miss=near_miss,
)
