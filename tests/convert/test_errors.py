# environment: data
"""Errors that the user can correct: one paragraph each, and nothing is left behind."""

import json
import shutil

import pytest

from boxwright.convert.step import Config, run
from boxwright.core.runtime.errors import UserError

GOOD = [1, [8, 12, 16, 24]]


def empty(root, **_):
    root.mkdir()


def texts(root, **_):
    root.mkdir()
    (root / "notes.txt").write_text("hello world")


def pictures_only(root, picture):
    picture(root / "a.jpg")


def archive(root, **_):
    root.write_bytes(b"PK")


def broken_json(root, picture):
    picture(root / "a.jpg")
    (root / "a.json").write_text('{"images": [], "annotations": [], "categories": [')


def no_file_name(root, **_):
    root.mkdir()
    (root / "a.json").write_text('{"images": [{"id": 1}], "annotations": [], "categories": []}')


def mixed(root, picture):
    picture(root / "a.jpg")
    (root / "a.xml").write_text("<annotation/>")
    (root / "a.json").write_text('{"images": [], "annotations": [], "categories": []}')


def nothing_left(root, picture):
    root.mkdir()
    images = [{"id": 1, "file_name": "gone.jpg", "width": 64, "height": 48}]
    annotations = [{"image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4]}]
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "cat"}]}
    (root / "a.json").write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda root, **_: None, "does not exist"),
        (empty, "is an empty folder; expected COCO json"),
        (texts, r"no annotations: found 1 \.txt; convert does not know the form of notes\.txt .*; expected"),
        (pictures_only, r"no annotations: found 1 \.jpg; the images have no annotations: .*; expected COCO json"),
        (archive, r"is a file; .*unpack"),
        (broken_json, "not valid json: .* line 1"),
        (no_file_name, r"images\[0\] is .* expected id and file_name"),
        (mixed, "several formats: coco .* voc .* choose one with --format"),
        (nothing_left, r"1 image with annotated objects is missing: gone.jpg; copy .* --missing quarantine"),
    ],
)
def test_unusable_data(tmp_path, picture, make, says):
    make(tmp_path / "data", picture=picture)
    with pytest.raises(UserError, match=says):
        run(Config(data=str(tmp_path / "data"), records=tmp_path / "out/records", tables=tmp_path / "out/tables"))
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


COCO = '{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [], "categories": [{"id": 1, "name": "cat"}]}'


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("set.json", COCO[:75], r"set\.json is not valid json: .*line 1"),
        ("set.json", COCO.replace("categories", "classes"), r"set\.json has no categories, which COCO json has"),
        (
            "set.csv",
            "filename,class,xmin,ymin,xright,ybottom",
            r"set\.csv has no column xmax and no column ymax in its first line \(filename, class, xmin, .*rename that column",
        ),
        ("data.yaml", "names: [cat\n", r"data\.yaml cannot be read as YAML: .*; repair"),
        ("data.yaml", "train: images\nnc: 1\n", r"data\.yaml has no names of classes"),
        ("notes.json", "{}", r"1 \.jpg, 1 \.json; convert does not know the form of notes\.json .*; expected"),
    ],
)
def test_names_near_misses(made, read, name, text, says):
    root = made(["a.jpg"], {name: text})
    for data in (root, root / name):
        with pytest.raises(UserError, match=f"holds no annotations: found .*{says}"):
            read(data)


def test_refuses_a_truncated_json_beside_a_whole_one(made, read):
    """The split of the truncated file would be lost. With the whole file as --data, nothing is lost."""
    root = made(
        ["a.jpg"], {"train.json": COCO, "val.json": COCO[:75], "captions.json": COCO.replace("categories", "info")}
    )
    with pytest.raises(UserError, match=r"val\.json is not valid json: .*; repair it, or move it out of the data"):
        read(root)
    assert len(read(root / "train.json").images) == 1


def test_no_usable_object_names_the_cause(coco, convert):
    """The error counts causes, not consequences: a rejected image, or the objects of a missing image."""
    box = [1, [30, 10, 0, 10]]
    root = coco({"a.jpg": [box], "b.jpg": [box, box], "c.jpg": [GOOD]})
    (root / "images/c.jpg").unlink()
    says = r"3 images were read as coco, .* is left: 3 zero_area, 1 missing \(first: c\.jpg: missing no such file\)"
    with pytest.raises(UserError, match=says):
        convert(root, missing="quarantine")


def test_missing_image_elsewhere_is_named(made, convert):
    """The image is not used, because it may show something else."""
    row = "Car 0.00 0 -1.57 8.00 12.00 24.00 36.00 1.50 1.60 3.70 2.0 1.5 14.0 -1.5\n"
    root = made(["img/1.png", "img/2.png"], {"ann/1.txt": row, "ann/2.txt": row, "ann/3.txt": row})
    says = r"missing: ann/1\.png, .*, ann/3\.png \(near ann/1\.png: img/1\.png\); correct the names, or copy the files there"
    with pytest.raises(UserError, match=says):
        convert(root)


def test_damaged_file_of_the_wanted_format(made, read):
    root = made(["a.jpg"], {"set.json": COCO[:75]})
    says = r"no coco annotations: found .*; set\.json is not valid json: .*; repair that file, or leave --format out"
    with pytest.raises(UserError, match=says):
        read(root, wanted="coco")
    with pytest.raises(UserError, match=r"no voc annotations: found 1 \.jpg, 1 \.json; leave --format out"):
        read(root, wanted="voc")
    with pytest.raises(
        UserError, match=r"set\.json is not .*; repair that file, or give annotations as COCO json .* or"
    ):
        read(root)


