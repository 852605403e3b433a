# environment: data
"""What convert lost, or took for background, decides whether training may start, and is said with its share and examples."""

import json

import pytest

# Two classes in each of 20 pictures of 64x48, as YOLO rows.
ROWS = "0 0.3 0.3 0.2 0.2\n1 0.7 0.7 0.2 0.3\n"
NAMES = "train: images/train\nval: images/val\nnames: [nut, bolt]\n"
STEMS = [f"train/{i:02}" for i in range(16)] + [f"val/{i:02}" for i in range(4)]


@pytest.fixture
def yolo(made):
    """A YOLO set of 20 pictures. labels: the text of some labels by stem; None: no label file."""

    def yolo(labels: dict[str, str | None]):
        texts = {f"labels/{stem}.txt": text for stem in STEMS if (text := labels.get(stem, ROWS)) is not None}
        return made([f"images/{stem}.jpg" for stem in STEMS], {"data.yaml": NAMES, **texts})

    return yolo


def told(judged, id):
    """Severity, or `stops`, of each finding with this id, by its key."""
    return {one.key: "stops" if one.stops else one.severity for one in judged.findings if one.id == id}


def test_set_without_losses_has_no_finding(yolo, read_case, judged):
    found = judged(read_case(yolo({})))
    assert told(found, "quarantine") == told(found, "no_label_file") == told(found, "clipped") == {}


def test_a_class_that_loses_a_quarter(yolo, read_case, judged):
    """5 of 20 bolts have no numbers; all nuts are there. That is an eighth of the objects."""
    flat = "0 0.3 0.3 0.2 0.2\n1 0.7 0.7 nan 0.3\n"
    read = read_case(yolo(dict.fromkeys(STEMS[:5], flat)))
    assert [(line["name"], line["split"]) for line in read.converted.quarantine] == [("bolt", "train")] * 5
    found = judged(read)
    (finding,) = [one for one in found.findings if one.id == "quarantine"]
    assert found.verdict == "ready_with_caveats" and finding.severity == "high"
    assert finding.title == "Training does not see 25% of the objects of class bolt: their boxes have no numbers"
    assert finding.items[0][:2] == ("images/train/00.jpg", "object 1 (bolt)")


