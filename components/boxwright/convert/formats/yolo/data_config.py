"""Reads a YOLO configuration: the images of each split and the names of the classes."""

import os
import re
from pathlib import Path
from typing import Any

import yaml

from boxwright.convert import notices
from boxwright.convert.formats.yolo import class_names, split_places
from boxwright.convert.formats.yolo.paths import (
    SplitImages,
    is_list,
    locate_file,
    read_list,
)
from boxwright.convert.formats.yolo.rows import Rows
from boxwright.convert.reading.files import Folder, load_start, load_text
from boxwright.convert.reading.source import Source
from boxwright.convert.reading.split_names import split_from_word
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.foreign_files import yaml_text
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, shown

# A larger YAML is a configuration only if it is named as one: data.yaml, dataset.yml, voc-data.yaml, coco128.yaml.
_LARGE = limits.MIB
_CONFIG_NAME = re.compile(r"(.*[-_ .])?data([-_ .]?set)?\d*$|coco", re.IGNORECASE)
_MARKS = {"train", "val", "path", "nc"}


class _TextLoader(yaml_text.Loader):
    """Reads every value as text: in YAML 1.1 the classes `yes` and `no` would be True and False, and 12:30 would be 750."""


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag.endswith((":null", ":merge"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def is_config(file: Path, *, named: bool = False) -> bool:
    """Whether a file is a darknet .data file or an Ultralytics YAML that names classes.

    named: `--data` names this file. Other tools leave YAML files of gigabytes beside the data. So a large one is read only if it
    is named, or has the name of a configuration.
    """
    if file.suffix.lower() == ".data":
        return "names" in _settings(file)
    return is_yaml(file) and (named or not is_large(file)) and _describes_data(file)


def is_yaml(file: Path) -> bool:
    return file.suffix.lower() in (".yaml", ".yml")


def is_large(file: Path) -> bool:
    """Whether a YAML file is too large for a configuration, and is not named as one."""
    return os.path.isfile(file) and file.stat().st_size > _LARGE and not _CONFIG_NAME.match(file.stem)


def _describes_data(file: Path) -> bool:
    try:
        text = load_text(file, limits.YAML_BYTES)
        # Parsing takes a second for 1 MB, so a file without these words is not parsed.
        content = _parsed(file, text) if "names" in text and any(key in text for key in _MARKS) else None
    except UserError:  # it may belong to another tool; `without_config` raises the error if nothing else is found
        return False
    return isinstance(content, dict) and "names" in content and bool(_MARKS & set(content))


def load_yaml(file: Path) -> Any:
    """Raises UserError for invalid YAML, and for a file above the limits."""
    return _parsed(file, load_text(file, limits.YAML_BYTES))


def _parsed(file: Path, text: str) -> Any:
    try:
        return yaml_text.parse(text, _TextLoader)
    except yaml_text.InvalidYaml as error:
        raise UserError(
            f"{file} cannot be read as YAML: {error}; repair that place, or move it out of the data"
        ) from None


def _settings(file: Path) -> dict[str, str]:
    """The `key = value` lines of a darknet .data file.

    Only its start is read, because other files with this suffix are large.
    """
    content = load_start(file, 1 << 16) or b""
    pairs = (line.partition("=") for line in content.decode("utf-8-sig", "replace").splitlines())
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}


def darknet(config: Path, folder: Folder, data: Source) -> tuple[SplitImages, Rows]:
    """Reads `obj.data`, its lists and its names. Raises UserError for one of them that does not exist or lies outside."""
    settings = _settings(config)
    named_by = locate_file(settings["names"], config.parent, folder, config)
    names = class_names.in_lines(named_by)
    data.notices += class_names.conflicts(names, named_by, folder)
    lists = {split: settings[key] for split, keys in split_places.KEYS.items() for key in keys if key in settings}
    files = {split: locate_file(name, config.parent, folder, config) for split, name in lists.items()}
    listed: SplitImages = [(split, read_list(file, folder)) for split, file in files.items()]
    return split_places.without_repeats(listed, config, data), Rows(names, named_by=named_by)


def ultralytics(config: Path, folder: Folder, data: Source) -> tuple[SplitImages, Rows]:
    """Reads `data.yaml` and its lists. Raises UserError for a train split that does not exist, and for wrong values."""
    content = load_yaml(config)
    names = class_names.numbered(content["names"], config)
    data.notices += class_names.conflicts(names, config, folder)
    if "nc" in content and str(content["nc"]) not in (str(len(names)), str(max(names, default=-1) + 1)):
        data.notices.append(_nc_differs(config, content["nc"], len(names)))
    listed = split_places.listed(content, config, folder, data)
    rows = Rows(names, _keypoints(content.get("kpt_shape"), config), named_by=config)
    return split_places.without_repeats(listed, config, data), rows


def _keypoints(shape: object, config: Path) -> int:
    """How many numbers follow the box of each object: `[17, 3]` means 17 points of three numbers."""
    if shape is None:
        return 0
    try:
        points, numbers = map(int, shape if isinstance(shape, list) else ())
        if max(points, numbers) > class_names.LARGEST_NUMBER:
            raise ValueError("no picture has so many points")
        return points * numbers
    except (TypeError, ValueError):
        raise UserError(
            f"{config}: kpt_shape is {shown(shape)}; expected the number of points and of values for each, such as [17, 3]"
        ) from None


def without_config(folder: Folder, data: Source) -> tuple[SplitImages, Rows]:
    """The lists that are named like splits, else the folders named like splits. Raises UserError for a YAML it cannot read."""
    for file in folder.other_files:
        if is_yaml(file) and not is_large(file):
            load_yaml(file)
    names, file = class_names.of_folder(folder)
    if file is None:
        data.notices.append(class_names.none_notice(len(folder.other_files)))
    lists = [f for f in folder.other_files if f.suffix.lower() == ".txt" and split_from_word(f.stem) and is_list(f)]
    listed: SplitImages = [(split_from_word(f.stem), read_list(f, folder)) for f in lists]
    if not lists:
        listed = [(folder.split_of(f), [f]) for f in folder.image_files]
    return listed, Rows(names, named_by=file or Path())


def _nc_differs(config: Path, nc: object, count: int) -> Finding:
    return notices.build(
        "nc_differs", "The number of classes in the YOLO configuration is wrong",
        f"{config.name}: nc is {shown(nc)}, but {plurals.count(count, 'name', 'is')} given: the names are used",
        count=count, of=count, what="classes", severity="medium",
        remedy=f"Check whether a name is missing in {config.name}, and correct nc.",
    )  # fmt: skip
