# environment: train
"""Measures of the training images."""

import json

import numpy as np
import pytest
import tiny
from present import present

from boxwright.augment import measure, policy
from boxwright.augment.effect import effect_size
from boxwright.core.od_api import tf
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError


def test_effect_size():
    assert effect_size(np.array([1.0, 3.0] * 4)) == pytest.approx(2 / np.std([1, 3] * 4, ddof=1))
    assert effect_size(np.arange(7.0)) is None
    assert effect_size(np.zeros(8)) == 0.0
    assert effect_size(-np.ones(8)) == -np.inf


def test_facts_of_upright_objects(tiny_records):
    facts = measure.facts(tiny_records, 128)
    assert (facts.images, facts.height, facts.width, facts.grey) == (8, 120, 160, False)
    assert facts.small == 0.0 and facts.spread == 1.0 and facts.images_of == {"box": 8, "pole": 8}
    assert {name: upright.n for name, upright in facts.upright.items()} == {"box": 8, "pole": 8}


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
    """21 images of 100 x 100, 105, ... 200 pixels: the second and the last but one are the 5th and 95th percentile. A grey box
    with a bright upper half, and a pole with a bright left half."""
    pictures = np.full((21, 100, 200, 3), 50, np.uint8)
    pictures[:, 20:30, 60:80] = pictures[:, 60:80, 20:30] = 200
    facts = facts_of(
        tmp_path / "records",
        [picture[:, : 100 + 5 * number] for number, picture in enumerate(pictures)],
        [(20, 60, 40, 80), (60, 20, 80, 40)],
    )
    assert facts.spread == pytest.approx(195 / 105)
    assert (facts.height, facts.width, facts.grey) == (100, 150, True)
    assert {name: upright.n for name, upright in facts.upright.items()} == {"box": 21, "pole": 21}
    assert present(facts.upright["box"].d) > 100 and facts.upright["pole"].d == 0
    assert present(facts.sided["pole"].d) > 100 and facts.sided["box"].d == 0


def test_objects_below_12_pixels_are_small(tmp_path):
    """In images of 100 x 100 at 100 px: sides of 10 and 14 are 11.8 on average (geometric), 10 and 15 are 12.2."""
    boxes = [(20, 20, 30, 34), (50, 50, 60, 65)]
    assert facts_of(tmp_path / "records", np.zeros((8, 100, 100, 3), np.uint8), boxes).small == 0.5


def test_images_of_a_class_are_scaled_to_all():
    """The sample has two of six images. Both contain cups, one of them two, and one contains a pin."""
    class_ids = [np.array(ids) for ids in ([1, 1, 2], [1])]
    assert measure._images_of(class_ids, ["cup", "pin"], 6) == {"cup": 6, "pin": 3}


def test_a_class_outside_the_sample_is_not_measured(tiny_records, monkeypatch):
    """Only 7 of the 8 images are in the sample, which is one crop too few for each class."""
    monkeypatch.setattr(measure, "_IMAGES", 7)
    facts = measure.facts(tiny_records, 128)
    assert {upright.d for upright in facts.upright.values()} == {None}
    assert "random_vertical_flip" not in [option.name for option in policy.choose(facts, ("box", "pole"), ())]


def test_refuses_records_without_training_images(tmp_path):
    with pytest.raises(UserError, match="no training images"):
        measure.facts(tmp_path, 128)
