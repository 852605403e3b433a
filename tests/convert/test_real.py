# environment: data
"""The four real data sets: counts by hand, and their faults."""

from collections import Counter

import pytest

from boxwright.core import labels
from boxwright.core.records import tables, tfrecords

# set: (format, images and objects a split, classes, split_by, quarantined, codes of notices)
SETS = {
    "bccd_voc": (
        "voc",
        {"train": (205, 2804), "val": (87, 1137), "test": (72, 945)},
        ["Platelets", "RBC", "WBC"],
        "given",
        {"images": {}, "objects": {"zero_area": 2}},
        {"origin_unknown"},
    ),
    "cards_voc": (
        "voc",
        {"train": (62, 125), "val": (13, 25), "test": (20, 51)},
        ["ace", "jack", "king", "nine", "queen", "ten"],
        "given; val carved out of train by seed 0",
        {"images": {}, "objects": {}},
        {
            "val_carved",
            "origin_unknown",
            "ignored",
            "near_copies_together",
        },  # IMG_2466 and IMG_2467: the same ten of hearts,
    ),
    "rbcwbc_coco": (
        "coco",
        {"train": (210, 4947), "val": (20, 470), "test": (10, 221)},
        ["rbc", "wbc"],
        "given",
        {"images": {}, "objects": {}},
        {"unused_category", "ids_from_zero"},
    ),
    "yolo_mark": (
        "yolo",
        {"train": (8, 18), "val": (1, 2), "test": (1, 15)},
        ["air", "bird"],
        "seed 0, 70/15/15, stratified by class",
        {"images": {"missing": 1}, "objects": {}},
        {"val_is_train", "split_made", "class_absent", "missing_images"},
    ),
}


@pytest.mark.parametrize("name", SETS)
def test_real_set(name, shared, convert):
    out = convert(shared / "data" / name)
    kind, splits, classes, split_by, quarantined, notices = SETS[name]
    assert out.manifest["format"] == kind
    assert {s: (c["images"], c["objects"]) for s, c in out.manifest["splits"].items()} == splits
    stored = [item.name for item in labels.read(out.records / "label_map.pbtxt")]
    assert stored == classes == tfrecords.classes(out.records)
    assert out.manifest["split_by"] == split_by
    assert out.manifest["quarantined"] == quarantined
    assert set(out.notices) == notices
    stored = {s: list(tfrecords.read(out.records, s)) for s in tfrecords.SPLITS}
    assert {s: (len(r), sum(len(i.class_ids) for i in r)) for s, r in stored.items()} == splits
    images, objects = tables.read(out.tables)
    assert Counter(images["split"]) == {s: n for s, (n, _) in splits.items()}
    assert len(objects) == sum(n for _, n in splits.values())
    assert objects[["ymin", "xmin", "ymax", "xmax"]].apply(lambda c: c.between(0, 1)).to_numpy().all()


def test_bccd_by_hand(shared, convert):
    """4155 RBC, 372 WBC and 361 Platelets are annotated; two RBC have no area."""
    out = convert(shared / "data" / "bccd_voc")
    names = Counter()
    for split in out.manifest["splits"].values():
        names.update(split["per_class"])
    assert names == {"RBC": 4153, "WBC": 372, "Platelets": 361}
    assert {line["file"].rsplit("/")[-1] for line in out.quarantine} == {"BloodImage_00338.jpg", "BloodImage_00343.jpg"}
    assert out.manifest["found"] == {"images": 364, "objects": 4888}


def test_yolo_boxes_by_hand(shared, convert):
    """air1.txt: `0 0.498437 0.479861 0.117188 0.168056` in an image of 800 x 532."""
    image = next(r for n, r in convert(shared / "data" / "yolo_mark").read().items() if n.endswith("air1.jpg"))
    assert (image.height, image.width) == (532, 800)
    assert image.boxes_yxyx[0] == pytest.approx([0.395833, 0.439843, 0.563889, 0.557031], abs=1e-6)
    assert list(image.class_ids) == [1]
