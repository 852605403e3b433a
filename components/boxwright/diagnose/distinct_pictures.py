"""Which images are evidence of their own. Copies of one picture, or of one scene in which nothing moved, count once."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from boxwright.core import boxes as geometry
from boxwright.core import near_duplicates
from boxwright.core.near_duplicates import SamePictures

# Two label sets are equal if the boxes overlap this much on average, seen from either set. Copies that were resized or encoded
# again reach 0.95. A crowd of neighbours that moved by half a side has a third.
_SAME_BOXES = 0.6
# A picture is compared with this many that were kept before it, the latest first: copies and frames follow each other.
_COMPARED = 4
# Images with more boxes are compared by their number only.
_MOST_BOXES = 300
_NO_BOXES = np.empty((0, 4))


def distinct(images: pd.DataFrame, objects: pd.DataFrame) -> np.ndarray:
    """(n,) whether each image is the first of its split that shows its picture.

    Images show one picture if Roboflow made them of it. They also do if their hashes are near or mirrored, and if their boxes
    are the same or mirrored. Frames of a fixed camera in which the objects moved are pictures of their own.
    images: filename, split, dhash and image_id. objects: image_id and the sides of the boxes.
    """
    same = same_pictures(images)
    _, numbers, sizes = np.unique(same.groups, return_inverse=True, return_counts=True)
    kept = sizes[numbers] == 1
    rows = np.flatnonzero(~kept)
    if len(rows):
        ids = images.image_id.to_numpy()[rows]
        groups = list(zip(images.split.to_numpy()[rows], numbers[rows], strict=True))
        kept[rows] = _first_of_groups(groups, same.version_of[rows], _boxes_of(ids, objects))
    return kept


def same_pictures(images: pd.DataFrame) -> SamePictures:
    """Which images show the same picture, by their hashes and by Roboflow's names. images: filename and dhash."""
    hashes = images.dhash.where(images.dhash.notna(), None).tolist()
    return near_duplicates.same_pictures(images.filename.tolist(), hashes)


def _boxes_of(image_ids: np.ndarray, objects: pd.DataFrame) -> list[np.ndarray]:
    """boxes_yxyx (n, 4) of each image."""
    chosen = objects.loc[objects.image_id.isin(image_ids), ["image_id", "ymin", "xmin", "ymax", "xmax"]]
    by_image = {int(id): of.to_numpy(float)[:, 1:] for id, of in chosen.groupby("image_id")}
    return [by_image.get(int(id), _NO_BOXES) for id in image_ids]


def _first_of_groups(
    groups: Sequence[tuple[str, int]], version_of: np.ndarray, boxes: Sequence[np.ndarray]
) -> np.ndarray:
    """(n,) whether an image differs from all earlier images of its group that it is compared with."""
    kept = np.zeros(len(groups), bool)
    versions: dict[tuple[str, int], set[int]] = {}
    earlier: dict[tuple[str, int], list[np.ndarray]] = {}
    for row, group in enumerate(groups):
        seen, before = versions.setdefault(group, set()), earlier.setdefault(group, [])
        version = int(version_of[row])
        kept[row] = version not in seen and not any(_same(boxes[row], other) for other in before[-_COMPARED:])
        if version >= 0:
            seen.add(version)
        if kept[row]:
            before.append(boxes[row])
    return kept


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two images have the same boxes, directly or mirrored. a, b: boxes_yxyx (n, 4) and (m, 4)."""
    if len(a) != len(b) or len(a) > _MOST_BOXES:
        return len(a) == len(b)
    if not len(a):
        return True
    mirrored = np.stack([b[:, 0], 1 - b[:, 3], b[:, 2], 1 - b[:, 1]], axis=1)
    return any(_overlap(a, other) >= _SAME_BOXES for other in (b, mirrored))


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    """The smaller mean of the best IoU of each box, seen from either set."""
    iou = geometry.iou(a, b)
    return float(min(iou.max(1).mean(), iou.max(0).mean()))
