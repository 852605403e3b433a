"""What a YOLO configuration says: the images of each split and the names of the classes. Darknet's `obj.data`, Ultralytics'
`data.yaml`, or no more than `classes.txt` and `train.txt`."""

import os
import re
from pathlib import Path, PurePath

import yaml

from boxwright.convert.formats import source
from boxwright.convert.formats.source import Folder, Notice, Source
from boxwright.convert.formats.yolo.labels import Rows
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime import yaml_loader
from boxwright.core.runtime.errors import UserError

NAMES_FILES = ("obj.names", "classes.txt", "classes.names", "_darknet.labels")
_KEYS = {"train": ("train",), "val": ("val", "valid", "validation"), "test": ("test",)}
# Windows' too.
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")

Listed = list[tuple[str | None, list[Path]]]


class _Words(yaml_loader.Loader):
    """Takes what is written as text: in YAML 1.1 the classes `yes` and `no` would be True and False, and 12:30 be 750."""


_Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag.endswith((":null", ":merge"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def is_config(file: Path) -> bool:
    if file.suffix.lower() == ".data":
        return "names" in _settings(file)
    return is_yaml(file) and _describes_data(file)


def is_yaml(file: Path) -> bool:
    return file.suffix.lower() in (".yaml", ".yml")


def _describes_data(file: Path) -> bool:
    try:
        content = loaded(file)
    except UserError:  # of another tool, perhaps; `plain` says so where it would be missed
        return False
    return isinstance(content, dict) and "names" in content and bool({"train", "val", "path", "nc"} & set(content))


def loaded(file: Path) -> object:
    """Raises UserError for what is no YAML."""
    try:
        return yaml.load(source.text(file), _Words)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = f"{error.problem} in line {mark.line + 1}" if mark else error
        raise UserError(
            f"{file} cannot be read as YAML: {why}; repair that place, or move it out of the data"
        ) from None


def _settings(file: Path) -> dict[str, str]:
    """`key = value` lines of a darknet .data file. Others of that name may be large."""
    content = source.head(file, 1 << 16) or b""
    pairs = (line.partition("=") for line in content.decode("utf-8-sig", "replace").splitlines())
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}


def darknet(config: Path, data: Source) -> tuple[Listed, Rows]:
    settings = _settings(config)
    names = _lines(_locate(settings["names"], config.parent, data.root, needed_by=config))
    lists = {split: settings[key] for split, keys in _KEYS.items() for key in keys if key in settings}
    files = {split: _locate(name, config.parent, data.root, needed_by=config) for split, name in lists.items()}
    listed: Listed = [(split, _entries(file, data.root)) for split, file in files.items()]
    return _without_repeats(listed, config, data), Rows(names)


def ultralytics(config: Path, folder: Folder, data: Source) -> tuple[Listed, Rows]:
    content = loaded(config)
    names = _numbered(content["names"], config)
    if "nc" in content and str(content["nc"]) not in (str(len(names)), str(max(names, default=-1) + 1)):
        text = f"{config.name}: nc is {content['nc']}, but names are {len(names)}: the names count"
        data.notices.append(Notice("nc_differs", text, len(names)))
    listed: Listed = []
    for split, keys in _KEYS.items():
        places = next((content[key] for key in keys if content.get(key)), [])
        for place in places if isinstance(places, list) else [places]:
            path = _place(str(place), split, content.get("path"), config, data.root)
            if path is None:
                text = f"{config.name} names {place} for {split}, which does not exist: taken as no {split} split"
                data.notices.append(Notice("split_missing", text, split))
            elif path.is_dir():
                listed.append((split, [f for f in folder.pictures if path in f.parents]))
            else:
                listed.append((split, _entries(path, data.root)))
    return _without_repeats(listed, config, data), Rows(names, _keypoints(content.get("kpt_shape"), config))


def _place(name: str, split: str, base: object, config: Path, root: Path) -> Path | None:
    """Where the images of a split, or their list, lie; None for nowhere, except for train. Raises UserError for images outside
    the data folder."""
    bases = [config.parent / _slashed(str(base))] if base else []
    bases = [folder for folder in (*bases, config.parent) if os.path.isdir(folder)]
    found = [_inside(path, root) for folder in bases if os.path.exists(path := _locate(name, folder, root))]
    path = next((path for path in found if root in (path, *path.parents)), found[0] if found else None)
    if path is None:
        return _locate(name, bases[0], root, needed_by=config) if split == "train" else None
    if path.is_dir() and root not in (path, *path.parents):
        above = os.path.commonpath((path, root))
        raise UserError(
            f"{config} names {path} for {split}, outside of --data; give --data {above}, the folder above both"
        )
    return path


def _keypoints(shape: object, config: Path) -> int:
    """How many numbers follow the box of each object: `[17, 3]` are 17 points of three numbers."""
    if shape is None:
        return 0
    try:
        points, numbers = map(int, shape if isinstance(shape, list) else ())
        return points * numbers
    except (TypeError, ValueError):
        raise UserError(
            f"{config}: kpt_shape is {shape}; expected how many points and numbers each, as [17, 3]"
        ) from None


def plain(folder: Folder, data: Source) -> tuple[Listed, Rows]:
    """Lists named as splits, else the splits of the folders. Raises UserError for a configuration that cannot be read."""
    for file in filter(is_yaml, folder.others):
        loaded(file)
    file = next((file for name in NAMES_FILES for file in folder.files if file.name == name), None)
    if file is None:
        text = f"no {' or '.join(NAMES_FILES[:2])}: classes are named by number"
        data.notices.append(Notice("no_class_names", text, 0))
    lists = [f for f in folder.others if f.suffix.lower() == ".txt" and source.split_named(f.stem) and _is_list(f)]
    listed: Listed = [(source.split_named(f.stem), _entries(f, data.root)) for f in lists]
    if not lists:
        listed = [(source.split_of_folder(source.relative(f, folder.root)), [f]) for f in folder.pictures]
    return listed, Rows(_lines(file) if file else {})


def _is_list(file: Path) -> bool:
    """Whether its first line names a picture."""
    lines = (source.head(file, 4096) or b"").decode("utf-8-sig", "replace").strip().splitlines()
    return bool(lines) and source.is_image(PurePath(lines[0].strip()))


def _without_repeats(listed: Listed, config: Path, data: Source) -> Listed:
    """Without the splits whose images are all in another one, which a score on them would say nothing about."""
    files = {split: {file for s, found in listed if s == split for file in found} for split in SPLITS}
    for split, other in (("val", "train"), ("test", "train"), ("test", "val")):
        if files[split] and files[split] <= files[other]:
            text = (
                f"{config.name}: the {len(files[split])} images of {split} are all in {other}, too: they stay there, "
            )
            text += f"and {split} is taken as not given"
            data.notices.append(Notice(f"{split}_is_{other}", text, len(files[split])))
            files[split] = set()
    return [(split, found) for split, found in listed if files[split]]


def _numbered(names: object, config: Path) -> dict[int, str]:
    """`[cat, dog]` counts from 0; `{1: cat, 2: dog}` says its numbers itself."""
    try:
        if not isinstance(names, list | dict):
            raise TypeError("text is no list of names")
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        numbered = {int(number): name for number, name in sorted(pairs, key=lambda pair: int(pair[0]))}
        if any(isinstance(name, list | dict) for name in numbered.values()):
            raise TypeError("a list is no name")
    except (ValueError, TypeError, OverflowError):
        raise UserError(f"{config}: names are {names}; expected a list, or numbers with a name each") from None
    return _checked(numbered, config)


def _lines(file: Path) -> dict[int, str]:
    return _checked(dict(enumerate(source.text(file).rstrip().splitlines())), file)


def _checked(names: dict[int, object], file: Path) -> dict[int, str]:
    """Raises UserError for a class without a name, and for two of one name."""
    texts = {number: "" if name is None else str(name) for number, name in names.items()}
    if blank := [number for number, text in texts.items() if not text.strip()]:
        raise UserError(
            f"{file}: class {blank[0]} has no name; give it one, in quotes if it is an empty word of YAML (null, ~)"
        )
    seen = list(texts.values())
    if twice := sorted({text for text in seen if seen.count(text) > 1}):
        raise UserError(f"{file}: the class {twice[0]!r} stands there twice; give each class its own name")
    return texts


def _slashed(name: str) -> str:
    """As Windows' tools write it, for this system."""
    return name.replace("\\", "/")


def _locate(name: str, folder: Path, root: Path, *, needed_by: Path | None = None) -> Path:
    """A path of a configuration: relative to it, to a folder above it up to the data folder, or with a leading `../` or `data/`
    that exports (Roboflow, CVAT) write wrongly; or where that of another machine lies here. Where nothing is found: UserError
    for a list or names file, the first guess for an image."""
    above = [folder, *(p for p in folder.parents if p == root or root in p.parents)]
    name = _slashed(name)
    short = re.sub(r"^(\.\./)+", "", name)
    names = dict.fromkeys((name, short, short.removeprefix("data/")))
    tries = [base / n for base in above for n in names] + _brought_along(name, root)
    # Not Path.exists, which fails for names that no disk can have.
    found = next((path for path in tries if os.path.exists(path)), None)
    if found is None and needed_by:
        raise UserError(f"{needed_by} names {name}, which does not exist (looked below {root}); correct the path in it")
    return Path(os.path.normpath(found or tries[0]))


def _brought_along(name: str, root: Path) -> list[Path]:
    """Where something may lie that has an absolute path on the machine where it was listed: the ends of that below the data
    folder, the longest first; not a picture's name alone, which other folders may have, but behind the data folder's own."""
    if not _ABSOLUTE.match(name):
        return []
    parts = PurePath(name).parts[1:]
    ends = [PurePath(*parts[start:]) for start in range(len(parts))]
    places = [root / end for end in ends if len(end.parts) > 1 or not source.is_image(end)]
    return places + [root / end.relative_to(root.name) for end in ends if end.parts[0] == root.name]


def _entries(file: Path, root: Path) -> list[Path]:
    paths = [_locate(line.strip(), file.parent, root) for line in source.text(file).splitlines() if line.strip()]
    folders = {folder: _inside(folder, root) for folder in {path.parent for path in paths}}
    return [folders[path.parent] / path.name for path in paths]


def _inside(folder: Path, root: Path) -> Path:
    """The name below the data folder, which has no links in it, of one that is given through a link."""
    if root in (folder, *folder.parents):
        return folder
    entrance = next((above for above in (folder, *folder.parents) if os.path.realpath(above) == str(root)), None)
    real = Path(os.path.realpath(folder))
    return root / folder.relative_to(entrance) if entrance else real if root in real.parents else folder
