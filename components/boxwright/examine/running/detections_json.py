"""Detections that somebody's program wrote, as COCO json: a list of {image_id, category_id, bbox, score}."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, shown
from boxwright.examine.reading.reading import Feeding
from boxwright.examine.running.raw import Detector, Image, Raw

_KEYS = ("image_id", "category_id", "bbox", "score")
_BYTES = 2 * limits.GIB
_EXPECTED = (
    'expected a list of {"image_id": 1, "category_id": 1, "bbox": [x, y, width, height], "score": 0.9} (COCO results)'
)
# An image of `image_id` N, in a COCO file that --image-ids names.
Names = Mapping[Any, str]


class JsonSource:
    """names: image id -> file name, from the COCO file that the ids are of; empty: the ids are file names or their numbers.

    lost: number of detections of images that are not among `files`, the data's. Raises UserError if the file is no list of
    detections, and if none is of an image in `files`.
    """

    def __init__(self, path: Path, files: Sequence[str], names: Names) -> None:
        rows = read(path)
        known = _by_stem(files)
        self._of: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.lost = 0
        for row in rows:
            file = known.get(_stem(names.get(row["image_id"], row["image_id"])))
            if file is None:
                self.lost += 1
            else:
                self._of[file].append(row)
        if rows and not self._of:
            raise UserError(
                f"{path}: none of its image ids, such as {shown(rows[0]['image_id'])}, is an image of the data, such as "
                f"{shown(files[0]) if files else 'none'}; give the COCO file that the ids are of with --image-ids"
            )
        most = max(Counter(len(of_image) for of_image in self._of.values()), default=0)
        self.detector = Detector(
            kind="ssd", height=0, width=0, takes="", scaling="pixels", first_class=1, most=most,
            box_order="xywh", box_unit="image pixels",
        )  # fmt: skip

    def raw(self, image: Image, feeding: Feeding) -> Raw:
        """The detections of an image; what it is fed plays no role."""
        rows = self._of.get(image.name, [])
        order = np.argsort([-row["score"] for row in rows], kind="stable")
        return Raw(
            boxes=np.array([rows[i]["bbox"] for i in order], float).reshape(-1, 4),
            scores=np.array([rows[i]["score"] for i in order], float),
            classes=np.array([rows[i]["category_id"] for i in order], np.int64),
        )


def read(path: Path) -> list[dict[str, Any]]:
    """The detections. Raises UserError if the file is no list of them, and names the first wrong one."""
    if not path.is_file():
        raise UserError(f"{path} does not exist; {_EXPECTED}")
    with path.open("rb") as file:
        text = limits.read_at_most(file, _BYTES, path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise UserError(f"{path} is not JSON, or is cut off; {_EXPECTED}") from None
    rows = content.get("annotations") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise UserError(f"{path} has no list of detections; {_EXPECTED}")
    for number, row in enumerate(rows):
        if not _is_detection(row):
            raise UserError(f"{path}: entry {number} is {shown(row)}; {_EXPECTED}")
    return rows


def image_names(path: Path) -> Names:
    """Image id -> file name of a COCO file. Raises UserError for any other file."""
    try:
        with path.open("rb") as file:
            images = json.loads(limits.read_at_most(file, _BYTES, path))["images"]
        return {image["id"]: str(image["file_name"]) for image in images}
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; give a COCO file with `images`") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UserError(f"{path} is not a COCO file with `images`; give the one that the image ids are of") from None


def _is_detection(row: object) -> bool:
    if not isinstance(row, dict) or not set(_KEYS) <= set(row):
        return False
    box, numbers = row["bbox"], (row["category_id"], row["score"])
    if not isinstance(box, list) or len(box) != 4 or not isinstance(row["image_id"], int | str):
        return False
    return all(_is_number(one) for one in (*box, *numbers)) and row["category_id"] == int(row["category_id"])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _by_stem(files: Sequence[str]) -> dict[str, str]:
    """Stem -> file, for stems that only one file has. A stem of digits also counts without its leading zeros."""
    stems = Counter(key for file in files for key in _keys(file))
    return {key: file for file in files for key in _keys(file) if stems[key] == 1}


def _keys(file: str) -> set[str]:
    stem = _stem(file)
    return {stem, str(int(stem))} if stem.isdecimal() else {stem}


def _stem(name: object) -> str:
    """Of a file name or id: `a/b.jpg` and `a\\b.JPG` give `b`."""
    path = PurePath(str(name).replace("\\", "/"))
    return path.stem if path.suffix else path.name