def test_all_pixels_damaged(coco, convert, tmp_path):
    root = coco({"a.jpg": [GOOD]})
    (root / "images/a.jpg").write_bytes((root / "images/a.jpg").read_bytes()[:900])
    with pytest.raises(UserError, match=r"no image with objects can be decoded .*truncated"):
        convert(root)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("cat", "Cat"), "'Cat' and 'cat'"),
        (("traffic light", "trafficlight"), "'traffic light' and 'trafficlight'"),
        (("cat", "cat "), "'cat' and 'cat '"),
        (("cat", "cat"), "categories 1 and 2 are both named 'cat'"),
    ],
)
def test_class_clash(coco, convert, names, says):
    with pytest.raises(UserError, match=says):
        convert(coco({"a.jpg": [GOOD, [2, [1, 1, 4, 4]]]}, names))


def test_roboflow_group_does_not_clash(coco, convert):
    """Roboflow writes the group of all classes as category 0, often with the name of the only class."""
    categories = [{"id": 0, "name": "cat", "supercategory": "none"}, {"id": 1, "name": "cat", "supercategory": "cat"}]
    out = convert(coco({"a.jpg": [GOOD]}, categories=categories))
    assert [c["name"] for c in out.manifest["classes"]] == ["cat"]


def test_format_chooses(coco, convert):
    root = coco({"a.jpg": [GOOD]})
    (root / "x.xml").write_text("<annotation/>")
    assert convert(root, format="coco").manifest["format"] == "coco"
    with pytest.raises(UserError, match="holds no yolo annotations"):
        convert(root, format="yolo")


def test_replaces_own_outputs_only(coco, convert, tmp_path):
    """Replaces an earlier output. Refuses a folder with other files in it, and one that cannot be created."""
    root = coco({"a.jpg": [GOOD]})
    assert convert(root).manifest["digest"] == convert(root).manifest["digest"]
    shutil.rmtree(tmp_path / "out/records")
    (tmp_path / "out/records").mkdir()
    (tmp_path / "out/records/thesis.doc").write_text("mine")
    with pytest.raises(UserError, match="not an earlier output of this step"):
        convert(root)
    assert (tmp_path / "out/records/thesis.doc").read_text() == "mine"
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written: Not a directory"):
        convert(root, "file")


@pytest.mark.parametrize("text", ["0.7,0.3", "a,b,c", "0.7,0.2,0.2", "0,0.5,0.5", "1.2,-0.1,-0.1"])
def test_split_fractions(coco, convert, text):
    with pytest.raises(UserError, match="add up to 1"):
        convert(coco({"a.jpg": [GOOD]}), split_fractions=text)


def test_negative_shards(coco, convert):
    with pytest.raises(UserError, match="--shards -1"):
        convert(coco({"a.jpg": [GOOD]}), shards=-1)


def test_negative_seed(coco, convert):
    with pytest.raises(UserError, match="--seed -1: expected 0 or more"):
        convert(coco({"a.jpg": [GOOD]}), seed=-1)


def test_missing_images_stop_unless_allowed(coco, convert):
    """Only images with objects count, because the others lose no annotation."""
    root = coco({"a.jpg": [GOOD], "empty.jpg": []} | {f"{i}.jpg": [GOOD, GOOD] for i in range(7)})
    (root / "images/empty.jpg").unlink()
    assert convert(root).reasons("empty.jpg") == [(None, "missing")]
    for i in range(7):
        (root / f"images/{i}.jpg").unlink()
    with pytest.raises(
        UserError, match=r"^7 images with .* missing: 0\.jpg, 1\.jpg, 2\.jpg, 3\.jpg, 4\.jpg, \.\.\.; copy"
    ):
        convert(root)
    out = convert(root, missing="quarantine")
    assert out.manifest["quarantined"] == {"images": {"missing": 8}, "objects": {"image_rejected": 14}}


def test_nothing_left(coco, convert):
    root = coco({"gone.jpg": [GOOD]})
    (root / "images/gone.jpg").unlink()
    with pytest.raises(UserError, match=r"no usable object is left: 1 missing \(first: gone"):
        convert(root, missing="quarantine")


@pytest.mark.parametrize(
    "flags", [{"label_map": "nowhere.pbtxt"}, {"beam_options": "--runner NoSuchRunner"}, {"split_fractions": "1,2,3"}]
)
def test_wrong_option_is_found_before_reading(made, convert, flags):
    """Reading can take hours. Here, the data cannot be read at all."""
    with pytest.raises(UserError, match=r"nowhere|NoSuchRunner|1,2,3"):
        convert(made([], {"a.json": "{"}), **flags)


def test_metadata_holds_totals_only(coco, tmp_path):
    """One argument of a command holds 128 KiB: with a number for each class, 1,203 classes were too many."""
    root = coco({"a.jpg": [GOOD, [2, [30, 10, 8, 8]]], "b.jpg": [GOOD]}, names=("images", "objects"))
    flags = {"records": tmp_path / "records", "tables": tmp_path / "tables", "split_fractions": "1,0,0"}
    metadata = run(Config(data=str(root), **flags)).artifacts["records"]
    assert set(metadata) == {"digest", "format", "data"} | {
        f"{split}_{what}" for split in ("train", "val", "test") for what in ("images", "objects")
    }
    assert (metadata["train_images"], metadata["train_objects"]) == (2, 3)
