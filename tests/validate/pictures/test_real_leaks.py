# environment: data
"""Leaks in real sets: planted rotated copies are found, second pictures of a place are told as such, and cards raise no alarm."""

import itertools
from collections import Counter

import cv2
import numpy as np
import pytest
from drawn_photos import turned

from boxwright.convert import step as convert
from boxwright.core.records import tables, tfrecords
from boxwright.validate.checks import seen_pictures
from boxwright.validate.pictures import matches, thumbnails
from boxwright.validate.pictures.matches import Picture


@pytest.fixture(scope="module", params=["bccd_voc", "cards_voc"])
def converted(request, shared, tmp_path_factory):
    """(name, records, tables)"""
    folder = tmp_path_factory.mktemp(request.param)
    data = shared / "data" / request.param
    convert.run(convert.Config(data=str(data), records=folder / "records", tables=folder / "tables"))
    return request.param, folder / "records", folder / "tables"


def test_what_the_splits_of_a_real_set_share(converted):
    """BCCD has fields of a blood smear that were photographed twice; seen by eye. The cards are all different."""
    name, records, tabulated = converted
    seen = seen_pictures.look(records, tables.images(tabulated, seen_pictures.COLUMNS), [])
    counted = Counter((one.held_in, one.seen_in, one.how) for one in seen.sightings)
    expected = {
        "bccd_voc": {("val", "train", "part"): 4, ("val", "train", "copy"): 1, ("test", "train", "part"): 4,
                     ("test", "val", "part"): 3, ("test", "val", "copy"): 1},
        "cards_voc": {},
    }  # fmt: skip
    assert counted == expected[name] and not seen.views


def test_rotated_copies_of_a_real_set_are_found(converted):
    """Rotated by 5 to 20 degrees, zoomed by 1.1 to 1.4, mirrored or not, brighter or darker, under other names."""
    _, records, _ = converted
    train = list(itertools.islice(tfrecords.read(records, "train"), 60))
    seen = [Picture(row, "train", thumbnails.from_record(record)) for row, record in enumerate(train)]
    random = np.random.default_rng(0)
    held = [Picture(100 + row, "val", changed(random, record)) for row, record in enumerate(train[:20])]
    found = {one.held: (one.seen, one.kind) for one in matches.matches(held, seen, {})}
    assert sum(found.get(100 + row) in ((row, "rotated"), (row, "zoomed")) for row in range(20)) >= 19


def changed(random, record):
    grey = np.asarray(record.thumbnail("L", 640))
    height, width = grey.shape
    top, left, bottom, right = (record.boxes_yxyx * np.array([height, width, height, width])).T
    out, boxes = turned(random, (grey, np.stack([left, top, right - left, bottom - top], axis=1)))
    small = cv2.resize(np.ascontiguousarray(out), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    x, y, wide, high = (boxes / 2).T
    return thumbnails.build(small, np.stack([y, x, y + high, x + wide], axis=1), record.class_ids)
