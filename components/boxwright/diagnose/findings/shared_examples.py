"""Examples that several kinds of findings share: which of the user's objects and images show them."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from boxwright.core import anchors, boxes
from boxwright.core.anchors import MATCHED_IOU, Laid
from boxwright.core.findings import Finding
from boxwright.diagnose.data import SIDES, Data, rows
from boxwright.diagnose.findings.examples import Example, Mark, View, box, close_up
from boxwright.diagnose.findings.kind import Shown

# Objects of one class that are named, images of a contact sheet, and classes that get an example each.
_EACH, _SHEET, _CLASSES = 3, 30, 4
_SEED = 0


def subjects(finding: Finding) -> list[str]:
    """The classes that the finding has rows for, in its order, each once."""
    named = (finding.subject, *(evidence.subject for evidence in finding.evidence))
    return list(dict.fromkeys(name for name in named if name))


def out_of_reach(finding: Finding, shown: Shown) -> Iterator[Example]:
    """For each class of the finding, three objects that no anchor of the diagnosed recipe reaches, each with the nearest one."""
    for name in subjects(finding)[:_CLASSES]:
        objects = objects_of(shown.data.distinct, name)
        missed = anchors.best_iou(objects[SIDES].to_numpy(float), shown.laid) < MATCHED_IOU
        views = [_beside_anchor(row, shown.laid) for row in typical(rows(objects, pd.Series(missed, objects.index)))]
        if views:
            yield Example(tuple(views), f"{name}, each with the anchor that fits it best.")


def _beside_anchor(row: pd.Series, laid: Laid) -> View:
    mine = box(row[SIDES])
    anchor, iou = nearest_anchor(mine, laid)
    marks = (Mark(anchor, "blue", "the anchor that fits best"), Mark(mine, "red", "the box of the object"))
    return View(row.filename, marks, f"overlap {iou:.2f}; 0.5 is needed", close_up(mine, anchor, times=1.6))


def nearest_anchor(yxyx: Sequence[float], laid: Laid) -> tuple[tuple[float, float, float, float], float]:
    """The anchor with the highest IoU with a box, and that IoU."""
    placed = anchors.anchors(laid)
    iou = boxes.iou(np.array([yxyx]), placed)[0]
    return box(placed[iou.argmax()]), float(iou.max())


def named_images(finding: Finding, shown: Shown) -> Iterator[Example]:
    """The images that the finding names, with all boxes of its classes on them."""
    names, images = subjects(finding), shown.data.images.set_index("filename").image_id
    for item in finding.items:
        in_image = shown.data.objects.image_id == images.get(item, -1)
        mine = rows(shown.data.objects, in_image & shown.data.objects["class"].isin(names))
        marks = tuple(Mark(box(sides), "red", "boxes of these classes") for sides in mine[SIDES].to_numpy(float))
        yield Example((View(str(item), marks),))


def tiny(finding: Finding, shown: Shown) -> Iterator[Example]:
    """Small objects of each class, as the network sees them."""
    size = shown.used.input_size
    for name in subjects(finding)[:_CLASSES]:
        objects = objects_of(shown.data.distinct, name)
        views = tuple(_at_input(row, size) for row in typical(objects))
        if views:
            yield Example(views, f"{name} as the network sees them at its input of {size} px, magnified.")


def _at_input(row: pd.Series, size: int) -> View:
    mine = box(row[SIDES])
    high, wide = (mine[2] - mine[0]) * size, (mine[3] - mine[1]) * size
    marks = (Mark(mine, "red", "the box of the object"),)
    return View(row.filename, marks, f"{wide:.0f} x {high:.0f} px", close_up(mine, times=4), at_input=size)


def crowded(finding: Finding, shown: Shown) -> Iterator[Example]:
    """For each class, the surroundings of an object of the image that has most of them."""
    for name in subjects(finding)[:_CLASSES]:
        objects = objects_of(shown.data.distinct, name)
        if len(objects):
            fullest = rows(objects, objects.image_id == objects.image_id.value_counts().idxmax())
            marks = tuple(
                Mark(box(one), "red", "the box of the object") for one in fullest[SIDES].to_numpy(float)[:_SHEET]
            )
            middle = marks[len(marks) // 2].yxyx
            view = View(fullest.filename.iloc[0], marks, "", close_up(middle, times=6))
            yield Example((view,), f"Neighbours among the {name}.")


def few_of_class(finding: Finding, shown: Shown) -> Iterator[Example]:
    """Objects of each class of the finding: all of a class if it has few."""
    for name in subjects(finding)[:_CLASSES]:
        objects = objects_of(shown.data.distinct, name)
        views = tuple(
            View(row.filename, around=close_up(box(row[SIDES]), times=1.5)) for _, row in objects[:_SHEET].iterrows()
        )
        if views:
            yield Example(views, f"The first {len(views)} of {len(objects)} training objects of {name}.")


def training_images(finding: Finding, shown: Shown) -> Iterator[Example]:
    """The training images as a contact sheet, each picture once."""
    images = shown.data.distinct.images_in("train")
    views = tuple(View(name) for name in images.filename[:_SHEET])
    more = f"The first {len(views)} of the {len(images)}" if len(images) > len(views) else "All"
    yield Example(views, f"{more} different training images.")


def objects_of(data: Data, name: str, split: str = "train") -> pd.DataFrame:
    """The objects of a class in a split, each with the `filename` of its image."""
    objects = data.objects_in(split)
    return data.with_files(rows(objects, objects["class"] == name))


def typical(objects: pd.DataFrame, n: int = _EACH) -> list[pd.Series]:
    """A few objects of different images, of typical size, the same at each call."""
    area = boxes.area(objects[SIDES].to_numpy(float))
    order = np.argsort(np.abs(area - np.median(area)), kind="stable") if len(area) else []
    first = objects.iloc[order].drop_duplicates("image_id")[:n]
    return [row for _, row in first.iterrows()]
