"""Reads YOLO txt labels: darknet lists (`obj.data`), Ultralytics `data.yaml`, or labels beside or below `labels/`."""

import os
import re
from pathlib import Path

import yaml

from boxwright.convert import source
from boxwright.convert.source import Fault, Folder, Image, Notice, Object, Source
from boxwright.core.errors import UserError

_LABEL = re.compile(r"^\s*\d+(\s+[-+.\deEnaif]+){4,}\s*$")
_NUMBER = re.compile(r"[0-9]{1,9}$")
_NAMES_FILES = ("obj.names", "classes.txt", "classes.names", "_darknet.labels")


def find(folder: Folder) -> list[Path]:
    """What speaks for YOLO: a configuration with class names, and txt labels that belong to an image."""
    configs = [file for file in folder.others if _is_data_file(file) or _is_yaml(file)]
    return configs or _labels_found(folder)


def _is_data_file(file: Path) -> bool:
    return file.suffix == ".data" and "names" in _settings(file)


def _is_yaml(file: Path) -> bool:
    if file.suffix.lower() not in (".yaml", ".yml"):
        return False
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a date such as 2026-99-99
        return False
    return isinstance(content, dict) and "names" in content and bool({"train", "val", "path", "nc"} & set(content))


def _labels_found(folder: Folder) -> list[Path]:
    texts = [file for file in folder.others if file.suffix == ".txt"]
    stems = {file.stem for file in folder.pictures} if texts else set()
    candidates = [file for file in texts if file.stem in stems]
    return [file for file in candidates if _LABEL.match((file.read_text(errors="replace").splitlines() or [""])[0])]


def _settings(file: Path) -> dict[str, str]:
    """`key = value` lines of a darknet .data file."""
    pairs = (line.partition("=") for line in file.read_text(errors="replace").splitlines())
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}


def read(folder: Folder, configs: list[Path]) -> Source:
    root = folder.root
    data = Source("yolo", root)
    if len([c for c in configs if c.suffix != ".txt"]) > 1:
        raise UserError(
            f"{root}: several YOLO configurations ({', '.join(c.name for c in configs)}); give --data one set"
        )
    if configs[0].suffix == ".data":
        listed, names = _darknet(configs[0], data)
    elif configs[0].suffix == ".txt":
        listed, names = _plain(folder, data)
    else:
        listed, names = _ultralytics(configs[0], folder, data)
    known = set(folder.files)
    images = [_image(file, split, data, known, names) for split, paths in listed for file in paths]
    data.images = source.without_duplicates(images)
    data.images += source.unlisted(folder, data.images, "unlisted", "in no list of the configuration")
    data.images += _labels_without_image(folder, data, names)
    return data


Listed = list[tuple[str | None, list[Path]]]
Names = dict[int, str]


def _darknet(config: Path, data: Source) -> tuple[Listed, Names]:
    settings = _settings(config)
    data.categories = _lines(_locate(settings["names"], config.parent, data.root, needed_by=config))
    lists = {
        split: settings[key]
        for split, key in (("train", "train"), ("val", "valid"), ("test", "test"))
        if key in settings
    }
    if "train" in lists and lists.get("val") == lists["train"]:
        text = f"{config.name}: valid is the same list as train ({lists['val']}): a score on it says nothing, so it is ignored"
        data.notices.append(Notice("val_is_train", text, lists.pop("val")))
    files = {split: _locate(name, config.parent, data.root, needed_by=config) for split, name in lists.items()}
    return [(split, _entries(file, data.root)) for split, file in files.items()], dict(enumerate(data.categories))


def _ultralytics(config: Path, folder: Folder, data: Source) -> tuple[Listed, Names]:
    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    names = _numbered(content["names"], config)
    data.categories = list(names.values())
    base = config.parent / str(content.get("path") or "")
    listed: Listed = []
    for split in ("train", "val", "test"):
        places = content.get(split) or []
        for place in places if isinstance(places, list) else [places]:
            needed_by = config if split == "train" else None
            path = _locate(str(place), base if os.path.isdir(base) else config.parent, data.root, needed_by=needed_by)
            if not os.path.exists(path):
                text = f"{config.name} names {place} for {split}, which does not exist: taken as no {split} split"
                data.notices.append(Notice("split_missing", text, split))
                continue
            below = [f for f in folder.pictures if path in f.parents]
            listed.append((split, below if path.is_dir() else _entries(path, data.root)))
    return listed, names


def _numbered(names: list | dict, config: Path) -> dict[int, str]:
    """`[cat, dog]` counts from 0; `{1: cat, 2: dog}` says its numbers itself."""
    try:
        if isinstance(names, str):
            raise TypeError("text is no list of names")
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        return {int(number): str(name) for number, name in sorted(pairs, key=lambda pair: int(pair[0]))}
    except (ValueError, TypeError, OverflowError):
        raise UserError(f"{config}: names are {names}; expected a list, or numbers with a name each") from None


