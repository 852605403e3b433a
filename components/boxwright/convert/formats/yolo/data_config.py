"""Reads a YOLO configuration: the images of each split and the names of the classes."""

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from boxwright.convert import notices
from boxwright.convert.formats.yolo.label_files import Rows
from boxwright.convert.formats.yolo.paths import (
    SplitImages,
    is_list,
    locate_file,
    locate_image,
    path_inside,
    read_list,
    with_slashes,
)
from boxwright.convert.reading import outside
from boxwright.convert.reading.files import Folder, load_start, load_text
from boxwright.convert.reading.source import Source
from boxwright.convert.reading.split_names import split_from_word
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.foreign_files import walk, yaml_text
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, shown

NAMES_FILES = ("obj.names", "classes.txt", "classes.names", "_darknet.labels")
# A larger YAML is a configuration only if it is named as one: data.yaml, dataset.yml, voc-data.yaml, coco128.yaml.
_LARGE = limits.MIB
_CONFIG_NAME = re.compile(r"(.*[-_ .])?data([-_ .]?set)?\d*$|coco", re.IGNORECASE)
_MOST_PLACES = 1000
# As long as the class numbers that label files can have.
_LARGEST_NUMBER = 999_999_999
_MARKS = {"train", "val", "path", "nc"}
_KEYS = {"train": ("train",), "val": ("val", "valid", "validation"), "test": ("test",)}


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
    names = _names_in_lines(locate_file(settings["names"], config.parent, folder, config))
    lists = {split: settings[key] for split, keys in _KEYS.items() for key in keys if key in settings}
    files = {split: locate_file(name, config.parent, folder, config) for split, name in lists.items()}
    listed: SplitImages = [(split, read_list(file, folder)) for split, file in files.items()]
    return _without_repeats(listed, config, data), Rows(names)


def ultralytics(config: Path, folder: Folder, data: Source) -> tuple[SplitImages, Rows]:
    """Reads `data.yaml` and its lists. Raises UserError for a train split that does not exist, and for wrong values."""
    content = load_yaml(config)
    names = _numbered_names(content["names"], config)
    if "nc" in content and str(content["nc"]) not in (str(len(names)), str(max(names, default=-1) + 1)):
        data.notices.append(_nc_differs(config, content["nc"], len(names)))
    listed: SplitImages = []
    for split, keys in _KEYS.items():
        places = next((content[key] for key in keys if content.get(key)), [])
        taken: set[str] = set()
        for place in _few(places, split, config) if isinstance(places, list) else [places]:
            path = _split_place(str(place), split, content.get("path"), config, folder)
            if path is None:
                data.notices.append(_split_missing(config, place, split))
            elif (real := os.path.realpath(path)) not in taken:  # otherwise it is named twice
                taken.add(real)
                listed.append((split, _images_below(path, folder) if path.is_dir() else read_list(path, folder)))
    return _without_repeats(listed, config, data), Rows(names, _keypoints(content.get("kpt_shape"), config))


def _images_below(path: Path, folder: Folder) -> list[Path]:
    return [file for file in folder.image_files if walk.is_inside(str(file), str(path))]


def _few(places: list[Any], split: str, config: Path) -> list[Any]:
    """The places of a split. Raises UserError for so many that searching each of them for images would take hours."""
    if len(places) > _MOST_PLACES:
        raise UserError(
            f"{config}: {split} names {len(places):,} folders or lists, and up to {_MOST_PLACES:,} are read; write the images "
            "into one list, and name the list"
        )
    return places


def _split_place(name: str, split: str, base: object, config: Path, folder: Folder) -> Path | None:
    """The folder or list of a split's images; None if there is none, except for train.

    Raises UserError for a train split that does not exist, for a folder outside of the data folder, and for a list outside,
    unless links are followed.
    """
    bases = [config.parent / with_slashes(str(base))] if base else []
    bases = [each for each in (*bases, config.parent) if os.path.isdir(each)]
    places = (locate_image(name, each, folder) for each in bases)
    found = [path_inside(place, folder.root) for place in places if os.path.exists(place)]
    if not found:
        return locate_file(name, bases[0], folder, config) if split == "train" else None
    path = next((path for path in found if _may_read(path, folder)), found[0])
    if _may_read(path, folder):
        return path
    if path.is_dir():
        above = os.path.commonpath((path, folder.root))
        do = f"give --data {above}, the folder above both" if len(Path(above).parts) > 2 else "copy it into the folder"
        raise UserError(f"{config} names {path} for {split}, outside of --data; {do}")
    raise outside.refuse(config, str(path))


def _may_read(path: Path, folder: Folder) -> bool:
    """Whether a list may be read, or a folder was listed. A folder outside that no link leads to is not listed."""
    inside = not path.is_dir() or walk.is_inside(str(path), str(folder.root))
    return inside and folder.may_read(str(path))


