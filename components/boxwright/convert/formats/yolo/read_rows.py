"""Reads the rows of all labels: as boxes and polygons first, and again if they turn out to be something else."""

import os
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from boxwright.convert import notices
from boxwright.convert.formats.yolo import class_names, class_numbers, label_files, odd_rows
from boxwright.convert.formats.yolo.respell import Labelled
from boxwright.convert.formats.yolo.rows import BOX, Rows, Seen, Size
from boxwright.convert.plan.image_headers import Header, read_header
from boxwright.convert.reading import files
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.source import Fault, Image, Object
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.printable import visible_line

# Images that have one label: as many as there are suffixes. A stranger may give a label of 100,000 rows to thousands of images.
_MOST_OWNERS = 16
# EXIF's orientations from 5 on turn an image by a quarter.
_FIRST_ON_ITS_SIDE = 5


def read(labelled: Sequence[Labelled], rows: Rows, folder: Folder) -> tuple[list[Image], Rows, list[Finding]]:
    """The images with their objects, how the rows were read, and notices about it.

    Raises UserError if the rows can be read in several ways, and for class numbers of another list.
    """
    images, seen = _read_labels(labelled, rows, folder)
    forms, found = odd_rows.decide(seen, rows, folder.root, partial(_image_size, folder))
    if forms:
        rows = rows._replace(forms=forms)
        images, _ = _read_labels(labelled, rows, folder)
    if seen.unknown and rows.names:
        labels = dict.fromkeys((label, split) for _, split, label in labelled if label)
        found += class_numbers.check(labels, rows.names, rows.named_by, class_names.lengths(folder))
    if seen.with_commas:
        found.append(_commas_notice(seen, folder))
    return images, rows, found


def _read_labels(labelled: Sequence[Labelled], rows: Rows, folder: Folder) -> tuple[list[Image], Seen]:
    shared, known = _Shared(labelled, rows, folder), set(folder.files)
    images = [_image(one, shared.objects(one[0], one[2]), folder.root, known) for one in labelled]
    return [shared.checked(image, label) for image, (_, _, label) in zip(images, labelled, strict=True)], shared.seen


def _image_size(folder: Folder, image: Path) -> Size | None:
    """(width, height) of an image as it is shown; None if it cannot be read, or lies outside of the data."""
    path = str(image)
    header = read_header(folder.real.get(path, path)) if folder.may_read(path) else None
    if not isinstance(header, Header):
        return None
    return (header.height, header.width) if header.orientation >= _FIRST_ON_ITS_SIDE else (header.width, header.height)


def _commas_notice(seen: Seen, folder: Folder) -> Finding:
    row, label = seen.first_comma
    return notices.build(
        "commas", "Some labels have commas between or inside their numbers",
        f"{plurals.count(seen.with_commas, 'label', 'has')} commas or semicolons: convert read numbers with points, and spaces "
        f"between them (first: `{visible_line(row)}` in {files.relative_name(label, folder.root)})",
        count=seen.with_commas, of=seen.labels, what="labels",
    )  # fmt: skip


class _Shared:
    """Reads each label once. Several images have one label if they differ in their suffix only (`a.jpg` and `a.png`), or if a
    list names an image again."""

    def __init__(self, labelled: Sequence[Labelled], rows: Rows, folder: Folder):
        self._rows, self._folder, self.seen = rows, folder, Seen(usual=(BOX, BOX + rows.keypoints))
        self._read: dict[Path, tuple[Object, ...]] = {}
        uses = Counter(label for _, _, label in labelled if label)
        self._owners: dict[Path, set[Path]] = {label: set() for label, count in uses.items() if count > 1}
        for file, _, label in labelled if self._owners else ():
            if label in self._owners:
                self._owners[label].add(file)

    def objects(self, image: Path, label: Path | None) -> tuple[Object, ...]:
        if label is None or len(self._owners.get(label, ())) > _MOST_OWNERS:
            return ()
        if label not in self._owners:
            return self._objects(image, label)
        if label not in self._read:
            self._read[label] = self._objects(image, label)
        return self._read[label]

    def _objects(self, image: Path, label: Path) -> tuple[Object, ...]:
        size = _image_size(self._folder, image) if self._rows.need_sizes else None
        return label_files.objects(label, self._rows, self.seen, image, size)

    def checked(self, image: Image, label: Path | None) -> Image:
        """The image, with a fault if too many images have its label."""
        count = len(self._owners.get(label, ())) if label else 0
        why = f"its label {label.name if label else ''} belongs to {count} images, at most {_MOST_OWNERS}"
        return image.with_fault("unreadable_annotation", why) if count > _MOST_OWNERS and not image.fault else image


def _image(labelled: Labelled, objects: tuple[Object, ...], root: Path, known: set[Path]) -> Image:
    file, split, label = labelled
    gone = file not in known and not os.path.exists(file)
    fault = Fault("missing", "listed, but does not exist") if gone else None
    return Image(
        file, files.relative_name(file, root), objects, split, fractions=True, fault=fault, labelled=label is not None
    )