def _plain(folder: Folder, data: Source) -> tuple[Listed, Names]:
    names = next((file for name in _NAMES_FILES for file in folder.files if file.name == name), None)
    if names:
        data.categories = _lines(names)
    else:
        data.notices.append(
            Notice("no_class_names", f"no {' or '.join(_NAMES_FILES[:2])}: classes are named by number", 0)
        )
    listed = [(source.split_of_folder(source.relative(f, folder.root)), [f]) for f in folder.pictures]
    return listed, dict(enumerate(data.categories))


def _lines(file: Path) -> list[str]:
    names = [line for line in source.text(file).splitlines() if line.strip()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f"{file}: the class {twice[0]!r} stands there twice; give each class its own name")
    return names


def _locate(name: str, folder: Path, root: Path, *, needed_by: Path | None = None) -> Path:
    """A path of a configuration: relative to it, to a folder above it up to the data folder, or with a leading `../` or `data/`
    that exports (Roboflow, CVAT) write wrongly. Where nothing is found: UserError for a list or names file, the first guess for
    an image."""
    above = [folder, *(p for p in folder.parents if p == root or root in p.parents)]
    short = re.sub(r"^(\.\./)+", "", name)
    names = dict.fromkeys((name, short, short.removeprefix("data/")))
    tries = [base / n for base in above for n in names]
    # Not Path.exists, which fails for names that no disk can have.
    found = next((path for path in tries if os.path.exists(path)), None)
    if found is None and needed_by:
        raise UserError(f"{needed_by} names {name}, which does not exist (looked below {root}); correct the path in it")
    return Path(os.path.normpath(found or tries[0]))


def _entries(file: Path, root: Path) -> list[Path]:
    return [_locate(line.strip(), file.parent, root) for line in source.text(file).splitlines() if line.strip()]


def label_of(image: Path) -> Path:
    """The label file of an image, by Ultralytics' rule: the last folder `images` becomes `labels`."""
    parts = list(image.parts)
    if "images" in parts[:-1]:
        parts[len(parts) - 2 - parts[-2::-1].index("images")] = "labels"
    return _as_text(Path(*parts))


def _as_text(file: Path) -> Path:
    """The label file beside an image; a damaged list may name a folder (`/`), which has none."""
    return file.with_suffix(".txt") if file.name else file


def _image(file: Path, split: str | None, data: Source, known: set[Path], names: Names) -> Image:
    name = source.relative(file, data.root)
    label = next((p for p in (label_of(file), _as_text(file)) if p in known), None)
    if file not in known and not os.path.exists(file):
        objects = _objects(label, names) if label else ()
        return Image(file, name, objects, split, fractions=True, fault=Fault("missing", "listed, but not there"))
    if label is None:
        data.notices.append(
            Notice("no_label_file", f"{name} has no label file: kept as an image without objects", name)
        )
        return Image(file, name, (), split, fractions=True)
    return Image(file, name, _objects(label, names), split, fractions=True)


def _objects(label: Path, names: Names) -> tuple[Object, ...]:
    lines = label.read_text(errors="replace").splitlines()
    return tuple(_object(line.split(), names) for line in lines if line.strip())


def _object(words: list[str], names: Names) -> Object:
    """`class x y w h` (center), or `class x1 y1 x2 y2 ...`: a polygon, of which the bounding box is taken."""
    if not _NUMBER.match(words[0]) or (names and int(words[0]) not in names):
        known = f"{min(names)}..{max(names)}" if names else "the numbers"
        return Object("", source.NO_BOX, fault=Fault("unknown_class", f"class {words[0]}, not one of {known}"))
    name = names[int(words[0])] if names else words[0]
    try:
        numbers = [float(word) for word in words[1:]]
    except ValueError:
        return Object(name, source.NO_BOX, fault=Fault("not_a_number", " ".join(words)))
    if len(numbers) == 4:
        x, y, width, height = numbers
        return Object(name, (x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    if len(numbers) >= 6 and len(numbers) % 2 == 0:
        xs, ys = numbers[::2], numbers[1::2]
        return Object(name, (min(xs), min(ys), max(xs), max(ys)))
    return Object(name, source.NO_BOX, fault=Fault("unreadable_annotation", f"{len(numbers)} numbers, expected 4"))


def _labels_without_image(folder: Folder, data: Source, names: Names) -> list[Image]:
    """Labels whose image is gone, each as a missing image with its objects."""
    taken = {label_of(i.file) for i in data.images} | {_as_text(i.file) for i in data.images}
    alone = [
        f
        for f in folder.others
        if f.suffix == ".txt" and f not in taken and f.name not in _NAMES_FILES and _is_label(f)
    ]
    fault = Fault("missing", "a label without its image")
    return [Image(f, source.relative(f, folder.root), _objects(f, names), fractions=True, fault=fault) for f in alone]


def _is_label(file: Path) -> bool:
    lines = [line for line in file.read_text(errors="replace").splitlines() if line.strip()]
    return bool(lines) and all(map(_LABEL.match, lines))
