"""COCO json: one file or several, such as Roboflow's `train/_annotations.coco.json` or `annotations/*.json` beside `images/`."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, cast

from boxwright.convert import notices
from boxwright.convert.objects import coco_classes, coco_shapes
from boxwright.convert.reading import files, json_files, merge_annotations, segmentations
from boxwright.convert.reading.fields import parse_group
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.ids import match_ids
from boxwright.convert.reading.locate_images import ImageLocator
from boxwright.convert.reading.names import spellings
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.source import NO_BOX, Fault, Image, Object, Reject, Source
from boxwright.core import plurals
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, shown

# NUL, and lone surrogates, which JSON can hold and UTF-8 cannot.
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_ID_BITS = 64
KEYS = ("images", "annotations", "categories")
_CONTAINERS = (list, dict)
# Categories that only group others, each of which gets a notice. Roboflow writes one.
_MOST_NAMED = 20
_CROWD = (1, "1", "true", "True")
# An entry of one of the three lists. Any value can have any type, because some files are written by hand.
Entry = dict[str, Any]


class Document(TypedDict):
    images: list[Entry]
    annotations: list[Entry]
    categories: list[Entry]


def find(folder: Folder) -> list[Path]:
    """The json files that hold a COCO detection set."""
    return [file for file in folder.other_files if len(json_files.keys_in(file, KEYS)) == len(KEYS)]


def near_miss(file: Path) -> NearMiss | None:
    """A json with some of the keys. A truncated json lacks the last keys."""
    if not (keys := json_files.keys_in(file, KEYS)):
        return None
    try:
        json_files.load(file, None if len(keys) > 1 else limits.IMAGE_LABEL_BYTES)
    except json_files.InvalidJson as error:
        return NearMiss(f"is not valid json: {error}", damaged=len(keys) > 1)
    except limits.TooLarge:
        if len(keys) > 1:
            raise
    return NearMiss(f"has no {' and no '.join(key for key in KEYS if key not in keys)}, which COCO json has")


def read(folder: Folder, annotations: list[Path], column: str = "") -> Source:
    """Reads all json files as one data set. Classes are matched by name, because exports number them anew in each file."""
    data = Source("coco", folder.root)
    documents = {file: _load(file) for file in annotations}
    splits = {file: folder.split_of_list(file) for file in documents}
    locator = ImageLocator(
        folder,
        ((str(e["file_name"]), file, splits[file]) for file, document in documents.items() for e in document["images"]),
    )
    placeholders: set[str] = set()
    sets: list[list[Image]] = []
    for file, document in documents.items():
        data.notices += match_ids.match_document(files.relative_name(file, folder.root), document)
        used = Counter([annotation.get("category_id") for annotation in document["annotations"]])
        names, unused_groups = coco_classes.names_by_id(file, document["categories"], used)
        placeholders |= unused_groups
        data.categories += names.values()
        data.notices += coco_shapes.make_upright(file, document["annotations"], partial(_sizes, document))
        images, orphans = _JsonFile(file, names, locator, column).images(document)
        sets.append(images)
        data.orphans += orphans
        data.notices += coco_classes.id_notices(file, files.relative_name(file, folder.root), document, used)
    data.notices += coco_classes.zero_notices(
        {files.relative_name(file, folder.root): document for file, document in documents.items()}
    )
    data.categories = list(dict.fromkeys(data.categories))
    _drop_placeholders(data, placeholders, {o.name for images in sets for image in images for o in image.objects})
    images, merged = merge_annotations.merge_listings(sets, "COCO json")
    data.notices += merged + locator.notices()
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(folder, data.images, "unlisted", "in no COCO json")
    return data


def _drop_placeholders(data: Source, placeholders: set[str], used: set[str]) -> None:
    """Removes the categories that only group others. A file may use one that another file leaves unused."""
    data.categories = [name for name in data.categories if name not in placeholders or name in used]
    data.notices += [
        notices.build(
            "unused_category", "A category has no objects",
            f"category {name!r} only groups other categories and has no objects: it was left out of the label map",
            count=0, of=len(used), what="objects", subject=name,
        )
        for name in sorted(placeholders - used)[:_MOST_NAMED]
    ]  # fmt: skip


def _load(file: Path) -> Document:
    """The content of a file. Every annotation in it is a dict, and refers to an image and a class by a value that can be an id.

    Raises UserError for a file that is not COCO json, and for one that does not fit into the memory.
    """
    document = _parse(file)
    wrong = [key for key in KEYS if not isinstance(document, dict) or not isinstance(document.get(key), list)]
    if wrong:
        raise UserError(f"{file}: expected a list under each of {', '.join(KEYS)}; {', '.join(wrong)} is not a list")
    document["images"] = [_with_file_name(entry) for entry in document["images"]]
    _check_entries(file, "images", document["images"], ("id", "file_name"))
    _check_entries(file, "categories", document["categories"], ("id", "name"))
    if any(isinstance(entry["id"], float) for key in ("images", "categories") for entry in document[key]):
        # orjson rounds integers above 64 bits, so that ids could collide.
        document = _with_short_ids(_parse(file, exact_ids=True))
    document["annotations"] = [a if _has_valid_ids(a) else _with_valid_ids(a) for a in document["annotations"]]
    return cast(Document, document)


def _parse(file: Path, *, exact_ids: bool = False) -> Any:
    try:
        return json_files.load(file, exact_ids=exact_ids)
    except json_files.InvalidJson as error:
        raise UserError(f"{file} is not valid json: {error}; export it again or repair that place") from None


def _with_short_ids(document: Any) -> Any:
    """The document with ids above 64 bits as text: a dict takes quadratic time for integers that a stranger chose for it."""
    for entry in (entry for key in KEYS for entry in document[key] if isinstance(entry, dict)):
        for name in ("id", "image_id", "category_id"):
            if isinstance(number := entry.get(name), int) and number.bit_length() > _ID_BITS:
                entry[name] = str(number)
    return document


def _with_file_name(entry: object) -> object:
    """LVIS gives each image an address (`.../train2017/000000000139.jpg`) instead of a file name."""
    if not isinstance(entry, dict) or _is_name(entry.get("file_name")) or not isinstance(entry.get("coco_url"), str):
        return entry
    return entry | {"file_name": "/".join(spellings.parts(entry["coco_url"])[-2:])}


def _check_entries(file: Path, key: str, entries: list[Entry], fields: tuple[str, str]) -> None:
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict) or not all(_is_name(entry.get(name)) for name in fields):
            raise UserError(f"{file}: {key}[{index}] is {shown(entry)}; expected {' and '.join(fields)} in it")


def _has_valid_ids(annotation: object) -> bool:
    if not isinstance(annotation, dict):
        return False
    return not isinstance(annotation.get("image_id"), _CONTAINERS) and not isinstance(
        annotation.get("category_id"), _CONTAINERS
    )


def _with_valid_ids(annotation: object) -> Entry:
    """An id that is a list or a dict becomes text, which matches no image and no class.

    Anything but a dict becomes an empty dict.
    """
    found = annotation if isinstance(annotation, dict) else {}
    return found | {
        key: str(value) for key, value in found.items() if key.endswith("_id") and isinstance(value, _CONTAINERS)
    }


def _is_name(value: object) -> bool:
    """Whether a value can be an id or a name: a number, or text that can stand in a file name."""
    if isinstance(value, str):
        return bool(value.strip()) and not _NOT_TEXT.search(value)
    return isinstance(value, int | float)


@dataclass(frozen=True)
class _JsonFile:
    """What is needed to read the images of one file. names: by category id."""

    file: Path
    names: dict[Any, str]
    locator: ImageLocator
    column: str

    def images(self, document: Document) -> tuple[list[Image], list[Reject]]:
        """The images with their objects, and the objects that belong to no image."""
        known = Counter(entry.get("id") for entry in document["images"])
        if repeated := [number for number, count in known.items() if count > 1]:
            first = min(repeated, key=str)
            raise UserError(f"{self.file}: several images have the id {first}; give each image its own id")
        by_image: dict[Any, list[Object]] = defaultdict(list)
        split = self.locator.folder.split_of_list(self.file)
        orphans = []
        for index, annotation in enumerate(document["annotations"]):
            number = annotation.get("image_id")
            if number in known:
                by_image[number].append(_object(annotation, self.names))
            else:
                file, name = files.printable_name(self.file.name), self.names.get(annotation.get("category_id"), "")
                orphans.append(Reject(file, index, "unknown_image", f"image_id {number}", name, split or ""))
        return [self._image(entry, tuple(by_image[entry.get("id")]), split) for entry in document["images"]], orphans

    def _image(self, entry: Entry, objects: tuple[Object, ...], split: str | None) -> Image:
        name, root = str(entry["file_name"]), self.locator.root
        if not files.is_file_name(name):
            fault = Fault("unreadable_annotation", f"file_name {shown(name)} names no file")
            name = files.printable_name(name[:200])
            return Image(root / name, name, objects, split, _size(entry), fault=fault)
        path = self.locator.find(name, self.file)
        filename, group = self.locator.shown(path, name), parse_group(entry.get(self.column))
        return Image(path, filename, objects, split, _size(entry), group=group)


def _sizes(document: Document) -> dict[Any, tuple[int, int] | None]:
    """(width, height) by image id."""
    return {entry["id"]: _size(entry) for entry in document["images"]}


def _size(entry: Entry) -> tuple[int, int] | None:
    """(width, height); None unless both are numbers above 0."""
    try:
        size = int(entry.get("width") or 0), int(entry.get("height") or 0)
    except (TypeError, ValueError, OverflowError):
        return None
    return size if min(size) > 0 else None


def _object(annotation: Entry, names: dict[Any, str]) -> Object:
    """If the bbox is absent or empty, the box is that of the segmentation."""
    category = annotation.get("category_id")
    name = names.get(category)
    crowd = annotation.get("iscrowd") in _CROWD
    if name is None:
        return Object("", NO_BOX, fault=Fault("unknown_class", f"category_id {category}"))
    box = annotation.get("bbox")
    try:
        if not box:
            return Object(name, segmentations.box_xyxy(annotation.get("segmentation")), crowd=crowd)
        left, top, width, height = map(float, box)
    except (TypeError, ValueError, OverflowError) as error:
        reason, value = ("not_a_number", f"bbox {box}") if box else ("no_box", f"bbox {box}, and {error}")
        if isinstance(box, list) and len(box) not in (0, 4):
            reason, value = (
                "unreadable_annotation",
                f"bbox of {plurals.count(len(box), 'number')}, expected 4: {shown(box)}",
            )
        return Object(name, NO_BOX, crowd=crowd, fault=Fault(reason, value[:200]))
    return Object(name, (left, top, left + width, top + height), False, False, crowd)


READER = Reader(
    expected="COCO json (with images, annotations and categories)",
    find=find,
    read=read,
    near_miss=near_miss,
    set_suffixes=(".json",),
    has_columns=True,
)
