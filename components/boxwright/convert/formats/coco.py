"""Reads COCO json: one file or several, Roboflow's `train/_annotations.coco.json`, `annotations/*.json` with `images/`."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import orjson

from boxwright.convert.formats import coco_masks, merge_annotations, source
from boxwright.convert.formats.locate_images import Pictures
from boxwright.convert.formats.source import Fault, Folder, Image, Near, Notice, Object, Reject, Source
from boxwright.core.runtime.errors import UserError

# NUL, and halves of characters, which JSON can say and UTF-8 cannot.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
KEYS = ("images", "annotations", "categories")
_CONTAINERS = (list, dict)
_CROWD = (1, "1", "true", "True")


def find(folder: Folder) -> list[Path]:
    """The json files that hold a COCO detection set."""
    return [file for file in folder.others if file.suffix.lower() == ".json" and _sniff(file)]


def _sniff(file: Path) -> bool:
    return len(_keys(file)) == len(KEYS)


def _keys(file: Path) -> list[str]:
    text = source.head(file) or b""
    return [key for key in KEYS if f'"{key}"'.encode() in text]


def nearly(file: Path) -> Near | None:
    """Of a json with some of the keys: one that was cut off lacks the last of them."""
    if file.suffix.lower() != ".json" or not (keys := _keys(file)):
        return None
    try:
        _parsed(file)
    except (ValueError, RecursionError) as error:
        return Near(f"is not valid json: {error}", damaged=len(keys) > 1)
    return Near(f"has no {' and no '.join(key for key in KEYS if key not in keys)}, as COCO has them")


def read(folder: Folder, annotations: list[Path], column: str = "") -> Source:
    """All json files as one data set. Classes are matched by name, because exports number them anew in each file. column: the
    field of an image that names its source."""
    root = folder.root
    data = Source("coco", root)
    documents = {file: _load(file) for file in annotations}
    named = ((str(entry["file_name"]), file) for file, document in documents.items() for entry in document["images"])
    pictures = Pictures(folder, named)
    used: Counter[str] = Counter()
    placeholders: set[str] = set()
    sets = []
    for file, document in documents.items():
        names, roots = _categories(file, document["categories"], document["annotations"])
        placeholders |= roots
        data.categories += [n for n in names.values() if n not in data.categories]
        split = source.split_of_folder(source.relative(file, root)) or source.split_of_stem(file.stem)
        images, orphans = _images(file, document, names, split, pictures, column)
        used.update(o.name for image in images for o in image.objects)
        sets.append(images)
        data.orphans += orphans
        data.notices += _id_notices(source.relative(file, root), document)
    data.categories = [name for name in data.categories if name not in placeholders or used[name]]
    data.notices += [
        Notice("unused_category", f"category {n!r} groups others and has no objects: left out of the label map", n)
        for n in sorted(placeholders)
        if not used[n]
    ]
    images, notices = merge_annotations.merged(sets, "COCO json")
    data.notices += notices
    data.images = merge_annotations.without_duplicates(images)
    data.images += merge_annotations.unlisted(folder, data.images, "unlisted", "in no COCO json")
    return data


def _parsed(file: Path) -> Any:
    """Raises ValueError and RecursionError."""
    try:
        return orjson.loads(source.content(file))
    except orjson.JSONDecodeError:  # of NaN and of UTF-16 too, which json reads; and json says where in the file it is
        return json.loads(source.text(file))


def _load(file: Path) -> dict[str, Any]:
    """What the file holds, with annotations of which each is an object and refers to what can be an id."""
    try:
        document = _parsed(file)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file} is not valid json: {error}; export it again or repair that place") from None
    wrong = [key for key in KEYS if not isinstance(document, dict) or not isinstance(document.get(key), list)]
    if wrong:
        raise UserError(f"{file}: expected lists under {', '.join(KEYS)}, as COCO has them; {', '.join(wrong)} is none")
    for key, fields in (("images", ("id", "file_name")), ("categories", ("id", "name"))):
        for index, entry in enumerate(document[key]):
            if not isinstance(entry, dict) or not all(_is_name(entry.get(name)) for name in fields):
                raise UserError(
                    f"{file}: {key}[{index}] is {json.dumps(entry)[:80]}; expected {' and '.join(fields)} in it"
                )
    if any(isinstance(entry["id"], float) for key in ("images", "categories") for entry in document[key]):
        document = json.loads(source.text(file))  # orjson rounds a number of more than 64 bits: two ids would be one
    document["annotations"] = [a if _refers(a) else _referring(a) for a in document["annotations"]]
    return document


def _refers(annotation: object) -> bool:
    if not isinstance(annotation, dict):
        return False
    return not isinstance(annotation.get("image_id"), _CONTAINERS) and not isinstance(
        annotation.get("category_id"), _CONTAINERS
    )


def _referring(annotation: object) -> dict[str, Any]:
    """What cannot be an id refers to nothing, and what is no object to nothing at all."""
    found = annotation if isinstance(annotation, dict) else {}
    return found | {
        key: str(value) for key, value in found.items() if key.endswith("_id") and isinstance(value, _CONTAINERS)
    }


def _is_name(value: object) -> bool:
    """Whether it can be an id or a name, of files too: a number, or text without what no file's name may hold."""
    if isinstance(value, str):
        return bool(value.strip()) and not _NO_TEXT.search(value)
    return isinstance(value, int | float)


