"""Reads VIA's files as one data set."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from boxwright.convert import notices
from boxwright.convert.formats.via import class_names, documents, shapes, version_3
from boxwright.convert.formats.via.documents import COLUMNS, Document, Entry, Region
from boxwright.convert.reading import files, json_files, merge_annotations, shape_notices
from boxwright.convert.reading.fields import parse_group
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.locate_images import ImageLocator
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.source import NO_BOX, Fault, Image, Object, Source
from boxwright.core.findings import Finding
from boxwright.core.foreign_files import csv_text
from boxwright.core.runtime.errors import few

_REGIONS, _SHAPES, _FILES = "regions", "shape_attributes", "file_attributes"
_CSV_3 = b"CSV_HEADER = metadata_id"
# The class of regions that have no attribute at all, as in sets with a single class.
_UNNAMED = "object"
# Bytes that hold the first lines of a csv. VIA 3 writes its attributes before the titles.
_START = 16384


def find(folder: Folder) -> list[Path]:
    """The json files with regions, the projects of VIA 3, and the csv files with region_shape_attributes."""
    return [file for file in folder.other_files if _is_via_json(file) or not _missing(file, COLUMNS)]


def _is_via_json(file: Path) -> bool:
    """A file of another format is searched for two keys only."""
    keys = json_files.keys_in(file, (_REGIONS, version_3.KEYS[-1]))
    if _REGIONS in keys and json_files.keys_in(file, (_SHAPES, _FILES)):
        return True
    return version_3.KEYS[-1] in keys and len(json_files.keys_in(file, version_3.KEYS)) == len(version_3.KEYS)


def _missing(file: Path, columns: Sequence[str]) -> list[str]:
    """The columns that a file lacks; all, if it is no csv."""
    if file.suffix.lower() != ".csv":
        return list(columns)
    titles = csv_text.titles(files.load_start(file, _START) or b"")
    return [column for column in columns if column not in titles]


def near_miss(file: Path) -> NearMiss | None:
    """The csv of VIA 3, or a file of VIA 1 or 2 without the parts that are needed."""
    if file.suffix.lower() == ".csv":
        if _CSV_3 in (files.load_start(file, _START) or b""):
            return NearMiss("is the csv of VIA 3, which is not read; give the project (json) that VIA 3 saves instead")
        missing = _missing(file, COLUMNS)
        if missing and set(missing).isdisjoint(COLUMNS[1:2]):
            return NearMiss(f"has VIA's column {COLUMNS[1]}, and no column {' and no column '.join(missing)}")
    if json_files.keys_in(file, (_SHAPES,)) and not _is_via_json(file):
        return NearMiss(f"has VIA's {_SHAPES}, and no {_REGIONS} of images")
    return None


class _Classes(NamedTuple):
    """How one file names classes. attribute: of the regions, of_images: of the images, or empty."""

    attribute: str
    of_images: str
    options: dict[str, str]
    unnamed: bool


def read(folder: Folder, annotations: list[Path], column: str = "") -> Source:
    """Reads all files as one data set. The split of an image is that of the folder or name of the file, else of its own folder.

    column: an attribute of the images. Raises UserError for a file that is not read, and if no attribute names the class for
    certain.
    """
    data = Source("via", folder.root)
    found = [documents.load(file) for file in annotations]
    splits = {each.file: folder.split_of_list(each.file) for each in found}
    named = (
        (e.name, each.file, splits[each.file]) for each in found for e in each.entries if files.is_text_name(e.name)
    )
    locator = ImageLocator(folder, named)
    classes, said = _classes(found)
    sets = [
        [_image(entry, each.file, splits[each.file], locator, classes[each.file], column) for entry in each.entries]
        for each in found
    ]
    images, merged = merge_annotations.merge_listings(sets, "VIA file")
    data.categories = list(dict.fromkeys(item.name for image in images for item in image.objects if item.name))
    kinds = Counter(shapes.kind(r.shape) for each in found for entry in each.entries for r in entry.regions if r.shape)
    data.notices += merged + said + locator.notices() + shape_notices.build(kinds, 0, shapes.KINDS)
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(folder, data.images, "unlisted", "in no VIA file")
    return data


def _classes(found: Sequence[Document]) -> tuple[dict[Path, _Classes], list[Finding]]:
    """By file, how it names classes. The options of a project count for its exports, too."""
    options = {name: texts for each in found for name, texts in each.options.items()}
    chosen = {each.file: class_names.choose(each) for each in found}
    unnamed = not any(name for name, _ in chosen.values())
    classes: dict[Path, _Classes] = {}
    said: list[Finding] = []
    for each in found:
        name, others = chosen[each.file]
        of_images = class_names.of_images(each) if unnamed else ""
        classes[each.file] = _Classes(name, of_images, options.get(name, {}), unnamed and not of_images)
        said += [_other_attributes(each, name, others)] if others else []
    regions = sum(len(entry.regions) for each in found for entry in each.entries if classes[each.file].unnamed)
    return classes, said + ([_unnamed(regions)] if regions else [])


def _other_attributes(document: Document, name: str, others: list[str]) -> Finding:
    return notices.build(
        "class_attribute", "The regions have several attributes, and one of them names the class",
        f"{document.file.name}: the class is the attribute {name[:80]!r}; not used: {few([repr(n[:80]) for n in others], 5)}",
        count=1, of=1 + len(others), what="attributes", subject=document.file.name,
        remedy="If another attribute names the class, give it the name `class` and export again.",
    )  # fmt: skip


def _unnamed(regions: int) -> Finding:
    return notices.build(
        "unnamed_class", "No region has an attribute that names its class",
        f"All regions were read as one class, {_UNNAMED!r}, because none has an attribute", count=regions, of=regions,
        what="regions", severity="medium",
        remedy="If there are several classes, add the region attribute `class` in VIA, fill it in, and export again.",
    )  # fmt: skip


def _image(entry: Entry, file: Path, split: str | None, locator: ImageLocator, classes: _Classes, column: str) -> Image:
    objects = tuple(_object(region, entry, classes) for region in entry.regions)
    root = locator.root
    if not files.is_text_name(entry.name):
        name = ascii(entry.name[:200])[1:-1]
        fault = Fault("unreadable_annotation", f"filename {ascii(entry.name)[:100]} names no file")
        return Image(root / name, name, objects, split, fault=fault)
    path = locator.find(entry.name, file)
    filename = locator.shown(path, entry.name)
    fault = Fault("unreadable_annotation", entry.fault) if entry.fault else None
    group = parse_group(entry.attributes.get(column)) if column else None
    return Image(path, filename, objects, split or locator.folder.split_of(path), fault=fault, group=group)


def _object(region: Region, entry: Entry, classes: _Classes) -> Object:
    name, fault = _name(region, entry, classes)
    kind = shapes.kind(region.shape)
    if region.fault:
        return Object(name, NO_BOX, fault=Fault("unreadable_annotation", region.fault))
    if fault:
        return Object("", NO_BOX, fault=fault)
    if kind not in shapes.KINDS:
        return Object(
            name, NO_BOX, fault=Fault("shape_without_box", f"a {kind[:40] or 'region without shape'} has no box")
        )
    try:
        return Object(name, shapes.box_xyxy(region.shape))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        why = f"no {error}" if isinstance(error, KeyError) else str(error)
        return Object(name, NO_BOX, fault=Fault("unreadable_annotation", f"{kind}: {why}"[:200]))


def _name(region: Region, entry: Entry, classes: _Classes) -> tuple[str, Fault | None]:
    if classes.unnamed:
        return _UNNAMED, None
    name = classes.of_images or classes.attribute
    found = class_names.names_in((entry if classes.of_images else region).attributes.get(name))
    names = list(dict.fromkeys(class_names.in_words(each, classes.options) for each in found))
    if len(names) == 1:
        return names[0], None
    if not names:
        return "", Fault("unknown_class", f"no value in the attribute {name[:80]!r}")
    return "", Fault("unknown_class", f"{len(names)} values in the attribute {name[:80]!r}: {few(names, 5)}"[:200])


READER = Reader(
    expected="VIA json or csv (VGG Image Annotator)",
    find=find,
    read=read,
    near_miss=near_miss,
    set_suffixes=(".json", ".csv"),
    has_columns=True,
)
