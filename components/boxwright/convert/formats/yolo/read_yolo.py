"""Reads a YOLO data set: its configuration gives the images and class names, its label files the objects."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from boxwright.convert.formats.yolo import class_names, data_config, label_files, read_rows, respell
from boxwright.convert.formats.yolo.label_files import LabelFiles
from boxwright.convert.formats.yolo.paths import SplitImages
from boxwright.convert.formats.yolo.respell import Labelled
from boxwright.convert.formats.yolo.rows import Rows, Seen
from boxwright.convert.reading import files, merge_annotations
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.names import image_of_label, respelled, spellings
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.source import Fault, Image, Source
from boxwright.core.runtime.errors import UserError


def find(folder: Folder) -> list[Path]:
    """The configurations that name classes; if there is none, the txt labels that belong to an image."""
    return [file for file in folder.other_files if data_config.is_config(file)] or _find_labels(folder)


def _find_labels(folder: Folder) -> list[Path]:
    texts = [file for file in folder.other_files if file.suffix.lower() == ".txt"]
    stems = {file.stem for file in folder.image_files} if texts else set()
    found = [file for file in texts if file.stem in stems and label_files.begins_as_label(file)]
    return found or _find_respelled([file for file in texts if file.stem not in stems], folder)


def _find_respelled(texts: Sequence[Path], folder: Folder) -> list[Path]:
    """The labels that have the name of an image in another spelling. Beside a list of classes, all labels count."""
    labels = [file for file in texts if label_files.begins_as_label(file)]
    if any(map(class_names.is_list, texts)):
        return labels
    names = {spellings.without_prefix(file.name) for file in folder.image_files} if labels else set()
    return [file for file in labels if spellings.without_prefix(file.stem) in names]


def near_miss(file: Path) -> NearMiss | None:
    """A YAML file that cannot be parsed, or that names splits and no classes."""
    if not data_config.is_yaml(file) or data_config.is_config(file):
        return None
    try:
        content = data_config.load_yaml(file)
    except UserError as error:
        return NearMiss(str(error).removeprefix(f"{file} "))
    names_splits = isinstance(content, dict) and {"train", "val"} & set(content)
    return NearMiss("has no names of classes") if names_splits else None


def read(folder: Folder, found: list[Path], _: str = "") -> Source:
    """found: configurations, or labels. Raises UserError for several configurations, and for labels in the wrong place."""
    root = folder.root
    data = Source("yolo", root)
    listed, rows = _read_config(folder, found, data)
    listed, respelled_files = respell.lists(listed, folder)
    data.categories = list(rows.names.values())
    labels = LabelFiles(folder)
    labelled = [(file, split, labels.find(file)) for split, image_files in listed for file in image_files]
    used = _used_labels(labelled, labels, folder)
    alone = [file for file in labels.files if file not in used and _is_label(file)]
    second = _second_labels(labelled, alone)
    alone = [file for file in alone if file not in second]
    pairs = respell.labels(labelled, alone, labels, folder)
    owners = {file: label for label, file in pairs.items()}
    labelled = [(file, split, label or owners.get(file)) for file, split, label in labelled] if pairs else labelled
    images, rows, found_in_rows = read_rows.read([*labelled, *second.values()], rows, folder)
    data.notices += found_in_rows
    if second:
        images, merged = merge_annotations.merge_listings([images], "label file")
        data.notices += merged
    respelled_files |= image_of_label.by_label(pairs, folder)
    data.notices += respelled.notice(respelled_files.items(), root, len(images))
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(folder, data.images, "unlisted", "in no list of the configuration")
    alone = [file for file in alone if file not in pairs]
    if not used and not pairs:
        _check_places(alone, folder)
    data.images += [_label_without_image(file, root, rows) for file in alone]
    return data


def _second_labels(labelled: Sequence[Labelled], alone: Sequence[Path]) -> dict[Path, Labelled]:
    """The labels beside images that have another label in `labels`, each with its image."""
    if not alone:
        return {}
    owners = {file.with_suffix(""): (file, split) for file, split, label in reversed(labelled) if label}
    return {file: (*owners[place], file) for file in alone if (place := file.with_suffix("")) in owners}


def _used_labels(labelled: Sequence[Labelled], labels: LabelFiles, folder: Folder) -> set[Path]:
    """The labels that belong to an image, whether a list names it or not."""
    listed = {file for file, _, _ in labelled}
    unlisted = (labels.find(file) for file in folder.image_files if file not in listed)
    return {label for label in chain((label for _, _, label in labelled), unlisted) if label}


def _read_config(folder: Folder, found: list[Path], data: Source) -> tuple[SplitImages, Rows]:
    configs = [file for file in found if file.suffix.lower() != ".txt"]
    if len(configs) > 1:
        names = ", ".join(file.name for file in configs)
        raise UserError(f"{folder.root}: several YOLO configurations ({names}); give --data the folder of one of them")
    if not configs:
        return data_config.without_config(folder, data)
    if configs[0].suffix.lower() == ".data":
        return data_config.darknet(configs[0], folder, data)
    return data_config.ultralytics(configs[0], folder, data)


def _is_label(file: Path) -> bool:
    return not class_names.is_list(file) and label_files.is_label(file)


def _check_places(alone: Sequence[Path], folder: Folder) -> None:
    """Raises UserError when no image has a label, but labels have the names of images: they lie in the wrong folder."""
    image_files = {file.stem: file for file in reversed(folder.image_files)}
    label = next((file for file in alone if file.stem in image_files), None)
    if label is not None:
        first, image = (files.relative_name(file, folder.root) for file in (label, image_files[label.stem]))
        raise UserError(
            f"{folder.root}: none of the {len(alone)} label files lies where convert looks for it (first: {first} of {image}); "
            "move the labels beside the images, or move the images into a folder `images` and the labels into `labels` beside it"
        )


def _label_without_image(label: Path, root: Path, rows: Rows) -> Image:
    """A label without an image counts as a missing image with its objects."""
    fault = Fault("missing", "a label without its image")
    return Image(
        label,
        files.relative_name(label, root),
        label_files.objects(label, rows, Seen(), label),
        fractions=True,
        fault=fault,
    )


READER = Reader(
    expected="YOLO txt labels (with data.yaml, obj.data or classes.txt)",
    find=find,
    read=read,
    near_miss=near_miss,
    set_suffixes=(".yaml", ".yml", ".data"),
)