def _categories(file: Path, categories: list[dict], annotations: list[dict]) -> tuple[dict[Any, str], set[str]]:
    """Names by category id, and the names of unused placeholders: Roboflow writes the group of all classes as a class.

    Raises UserError when two ids carry one name.
    """
    used = Counter(a.get("category_id") for a in annotations)
    groups = {str(c["supercategory"]) for c in categories if c.get("supercategory") is not None}
    roots = {c["id"] for c in categories if not used[c["id"]] and str(c["name"]) in groups and len(categories) > 1}
    names: dict[Any, str] = {}
    for category in categories:
        number, name = category["id"], str(category["name"])
        if number in roots:
            continue
        if number in names and names[number] != name:
            raise UserError(
                f"{file}: category id {number} is both {names[number]!r} and {name!r}; give each its own id"
            )
        twin = next((i for i, n in names.items() if n == name and i != number), None)
        if twin is not None:
            raise UserError(
                f"{file}: categories {twin} and {number} are both named {name!r}; "
                "give them different names, or merge them into one id"
            )
        names[number] = name
    root_names = {str(c["name"]) for c in categories if c["id"] in roots}
    return names, root_names - set(names.values())


def _images(
    file: Path, document: dict, names: dict[Any, str], split: str | None, pictures: Pictures, column: str
) -> tuple[list[Image], list[Reject]]:
    by_image: dict[Any, list[Object]] = defaultdict(list)
    known = {entry.get("id") for entry in document["images"]}
    repeated = {i for i, n in Counter(entry.get("id") for entry in document["images"]).items() if n > 1}
    if repeated:
        raise UserError(f"{file}: image id {min(repeated, key=str)} is given to several images; ids must be unique")
    orphans = []
    for index, annotation in enumerate(document["annotations"]):
        number = annotation.get("image_id")
        if number in known:
            by_image[number].append(_object(annotation, names))
        else:
            orphans.append(Reject(file.name, index, "unknown_image", f"image_id {number}"))
    images = [
        _image(entry, tuple(by_image[entry.get("id")]), split, file, pictures, column) for entry in document["images"]
    ]
    return images, orphans


def _image(
    entry: dict, objects: tuple[Object, ...], split: str | None, file: Path, pictures: Pictures, column: str
) -> Image:
    name = str(entry["file_name"])
    if not source.names_file(name):
        fault = Fault("unreadable_annotation", f"file_name {name!r} names no file")
        return Image(pictures.root / name, name, objects, split, _size(entry), fault=fault)
    path = pictures.find(name, file, split)
    filename, group = source.relative(path, pictures.root), source.group_named(entry.get(column))
    return Image(path, filename, objects, split, _size(entry), group=group)


def _size(entry: dict) -> tuple[int, int] | None:
    """What is no number, or not above 0, claims nothing."""
    try:
        size = int(entry.get("width") or 0), int(entry.get("height") or 0)
    except (TypeError, ValueError, OverflowError):
        return None
    return size if min(size) > 0 else None


def _object(annotation: dict, names: dict[Any, str]) -> Object:
    """An absent or empty bbox is that of the segmentation, where there is one."""
    category = annotation.get("category_id")
    name = names.get(category)
    crowd = annotation.get("iscrowd") in _CROWD
    if name is None:
        return Object("", source.NO_BOX, fault=Fault("unknown_class", f"category_id {category}"))
    box = annotation.get("bbox")
    try:
        if not box:
            return Object(name, coco_masks.box_xyxy(annotation.get("segmentation")), crowd=crowd)
        left, top, width, height = map(float, box)
    except (TypeError, ValueError, OverflowError) as error:
        reason, value = ("not_a_number", f"bbox {box}") if box else ("no_box", f"bbox {box}, and {error}")
        return Object(name, source.NO_BOX, crowd=crowd, fault=Fault(reason, value[:200]))
    return Object(name, (left, top, left + width, top + height), False, False, crowd)


def _id_notices(filename: str, document: dict) -> list[Notice]:
    """pycocotools takes annotation id 0 for `no match`, and the OD API takes class 0 for the background."""
    zero = [
        what for what, key in (("category", "categories"), ("annotation", "annotations"))
        if any(entry.get("id") == 0 for entry in document[key])
    ]  # fmt: skip
    text = f"{filename}: {' and '.join(zero)} ids start at 0, which means background or `no match` elsewhere; numbered anew"
    return [Notice("ids_from_zero", text, len(zero))] if zero else []
