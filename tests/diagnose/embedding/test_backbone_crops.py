# environment: data
"""The sample of objects and backgrounds."""

import numpy as np
import pandas as pd

from boxwright.diagnose import data as tables
from boxwright.diagnose.embedding import backbone_crops


def read(records, **settings):
    images, objects = [], []
    for number, record in enumerate(backbone_crops.tfrecords.read(records, "train")):
        images.append({"image_id": number, "filename": record.filename, "split": "train"})
        images[-1] |= {"height": record.height, "width": record.width, "dhash": None}
        for sides, class_id in zip(record.boxes_yxyx, record.class_ids, strict=True):
            tall, wide = (sides[2] - sides[0]) * record.height, (sides[3] - sides[1]) * record.width
            row = {"image_id": number, "split": "train", "class_id": class_id, "class": str(class_id)}
            objects.append(row | dict(zip(tables.SIDES, sides, strict=True)) | {"height_px": tall, "width_px": wide})
    data = tables.Data(("box", "pole"), pd.DataFrame(images), pd.DataFrame(objects))
    return backbone_crops.read(records, data, 0, **settings)


def test_objects_are_cut_out_with_their_class(tiny_records):
    """A red box fills its crop but for the margin, and a blue pole is stretched."""
    found = read(tiny_records)
    assert found.objects.shape == (16, 96, 96, 3) and sorted(found.class_ids) == [1] * 8 + [2] * 8
    middle = found.objects[:, 30:66, 30:66].mean((1, 2))
    assert (middle[found.class_ids == 1, 0] > 180).all() and (middle[found.class_ids == 2, 2] > 180).all()
    assert (np.bincount(found.object_picture) == 2).all()


def test_backgrounds_hold_no_object(tiny_records):
    windows = read(tiny_records).windows
    assert len(windows) and (np.ptp(windows.mean((1, 2)), axis=1) < 15).all()


def test_a_full_picture_has_no_background():
    full = np.array([[0.0, 0.0, 1.0, 1.0]])
    assert backbone_crops.background(full, 100, 100, np.random.default_rng(0)) is None


def test_each_class_gets_its_share_of_the_objects():
    n = 3_000
    objects = pd.DataFrame({"image_id": np.arange(n), "class_id": np.where(np.arange(n) < 40, 2, 1)})
    objects = objects.assign(height_px=20.0, width_px=np.where(np.arange(n) % 2, 20.0, 8.0))
    found = backbone_crops.choose(objects, pd.DataFrame({"image_id": np.arange(n)}), np.random.default_rng(0))
    assert found.class_id.value_counts().to_dict() == {1: backbone_crops.PER_CLASS, 2: 20}


def test_large_pictures_end_the_sample():
    images = pd.DataFrame({"height": 10_000, "width": 10_000}, index=pd.Index(["a", "b", "c", "d"]))
    assert backbone_crops.within_budget(images) == {"a", "b"}