@pytest.mark.parametrize(("damaged", "verdict"), [(2, "info"), (4, "medium"), (9, "stops")])
def test_the_share_of_lost_objects_decides(yolo, read_case, judged, damaged, verdict):
    """Of 40 objects, 2 are a slip, 4 a caveat, and 9 are more than a fifth."""
    flat = {"train": "0 0.3 0.3 nan 0.2\n1 0.7 0.7 0.2 0.3\n", "both": "0 0.3 0.3 nan 0.2\n1 0.7 0.7 0.2 nan\n"}
    labels = dict.fromkeys(STEMS[: damaged // 2], flat["both"])
    labels |= {STEMS[damaged // 2]: flat["train"]} if damaged % 2 else {}
    found = judged(read_case(yolo(labels)))
    severity = set(told(found, "quarantine").values())
    assert severity == ({verdict} if verdict != "medium" else severity & {"medium", "high"})
    assert (found.verdict == "not_ready") == (verdict == "stops")


def test_an_accepted_loss_is_no_stop(yolo, read_case, judged):
    labels = dict.fromkeys(STEMS[:6], "0 0.3 0.3 nan 0.2\n1 0.7 0.7 0.2 nan\n")
    found = judged(read_case(yolo(labels)), accept="quarantine=the scanner failed")
    assert found.verdict == "ready_with_caveats"
    assert {one.accepted for one in found.findings if one.id == "quarantine"} == {"the scanner failed"}


@pytest.mark.parametrize(
    ("unlabelled", "severity"), [(0, None), (2, "info"), (3, "medium"), (4, "high")], ids=lambda value: str(value)
)
def test_images_without_label_beside_labelled_ones(yolo, read_case, judged, unlabelled, severity):
    """Of 16 training images: one or two may be forgotten, 3 are 19 %, 4 a quarter."""
    found = judged(read_case(yolo(dict.fromkeys(STEMS[:unlabelled]))))
    assert list(told(found, "no_label_file").values()) == ([severity] if severity else [])
    if severity == "high":
        (finding,) = [one for one in found.findings if one.id == "no_label_file"]
        assert finding.title == "25% of the train images have no label and are taken as background"
        assert "--backgrounds quarantine" in finding.remedy and len(finding.items) == 4


def test_empty_labels_are_no_missing_labels(yolo, read_case, judged):
    found = judged(read_case(yolo(dict.fromkeys(STEMS[:3], ""))))
    assert told(found, "no_label_file") == {} and told(found, "negatives") == {"negatives": "info"}


def test_empty_labels_make_missing_ones_suspicious(yolo, read_case, judged):
    found = judged(read_case(yolo({STEMS[0]: "", **dict.fromkeys(STEMS[1:4])})))
    assert told(found, "no_label_file") == {"no_label_file": "high"}


def test_the_flag_of_the_remedy_leaves_them_out(yolo, read_case, judged):
    found = judged(read_case(yolo(dict.fromkeys(STEMS[:4])), backgrounds="quarantine"))
    assert told(found, "no_label_file") == told(found, "quarantine") == {}
    assert told(found, "left_out") == {"left_out.images": "info"}


def coco_json(split, images, annotations):
    return {f"{split}.json": json.dumps({
        "images": [{"id": i, "file_name": f"images/{split}{i}.jpg", "width": 64, "height": 48} for i in range(images)],
        "categories": [{"id": 1, "name": "nut"}],
        "annotations": [{"id": k, "category_id": 1, "bbox": [9, 9, 20, 20], **one} for k, one in enumerate(annotations)],
    })}  # fmt: skip


def test_objects_of_images_that_coco_does_not_list(made, read_case, judged):
    """3 of 9 objects of val refer to other images; train is whole."""
    train = coco_json("train", 12, [{"image_id": i} for i in range(12)])
    val = coco_json("val", 6, [{"image_id": i} for i in (0, 1, 2, 3, 4, 5, 77, 78, 79)])
    folder = made([f"images/{split}{i}.jpg" for split, n in (("train", 12), ("val", 6)) for i in range(n)], train | val)
    found = judged(read_case(folder))
    (finding,) = [one for one in found.findings if one.id == "quarantine"]
    assert (finding.key, finding.severity) == ("quarantine.unknown_image", "high")
    assert finding.title == "33% of the val objects are not used: nothing in the data lists their images"
    assert finding.items[0] == ("val.json", "object 6 (nut)", "image_id 77")


def test_boxes_mostly_outside_stop(made, read_case, judged):
    """Every third box has a quarter of its area in the image; a box that reaches over by a little is no more than a note."""
    boxes = [[54, 38, 20, 20] if i % 3 == 0 else [46, 9, 20, 20] for i in range(12)]
    texts = coco_json("train", 12, [{"image_id": i, "bbox": box} for i, box in enumerate(boxes)])
    found = judged(read_case(made([f"images/train{i}.jpg" for i in range(12)], texts)))
    (finding,) = [one for one in found.findings if one.id == "clipped"]
    assert finding.stops and finding.title == "33% of the boxes lie mostly outside of their image"
    assert finding.items[0][1:] == ("object 0", "75% of the box is outside")


def test_boxes_a_little_over_the_edge_are_minor(made, read_case, judged):
    texts = coco_json("train", 12, [{"image_id": i, "bbox": [46, 9, 20, 20]} for i in range(12)])
    found = judged(read_case(made([f"images/train{i}.jpg" for i in range(12)], texts)))
    assert told(found, "clipped") == {"clipped": "low"}


@pytest.mark.parametrize("case", ["55", "55b"])
def test_a_third_of_the_images_that_cannot_be_decoded_stops(read_case, judged, case):
    found = judged(read_case(case))
    (finding,) = found.stopping
    assert finding.key == "quarantine.undecodable"
    assert finding.title == "Training does not see 33% of the images: each file is HEIC, the format of iPhones"
    assert "4 of 12 images and 12 of 34 objects" in finding.claim


@pytest.mark.parametrize(("without", "severity"), [(0, "info"), (4, "medium")])
def test_ignored_csv_matters_if_images_have_no_xml(made, read_case, judged, without, severity):
    """12 pictures with xml; the csv, which convert does not read beside them, may hold the others."""
    names = [f"{i:02}" for i in range(12 + without)]
    box = "<bndbox><xmin>9</xmin><ymin>9</ymin><xmax>29</xmax><ymax>29</ymax></bndbox>"
    xml = f"<annotation><object><name>nut</name>{box}</object></annotation>"
    rows = "".join(f"{name}.jpg,64,48,nut,9,9,29,29\n" for name in names)
    texts = {f"{name}.xml": xml for name in names[:12]}
    table = {"labels.csv": f"filename,width,height,class,xmin,ymin,xmax,ymax\n{rows}"}
    found = judged(read_case(made([f"{name}.jpg" for name in names], texts | table)))
    assert told(found, "ignored") == {"ignored.csv": severity}
    assert list(told(found, "quarantine").values()) == (["medium"] if without else [])