def _keypoints(shape: object, config: Path) -> int:
    """How many numbers follow the box of each object: `[17, 3]` means 17 points of three numbers."""
    if shape is None:
        return 0
    try:
        points, numbers = map(int, shape if isinstance(shape, list) else ())
        if max(points, numbers) > _LARGEST_NUMBER:
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
    file = next((file for name in NAMES_FILES for file in folder.files if file.name == name), None)
    if file is None:
        data.notices.append(_no_class_names(len(folder.other_files)))
    lists = [f for f in folder.other_files if f.suffix.lower() == ".txt" and split_from_word(f.stem) and is_list(f)]
    listed: SplitImages = [(split_from_word(f.stem), read_list(f, folder)) for f in lists]
    if not lists:
        listed = [(folder.split_of(f), [f]) for f in folder.image_files]
    return listed, Rows(_names_in_lines(file) if file else {})


def _without_repeats(listed: SplitImages, config: Path, data: Source) -> SplitImages:
    """Drops each split whose images are all in another split, because a score on it would say nothing."""
    files = {split: {file for s, found in listed if s == split for file in found} for split in SPLITS}
    for split, other in (("val", "train"), ("test", "train"), ("test", "val")):
        if files[split] and files[split] <= files[other]:
            data.notices.append(_repeated_split(config, split, other, len(files[split])))
            files[split] = set()
    return [(split, found) for split, found in listed if split and files[split]]


def _nc_differs(config: Path, nc: object, count: int) -> Finding:
    return notices.build(
        "nc_differs", "The number of classes in the YOLO configuration is wrong",
        f"{config.name}: nc is {shown(nc)}, but {plurals.count(count, 'name', 'is')} given: the names are used",
        count=count, of=count, what="classes", severity="medium",
        remedy=f"Check whether a name is missing in {config.name}, and correct nc.",
    )  # fmt: skip


def _split_missing(config: Path, place: object, split: str) -> Finding:
    return notices.build(
        "split_missing", "A split in the YOLO configuration does not exist",
        f"{config.name} names {place} for {split}, which does not exist: the data has no {split} split",
        count=0, of=1, what="folders or lists", cause="split", subject=split,
        remedy=f"Copy the images of {split} there, or correct the path in {config.name}.",
    )  # fmt: skip


def _no_class_names(count: int) -> Finding:
    return notices.build(
        "no_class_names", "The data has no class names",
        f"There is no {' or '.join(NAMES_FILES[:2])}: classes are named by number",
        count=0, of=count, what="files with names",
        remedy="Write one name a line into classes.txt in the data folder, in the order of the numbers.",
    )  # fmt: skip


def _repeated_split(config: Path, split: str, other: str, count: int) -> Finding:
    without = "If val is removed" if split == "val" else "If val and test are removed"
    return notices.build(
        f"{split}_is_{other}", "All images of one split are also in another split",
        f"{config.name}: all images of {split} ({count}) are also in {other}: they stay in {other}, "
        f"and the data has no {split} split",
        count=count, of=count, cause="split",
        remedy=f"Give {split} images of its own. {without} from {config.name}, convert makes the missing splits.",
    )  # fmt: skip


def _numbered_names(names: object, config: Path) -> dict[int, str]:
    """Names by number: `[cat, dog]` counts from 0; `{1: cat, 2: dog}` gives the numbers."""
    try:
        if not isinstance(names, list | dict):
            raise TypeError("text is no list of names")
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        ordered = sorted(((int(number), name) for number, name in pairs), key=lambda pair: pair[0])
        if ordered and max(ordered[-1][0], -ordered[0][0]) > _LARGEST_NUMBER:
            raise ValueError("no label has such a number")
        numbered = dict(ordered)
        if any(isinstance(name, list | dict) for name in numbered.values()):
            raise TypeError("a list is no name")
    except (ValueError, TypeError, OverflowError):
        raise UserError(
            f"{config}: names is {shown(names)}; expected a list of names, or a mapping from number to name"
        ) from None
    return _checked_names(numbered, config)


def _names_in_lines(file: Path) -> dict[int, str]:
    text = load_text(file, limits.NAMES_BYTES).rstrip()
    # `splitlines` would also split at control characters, and every later class would get a wrong number.
    return _checked_names(dict(enumerate(re.split(r"\r\n|\r|\n", text) if text else [])), file)


def _checked_names(names: dict[int, Any], file: Path) -> dict[int, str]:
    """Raises UserError for a class without a name, and for two classes with one name."""
    texts = {number: "" if name is None else str(name) for number, name in names.items()}
    if blank := [number for number, text in texts.items() if not text.strip()]:
        raise UserError(
            f"{file}: class {blank[0]} has no name; give it one, in quotes if YAML reads it as empty (null, ~)"
        )
    if twice := [text for text, count in Counter(texts.values()).items() if count > 1]:
        raise UserError(f"{file}: the class {shown(min(twice))} is listed twice; give each class its own name")
    return texts
