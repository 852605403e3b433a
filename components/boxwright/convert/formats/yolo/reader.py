"""Reads YOLO txt labels: darknet lists (`obj.data`), Ultralytics `data.yaml`, or labels beside or below `labels/`."""

import os
from collections.abc import Sequence
from pathlib import Path

from boxwright.convert.formats import merge_annotations, source
from boxwright.convert.formats.source import Fault, Folder, Image, Near, Notice, Source
from boxwright.convert.formats.yolo import config, labels
from boxwright.convert.formats.yolo.labels import Labels, Rows
from boxwright.core.runtime.errors import UserError


def find(folder: Folder) -> list[Path]:
    """What speaks for YOLO: a configuration with class names, and txt labels that belong to an image."""
    return [file for file in folder.others if config.is_config(file)] or _labels_found(folder)


def _labels_found(folder: Folder) -> list[Path]:
    texts = [file for file in folder.others if file.suffix.lower() == ".txt"]
    stems = {file.stem for file in folder.pictures} if texts else set()
    return [file for file in texts if file.stem in stems and labels.begins_as_label(file)]


def nearly(file: Path) -> Near | None:
    if not config.is_yaml(file) or config.is_config(file):
        return None
    try:
        content = config.loaded(file)
    except UserError as error:
        return Near(str(error).removeprefix(f"{file} "))
    return Near("has no names of classes") if isinstance(content, dict) and {"train", "val"} & set(content) else None


def read(folder: Folder, evidence: list[Path]) -> Source:
    root = folder.root
    data = Source("yolo", root)
    configs = [file for file in evidence if file.suffix.lower() != ".txt"]
    if len(configs) > 1:
        raise UserError(
            f"{root}: several YOLO configurations ({', '.join(c.name for c in configs)}); give --data one set"
        )
    if not configs:
        listed, rows = config.plain(folder, data)
    elif configs[0].suffix.lower() == ".data":
        listed, rows = config.darknet(configs[0], data)
    else:
        listed, rows = config.ultralytics(configs[0], folder, data)
    data.categories = list(rows.names.values())
    labels, known = Labels(folder), set(folder.files)
    found = [(file, split, labels.of(file)) for split, files in listed for file in files]
    images = [_image(file, split, label, root, known, rows) for file, split, label in found]
    data.notices += _unlabelled([image for image, (_, _, label) in zip(images, found, strict=True) if label is None])
    data.images = merge_annotations.without_duplicates(images)
    data.images += merge_annotations.unlisted(folder, data.images, "unlisted", "in no list of the configuration")
    taken = {label for _, _, label in found} | {labels.of(image.file) for image in data.images[len(images) :]}
    alone = [file for file in labels.files if file not in taken and _is_label(file)]
    if not taken - {None}:
        _check_places(alone, folder)
    data.images += [_without_image(file, root, rows) for file in alone]
    return data


def _image(file: Path, split: str | None, label: Path | None, root: Path, known: set[Path], rows: Rows) -> Image:
    name = source.relative(file, root)
    objects = labels.objects(label, rows) if label else ()
    if file not in known and not os.path.exists(file):
        return Image(file, name, objects, split, fractions=True, fault=Fault("missing", "listed, but not there"))
    return Image(file, name, objects, split, fractions=True)


def _unlabelled(images: Sequence[Image]) -> list[Notice]:
    """Of one notice: they may be many. What becomes of them is not known here: they may be damaged."""
    names = list(dict.fromkeys(image.filename for image in images if image.fault is None))
    first = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    text = f"{len(names)} images have no label file, and so no objects: {first}"
    return [Notice("no_label_file", text, len(names))] if names else []


def _is_label(file: Path) -> bool:
    return file.name not in config.NAMES_FILES and labels.is_label(file)


def _check_places(alone: Sequence[Path], folder: Folder) -> None:
    """Raises UserError when no image has a label and labels have the names of images: all lie in the wrong place."""
    pictures = {file.stem: file for file in reversed(folder.pictures)}
    label = next((file for file in alone if file.stem in pictures), None)
    if label is not None:
        first, picture = (source.relative(file, folder.root) for file in (label, pictures[label.stem]))
        raise UserError(
            f"{folder.root}: none of the {len(alone)} label files lies where its image expects it ({first}, say, of {picture}); "
            "move them beside the images, or the images into a folder `images` and the labels into `labels` beside it"
        )


def _without_image(label: Path, root: Path, rows: Rows) -> Image:
    """A label whose image is gone, as a missing image with its objects."""
    fault = Fault("missing", "a label without its image")
    return Image(label, source.relative(label, root), labels.objects(label, rows), fractions=True, fault=fault)
