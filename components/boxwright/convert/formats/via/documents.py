"""VIA's files as images with regions: the projects, the annotations as json, and the csv of VIA 1 and 2."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from boxwright.convert.formats.via import version_3
from boxwright.convert.reading import files, json_files
from boxwright.core.foreign_files import csv_text
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, brief, shown

COLUMNS = ("filename", "region_shape_attributes", "region_attributes")
_MORE_COLUMNS = ("region_count", "file_attributes")
_METADATA = "_via_img_metadata"
Values = Mapping[str, Any]


class Region(NamedTuple):
    """One region. fault: why it cannot be read, or empty."""

    shape: Values
    attributes: Values
    fault: str = ""


@dataclass
class Entry:
    """One image. attributes: those of the whole image. fault: why its regions cannot be read, or empty."""

    name: str
    regions: list[Region] = field(default_factory=list)
    attributes: Values = field(default_factory=dict)
    fault: str = ""


class Document(NamedTuple):
    """One file. options: by attribute, what its options stand for; only a project file has them."""

    file: Path
    entries: list[Entry]
    options: dict[str, dict[str, str]]


def load(file: Path) -> Document:
    """Raises UserError for a file that is not read, and for a row without a usable file name."""
    if json_files.is_json(file):
        return _from_json(file)
    entries: dict[str, Entry] = {}
    for entry in _rows(file):
        _add(entries, entry)
    return Document(file, list(entries.values()), {})


def _add(entries: dict[str, Entry], entry: Entry) -> None:
    """An image that was added to the project twice has two entries, each with a part of the regions."""
    known = entries.setdefault(entry.name, entry)
    if known is not entry:
        known.regions += entry.regions
        known.attributes = known.attributes or entry.attributes
        known.fault = known.fault or entry.fault


def _from_json(file: Path) -> Document:
    try:
        content = json_files.load(file)
    except json_files.InvalidJson as error:
        raise UserError(f"{file} is not valid json: {error}; export it again or repair that place") from None
    project = content if isinstance(content, dict) and _METADATA in content else {}
    entries: dict[str, Entry] = {}
    for key, value in _pairs(project.get(_METADATA, content), file):
        if isinstance(value, dict) and "regions" in value:
            _add(entries, _entry(str(key), value))
        elif not str(key).startswith("_via_"):
            raise UserError(
                f"{file}: {shown(key)} is {shown(value)}; expected an image with filename and regions, as VIA has it"
            )
    return Document(file, list(entries.values()), _options(project))


def _pairs(content: object, file: Path) -> Iterable[tuple[object, object]]:
    """The images with their keys. Scripts also write a list of images."""
    if version_3.is_project(content):
        if version_3.has_videos(content):
            raise UserError(f"{file} is a VIA 3 project with videos; save their frames as images, and label the images")
        return version_3.entries(content)
    return content.items() if isinstance(content, dict) else enumerate(content if isinstance(content, list) else ())


def _entry(key: str, value: Values) -> Entry:
    """VIA 2 has a list of regions, VIA 1 a dict. The key is the name of the file with its size."""
    name = value.get("filename")
    if not isinstance(name, str) or not name:
        name = key.removesuffix(str(value.get("size")))
    regions = value["regions"]
    regions = list(regions.values()) if isinstance(regions, dict) else regions
    attributes = _dict(value.get("file_attributes"))
    if not isinstance(regions, list):
        return Entry(name, [], attributes, f"regions is {shown(regions)}, expected a list")
    return Entry(name, list(map(_region, regions)), attributes)


def _region(value: object) -> Region:
    shape = value.get("shape_attributes") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(shape, dict):
        return Region({}, {}, f"a region without shape_attributes: {shown(value)}")
    return Region(shape, _dict(value.get("region_attributes")))


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _options(project: Values) -> dict[str, dict[str, str]]:
    found = _dict(_dict(project.get("_via_attributes")).get("region"))
    return {
        name: {
            number: text.strip() for number, text in _dict(_dict(how).get("options")).items() if isinstance(text, str)
        }
        for name, how in found.items()
    }


def _rows(file: Path) -> Iterator[Entry]:
    """One entry for each row of a csv. A row of an image without regions has the count 0."""
    lines = files.load_text(file).splitlines()
    limits.check_memory(len(lines) * csv_text.ROW, file)
    try:
        for number, row in csv_text.cells(lines, _MORE_COLUMNS, needed=COLUMNS):
            name = row["filename"].strip()
            if not name:
                raise UserError(f"{file}: line {number} has no filename; write one or delete the line")
            yield Entry(name, _regions(row), _parsed(row.get("file_attributes", ""))[0])
    except csv_text.InvalidCsv as error:
        raise UserError(f"{file} is not a valid csv: {error}; export it again or repair that place") from None


def _regions(row: Mapping[str, str]) -> list[Region]:
    shape, why = _parsed(row["region_shape_attributes"])
    attributes, _ = _parsed(row["region_attributes"])
    if not shape and not why and not attributes and row.get("region_count", "0").strip() in ("", "0"):
        return []
    return [Region(shape, attributes, f"region_shape_attributes: {why}" if why else "")]


def _parsed(cell: str) -> tuple[dict[str, Any], str]:
    """The json object in a cell, and why there is none."""
    if not cell.strip():
        return {}, ""
    try:
        found = orjson.loads(cell)
    except orjson.JSONDecodeError as error:
        return {}, brief(error)
    return (found, "") if isinstance(found, dict) else ({}, f"{shown(found)}, expected an object")
