# environment: data
"""Each picture counts once in a statistic; frames in which the objects moved count each."""

import pandas as pd
import pytest

from boxwright.diagnose.data import Data
from boxwright.diagnose.distinct_pictures import distinct

HASH, NEAR, OTHER = "00ff00ff12345678", "00ff00ff1234567f", "f0f0c3c35a5a9999"  # NEAR differs from HASH in 3 bits
LEFT, MIRRORED, MOVED = (0.2, 0.1, 0.4, 0.3), (0.2, 0.7, 0.4, 0.9), (0.6, 0.5, 0.8, 0.7)


def frames(*rows):
    """rows: (filename, split, hash, boxes)."""
    images = pd.DataFrame(
        [{"image_id": i, "filename": n, "split": s, "dhash": h} for i, (n, s, h, _) in enumerate(rows)]
    )
    objects = pd.DataFrame(
        [
            {
                "image_id": i,
                "ymin": b[0],
                "xmin": b[1],
                "ymax": b[2],
                "xmax": b[3],
                "split": s,
                "class_id": 1,
                "class": "cat",
            }
            for i, (_, s, _, boxes) in enumerate(rows)
            for b in boxes
        ],
        columns=["image_id", "ymin", "xmin", "ymax", "xmax", "split", "class_id", "class"],
    )
    return images, objects


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        (("b.jpg", "train", HASH, [LEFT]), False),
        (("b.jpg", "train", NEAR, [LEFT]), False),
        (("b.jpg", "train", NEAR, [MIRRORED]), False),
        (("b.jpg", "train", HASH, [(0.21, 0.1, 0.41, 0.3)]), False),  # IoU .19/.21 = .90
        (("b.jpg", "train", HASH, [MOVED]), True),
        (("b.jpg", "train", HASH, [LEFT, MOVED]), True),
        (("b.jpg", "train", HASH, []), True),
        (("b.jpg", "train", OTHER, [LEFT]), True),
        (("b.jpg", "train", None, [LEFT]), True),
        (("b.jpg", "test", HASH, [LEFT]), True),
    ],
)
def test_a_copy_with_the_same_boxes_counts_once(second, kept):
    assert distinct(*frames(("a.jpg", "train", HASH, [LEFT]), second)).tolist() == [True, kept]


def test_versions_of_roboflow_count_once_whatever_their_boxes():
    first, second = ("a_jpg.rf.1.jpg", "train", HASH, [LEFT]), ("a_jpg.rf.2.jpg", "train", OTHER, [MOVED])
    assert distinct(*frames(first, second)).tolist() == [True, False]


def test_empty_frames_of_one_scene_count_once():
    assert distinct(*frames(*[(f"{i}.jpg", "train", HASH, []) for i in range(3)])).tolist() == [True, False, False]


def test_data_without_copies_keep_the_objects_of_the_rest():
    images, objects = frames(
        ("a.jpg", "train", HASH, [LEFT]), ("b.jpg", "train", NEAR, [LEFT]), ("c.jpg", "val", HASH, [LEFT])
    )
    data = Data(("cat",), images, objects)
    assert data.distinct.counts("train") == {"cat": 1}
    assert data.distinct.counts("val") == {"cat": 1}
    assert data.distinct.distinct is data.distinct
