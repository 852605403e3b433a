# environment: data
"""The layouts in which people keep COCO, VOC and YOLO, and the bytes that come out."""

import json

import pytest

from boxwright.core.records import tables
from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError

XML = """<annotation><filename>{name}</filename><size><width>{width}</width><height>48</height></size>
<object><name>cat</name><difficult>1</difficult><bndbox><xmin>8</xmin><ymin>12</ymin><xmax>24</xmax><ymax>36</ymax></bndbox></object>
</annotation>"""
BOX = [0.25, 0.125, 0.75, 0.375]
YOLO = "0 0.25 0.5 0.25 0.5\n"


def splits(out) -> dict[str, int]:
    return {split: counts["images"] for split, counts in out.manifest["splits"].items()}


def coco_json(*names: str) -> str:
    images = [{"id": i, "file_name": n, "width": 64, "height": 48} for i, n in enumerate(names, 1)]
    annotations = [{"image_id": i["id"], "category_id": 1, "bbox": [8, 12, 16, 24]} for i in images]
    return json.dumps({"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "cat"}]})


def test_coco_annotations_and_images(made, convert):
    pictures = ["images/train2017/a.jpg", "images/train2017/b.jpg", "images/val2017/a.jpg"]
    root = made(pictures, {
        "annotations/instances_train2017.json": coco_json("a.jpg", "b.jpg"),
        "annotations/instances_val2017.json": coco_json("val2017/a.jpg"),
    })  # fmt: skip
    out = convert(root)
    assert splits(out) == {"train": 2, "val": 1, "test": 0}
    assert set(out.read()) == set(pictures)
    assert out.notices["empty_split"] == 1


def test_one_coco_json_of_several(made, convert):
    root = made(["a.jpg", "b.jpg"], {"one.json": coco_json("a.jpg"), "two.json": coco_json("b.jpg")})
    out = convert(root / "one.json")
    assert set(out.read()) == {"a.jpg"}
    assert out.reasons("b.jpg") == [(None, "unlisted")]


def test_voc_lists(made, convert):
    """trainval is used as train. Unlisted images and missing listed ones are quarantined."""
    names = ["a", "b", "c"]
    root = made(
        [f"VOC/JPEGImages/{n}.jpg" for n in names],
        {f"VOC/Annotations/{n}.xml": XML.format(name="old.jpg", width=64) for n in names}
        | {"VOC/ImageSets/Main/trainval.txt": "a 1\ngone -1\n", "VOC/ImageSets/Main/val.txt": "b\n"},
    )
    out = convert(root)
    assert splits(out) == {"train": 1, "val": 1, "test": 0}
    assert out.manifest["quarantined"]["images"] == {"missing": 1, "unlisted": 1}
    assert out.read()["VOC/JPEGImages/a.jpg"].boxes_yxyx[0] == pytest.approx(BOX)


def test_voc_beside_images(made, convert):
    """A size of 0 claims nothing. Images with a broken xml or without xml are quarantined."""
    root = made(
        ["a.jpg", "b.JPG", "c.jpg", "d.jpg"],
        {
            "a.xml": XML.format(name="a.jpg", width=0),
            "b.xml": XML.format(name="b.JPG", width=64),
            "c.xml": "<annotation><obj",
        },
    )
    out = convert(root)
    assert out.reasons("c.jpg") == [(None, "unreadable_annotation")]
    assert out.reasons("d.jpg") == [(None, "unlabelled")]
    assert splits(out) == {"train": 1, "val": 1, "test": 0}


@pytest.mark.parametrize("path", ["", "path: ../set\n"])
def test_ultralytics(made, convert, path):
    """The paths in Roboflow's yaml begin one folder too high. An image without label is background."""
    yaml = path + "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnc: 2\nnames: {0: cat, 1: dog}\n"
    root = made(
        ["train/images/a.jpg", "train/images/b.jpg", "valid/images/c.jpg"],
        {
            "data.yaml": yaml,
            "train/labels/a.txt": YOLO + "1 0.1 0.2 0.3 0.2 0.3 0.6\n0 0.1 0.2\n7 0.5 0.5 0.1 0.1\n",
            "valid/labels/c.txt": YOLO,
            "valid/labels/alone.txt": YOLO + YOLO,
        },
    )
    out = convert(root, missing="quarantine")
    assert splits(out) == {"train": 2, "val": 1, "test": 0}
    assert out.read()["train/images/a.jpg"].boxes_yxyx.ravel() == pytest.approx([*BOX, 0.2, 0.1, 0.6, 0.3])
    assert out.reasons("train/images/a.jpg") == [(2, "unreadable_annotation"), (3, "unknown_class")]
    assert out.reasons("valid/labels/alone.txt") == [(None, "missing"), (0, "image_rejected"), (1, "image_rejected")]
    assert out.notices["no_label_file"] == 1
    assert out.notices["negatives"] == 1
    assert out.notices["split_missing"] == "test"


def test_linked_folder(made, convert, tmp_path):
    """With --follow-links, a link to a folder is followed. A link back to the data folder is not."""
    root = made(["a.jpg"], {"a.json": coco_json("a.jpg", "far/b.jpg")})
    (root / "a.jpg").rename(tmp_path / "b.jpg")
    (tmp_path / "far").mkdir()
    (tmp_path / "b.jpg").rename(tmp_path / "far" / "b.jpg")
    (root / "far").symlink_to(tmp_path / "far")
    (root / "loop").symlink_to(root)
    out = convert(root, missing="quarantine", follow_links=True)
    assert set(out.read()) == {"far/b.jpg"}
    assert out.reasons("a.jpg") == [(None, "missing"), (0, "image_rejected")]


def test_several_voc_sets(made, convert):
    texts = {f"{year}/ImageSets/Main/train.txt": "a" for year in ("VOC2007", "VOC2012")}
    root = made(["a.jpg"], texts | {"a.xml": XML.format(name="a.jpg", width=64)})
    with pytest.raises(UserError, match=r"several VOC sets \(VOC2007/ImageSets/Main, VOC2012"):
        convert(root)


def test_yolo_without_configuration(made, convert):
    pictures = ["train/a.jpg", "val/b.jpg", "test/c.jpg"]
    root = made(pictures, {p.replace("jpg", "txt"): YOLO for p in pictures})
    out = convert(root)
    assert splits(out) == {"train": 1, "val": 1, "test": 1}
    assert [c["name"] for c in out.manifest["classes"]] == ["0"]
    assert "no_class_names" in out.notices


def test_same_bytes_from_another_folder(coco, convert, tmp_path):
    root = coco({f"{i}.jpg": [[1 + i % 2, [8, 12, 16, 24]]] for i in range(20)})
    first = convert(root, "first")
    moved = convert(root.rename(tmp_path / "elsewhere"), "second")
    assert first.manifest["digest"] == moved.manifest["digest"]
    assert digests.of_path(first.records) != digests.of_path(moved.records)  # the manifest names the source
    for shard in first.records.glob("*.tfrecord"):
        assert shard.read_bytes() == (moved.records / shard.name).read_bytes()
    assert convert(tmp_path / "elsewhere", "third", seed=1).manifest["digest"] != first.manifest["digest"]


def test_shards(coco, convert):
    out = convert(coco({f"{i}.jpg": [[1, [8, 12, 16, 24]]] for i in range(20)}), shards=3)
    assert sorted(p.name for p in out.records.glob("train*")) == [f"train-0000{i}-of-00003.tfrecord" for i in range(3)]
    assert {s: c["shards"] for s, c in out.manifest["splits"].items()} == {"train": 3, "val": 3, "test": 3}


def gone(out) -> set[str]:
    return {line["file"] for line in out.quarantine if line["reason"] == "missing"}


def test_missing_coco_image_is_not_replaced_by_namesake(made, convert):
    """Exports number their images anew: 1.jpg in one folder is not 1.jpg in another."""
    root = made(["train/2.jpg", "valid/1.jpg", "spare/test/3.jpg", "other/4.jpg", "far/in/5.jpg", "far/6.jpg"], {
        "train/_annotations.coco.json": coco_json("1.jpg", "2.jpg", "3.jpg", "mine/4.jpg", "in/5.jpg", "../6.jpg"),
        "valid/_annotations.coco.json": coco_json("1.jpg"),
    })  # fmt: skip
    out = convert(root, missing="quarantine")
    assert gone(out) == {"train/1.jpg", "train/3.jpg", "train/mine/4.jpg"}
    assert set(out.read()) == {"train/2.jpg", "valid/1.jpg", "far/in/5.jpg", "far/6.jpg"}


def test_missing_voc_image_is_not_replaced_by_namesake(made, convert):
    xml = {n: XML.format(name="1.jpg", width=64) for n in ("train/1.xml", "valid/1.xml", "train/2.xml", "2007/a/3.xml")}
    xml["valid/0.xml"] = XML.format(name="1.jpg", width=64)
    years = {n: XML.format(name="3.jpg", width=64) for n in ("2007/a/3.xml", "2012/a/3.xml", "train/4.xml")}
    out = convert(made(["valid/1.jpg", "2012/b/3.jpg", "test/4.jpg", "else/2.jpg"], xml | years), missing="quarantine")
    assert gone(out) == {"train/1.jpg", "2007/a/3.jpg", "train/3.jpg", "valid/0.jpg"}
    assert set(out.read()) == {"valid/1.jpg", "2012/b/3.jpg", "else/2.jpg"}


def test_stray_images_do_not_change_given_splits(made, convert):
    pictures = [f"{split}/{n}.jpg" for split in ("train", "val", "test") for n in range(4)] + ["stray.jpg", "logo.jpg"]
    out = convert(made(pictures, {p.replace("jpg", "txt"): YOLO for p in pictures[:-1]}))
    assert splits(out) == {"train": 5, "val": 4, "test": 4}
    assert out.reasons("logo.jpg") == [(None, "unsplit")]
    assert out.notices["outside_splits"] == 2


def test_two_jsons_of_the_same_images(made, convert):
    """COCO's instances and person_keypoints, for example. Equal objects count once; others are added."""
    more = json.loads(coco_json("a.jpg", "b.jpg"))
    more["annotations"].append({"image_id": 2, "category_id": 1, "bbox": [1, 2, 30, 40]})
    texts = {"annotations/instances_train.json": coco_json("a.jpg", "b.jpg"), "annotations/people_train.json": ""}
    root = made(["images/a.jpg", "images/b.jpg"], texts)
    for people, objects, code in ((coco_json("a.jpg", "b.jpg"), 2, "listings_merged"), (more, 3, "listings_differ")):
        text = people if isinstance(people, str) else json.dumps(people)
        (root / "annotations/people_train.json").write_text(text)
        out = convert(root)
        assert out.manifest["found"] == {"images": 2, "objects": objects}
        assert out.quarantine == [] and out.notices[code] == 2


@pytest.mark.parametrize("bad", [float("nan"), None])
def test_invalid_box_in_two_jsons_is_one_object(made, convert, bad):
    document = json.loads(coco_json("a.jpg", "b.jpg"))
    document["annotations"].append({"image_id": 1, "category_id": 1, "bbox": [bad, 2, 30, 40]})
    jsons = dict.fromkeys(("annotations/instances_train.json", "annotations/people_train.json"), json.dumps(document))
    out = convert(made(["images/a.jpg", "images/b.jpg"], jsons))
    assert out.manifest["found"] == {"images": 2, "objects": 3} and out.notices["listings_merged"] == 2


def test_numbered_yolo_names(made, convert):
    label = {"images/a.txt": YOLO.replace("0 ", "2 ", 1) + YOLO.replace("0 ", "1 ", 1) + YOLO}
    root = made(["images/a.jpg"], label | {"data.yaml": "train: images\nnames: {2: dog, 1: cat}\n"})
    out = convert(root)
    names = {c["id"]: c["name"] for c in out.manifest["classes"]}
    assert [names[i] for i in out.read()["images/a.jpg"].class_ids] == ["dog", "cat"]
    assert out.reasons("images/a.jpg") == [(2, "unknown_class")]
    (root / "data.yaml").write_text("train: images\nnames: {one: dog}\n")
    with pytest.raises(UserError, match="expected a list of names, or a mapping"):
        convert(root)


def test_made_splits_keep_versions_together(made, convert):
    pictures = [f"{n}.rf.{'x' * version}{n}.jpg" for n in range(10) for version in range(1, 4)]
    out = convert(made(pictures, {p[:-3] + "txt": YOLO for p in pictures}))
    images, _ = tables.read(out.tables)
    assert set(images.groupby(images.filename.str.split(".").str[0]).split.nunique()) == {1}
    assert all(splits(out).values())


def test_cvat_yolo(made, convert):
    """The paths begin with a `data/` that the archive does not have."""
    root = made(["obj_train_data/a.jpg", "obj_train_data/b.jpg"], {
        "obj.data": "classes = 1\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n",
        "obj.names": "cat\n", "train.txt": "data/obj_train_data/a.jpg\ndata/obj_train_data/b.jpg\n",
        "obj_train_data/a.txt": YOLO, "obj_train_data/b.txt": "",
    })  # fmt: skip
    out = convert(root)
    assert out.manifest["quarantined"] == {"images": {}, "objects": {}}
    assert out.read()["obj_train_data/a.jpg"].boxes_yxyx[0] == pytest.approx(BOX)
    assert out.notices["negatives"] == 1


def test_ultralytics_lists(made, convert):
    """`train.txt` has `./images/...` lines. One file has a polygon and a box."""
    polygon = "0 0.125 0.25 0.375 0.25 0.375 0.75 0.125 0.75\n"
    root = made(["images/train/a.jpg", "images/train/b.jpg", "images/val/c.jpg"], {
        "data.yaml": "path: ../datasets/set\ntrain: train.txt\nval: val.txt\nnames: [cat]\n",
        "train.txt": "./images/train/a.jpg\n\n./images/train/gone.jpg\n", "val.txt": "./images/val/c.jpg",
        "labels/train/a.txt": YOLO + polygon.replace("0.75", "0.5"), "labels/val/c.txt": polygon,
    })  # fmt: skip
    out = convert(root)
    assert splits(out) == {"train": 1, "val": 1, "test": 0}
    assert out.read()["images/train/a.jpg"].boxes_yxyx.ravel() == pytest.approx([*BOX, 0.25, 0.125, 0.5, 0.375])
    assert out.read()["images/val/c.jpg"].boxes_yxyx.ravel() == pytest.approx(BOX)
    assert out.reasons("images/train/gone.jpg") == [(None, "missing")]
    assert out.reasons("images/train/b.jpg") == [(None, "unlisted")]
