# environment: train
"""Running a detector on all images of a split."""

import numpy as np

from boxwright.core.od_api.image_preprocessing import decode
from boxwright.core.records import tfrecords as record_files
from boxwright.evaluate import detecting, recall_slices


def test_detections_and_brightness_belong_to_their_image(tiny_records, monkeypatch):
    """Eight images in chunks of three. The detector's score is the brightness of the image."""
    monkeypatch.setattr(detecting, "CHUNK", 3)

    def detector(images):
        return [(np.array([[0, 0, 1, 1]]), np.array([recall_slices.luma(image)]), np.array([1])) for image in images]

    found = detecting.detect(detector, tiny_records, "train")
    expected = [recall_slices.luma(decode(record.encoded)) for record in record_files.read(tiny_records, "train")]
    assert len(set(expected)) == 8 and found.brightness == expected
    assert [(one["image_id"], one["score"]) for one in found.detections] == list(enumerate(expected, 1))


def test_one_warm_up_even_if_nothing_is_detected(tiny_records, monkeypatch):
    """Eight images in chunks of three: first a call with one image, then every image once."""
    monkeypatch.setattr(detecting, "CHUNK", 3)
    sizes = []

    def detector(images):
        sizes.append(len(images))
        return [(np.zeros((1, 4)), np.zeros(1), np.ones(1, int)) for _ in images]

    assert not detecting.detect(detector, tiny_records, "train").detections
    assert sizes == [1, 3, 3, 2]
