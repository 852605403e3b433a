# environment: train
"""Measures of the training images."""

import json

import numpy as np
import pytest
import tiny

from boxwright.augment import measure
from boxwright.core.od_api import tf
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError


def test_facts_of_coloured_images(tiny_records):
    facts = measure.facts(tiny_records, 128)
    assert (facts.images, facts.height, facts.width, facts.grey) == (8, 120, 160, False)
    assert facts.small == 0.0 and facts.spread == 1.0 and facts.images_of == {"box": 8, "pole": 8}


def facts_of(folder, pictures, boxes_yxyx) -> measure.Facts:
    """At 100 px. pictures: (h, w, 3) uint8; boxes_yxyx: of a box and a pole, in pixels, the same in each of them."""
    folder.mkdir()
    with tf.io.TFRecordWriter(str(folder / tfrecords.shard_name("train", 0, 1))) as writer:
        for picture in pictures:
            boxes = (np.array(boxes_yxyx) / np.tile(picture.shape[:2], 2)).tolist()
            writer.write(tiny.example("a.png", tf.io.encode_png(picture).numpy(), boxes, *picture.shape[:2]))
    (folder / tfrecords.MANIFEST).write_text(json.dumps(tiny.manifest({"train": len(pictures)})))
    return measure.facts(folder, 100)


def test_facts_of_images_of_many_widths(tmp_path):
    """21 images of 100 x 100, 105, ... 200 pixels: the second and the last but one are the 5th and 95th percentile."""
    pictures = np.full((21, 100, 200, 3), 50, np.uint8)
    facts = facts_of(
        tmp_path / "records",
        [picture[:, : 100 + 5 * number] for number, picture in enumerate(pictures)],
        [(20, 60, 40, 80), (60, 20, 80, 40)],
    )
    assert facts.spread == pytest.approx(195 / 105)
    assert (facts.height, facts.width, facts.grey) == (100, 150, True)


def test_objects_below_12_pixels_are_small(tmp_path):
    """In images of 100 x 100 at 100 px: sides of 10 and 14 are 11.8 on average (geometric), 10 and 15 are 12.2."""
    boxes = [(20, 20, 30, 34), (50, 50, 60, 65)]
    assert facts_of(tmp_path / "records", np.zeros((8, 100, 100, 3), np.uint8), boxes).small == 0.5


def test_images_of_a_class_are_scaled_to_all():
    """The sample has two of six images. Both contain cups, one of them two, and one contains a pin."""
    class_ids = [np.array(ids) for ids in ([1, 1, 2], [1])]
    assert measure._images_of(class_ids, ["cup", "pin"], 6) == {"cup": 6, "pin": 3}


def test_refuses_records_without_training_images(tmp_path):
    with pytest.raises(UserError, match="no training images"):
        measure.facts(tmp_path, 128)
