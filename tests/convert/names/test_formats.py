# environment: data
"""Every format finds images under another spelling, says so once, and gives each image its own objects."""

import json
import re
import unicodedata
import urllib.parse

import pytest
import via_files
from convert_sets import LABEL, VOC, coco_json, csv_text, cvat_xml, labelme_json
from labelstudio_files import annotation, item, task, text

from boxwright.core.runtime.errors import UserError

STEMS = ("quay-1", "harbour 2", "gr\u00fcn 3")
KITTI = "cat 0.00 0 -1.57 8.00 12.00 24.00 36.00 1.50 1.60 3.70 2.0 1.5 14.0 -1.5\n"
OPENIMAGES = "ImageID,LabelName,XMin,XMax,YMin,YMax,IsGroupOf\n"


def each(pattern: str, content, names) -> dict[str, str]:
    return {pattern.format(name): content(name) for name in names}


def via(names) -> str:
    return via_files.project({
        f"{n}.jpg1": {"filename": f"{n}.jpg", "size": 1, "regions": [via_files.region()], "file_attributes": {}} for n in names
    })  # fmt: skip


FORMATS = {
    "coco": lambda names: {"a.json": coco_json(*(f"{n}.jpg" for n in names))},
    "csv": lambda names: {"a.csv": csv_text(*(f"{n}.jpg" for n in names))},
    "cvat": lambda names: {"annotations.xml": cvat_xml(*(f"{n}.jpg" for n in names))},
    "kitti": lambda names: each("label_2/{}.txt", lambda _: KITTI, names),
    "labelme": lambda names: each("json/{}.json", lambda n: labelme_json(f"..\\pictures\\{n}.jpg"), names),
    "labelstudio": lambda names: {
        "a.json": text(*(task(f"/data/upload/1/{n}.jpg", annotation(item())) for n in names))
    },
    "openimages": lambda names: {"a.csv": OPENIMAGES + "".join(f"{n},/m/01,0.125,0.375,0.25,0.75,0\n" for n in names)},
    "via": lambda names: {"via.json": via(names)},
    "voc": lambda names: each(
        "xml/{}.xml", lambda n: VOC.replace("<size>", f"<filename>{n}.jpg</filename><size>", 1), names
    ),
    "yolo": lambda names: each("labels/{}.txt", lambda _: LABEL, names) | {"classes.txt": "cat"},
}
# How a name of the annotations becomes the name of a file.
SPELLINGS = {
    "NFD": lambda name: unicodedata.normalize("NFD", name) + ".jpg",
    "case": lambda name: f"{name.upper()}.JPEG",
    "suffix": lambda name: f"{name}.bmp",
    "quoted": lambda name: urllib.parse.quote(name) + ".JPG",
    "prefix": lambda name: f"a1b2c3d4-{name.replace(' ', '_')}.jpg",
}
# Readers that look for a stem in all folders.
BY_STEM = ("voc", "openimages")
# Where the images of a format have to lie.
FOLDERS = {"kitti": "image_2", "yolo": "images"}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", FORMATS)
def test_all_formats(made, read, kind, spelling):
    stems = STEMS[2:] * (kind == "openimages") or STEMS
    files = [SPELLINGS[spelling](name) for name in stems]
    data = read(made([f"pictures/{file}" for file in files], FORMATS[kind](stems)))
    assert data.format == kind
    assert [image.fault for image in data.images] == [None] * len(stems)
    assert {(image.file.name, len(image.objects)) for image in data.images} == {(file, 1) for file in files}
    notices = [notice for notice in data.notices if notice.id == "other_spelling"]
    assert len(notices) == (spelling != "suffix" or kind not in BY_STEM)
    assert all(len(notice.items) == notice.evidence[0].value for notice in notices)


@pytest.mark.parametrize("kind", FORMATS)
def test_clean_names_have_no_notice(made, read, kind):
    folder = FOLDERS.get(kind, "pictures")
    data = read(made([f"{folder}/{name}.jpg" for name in STEMS], FORMATS[kind](STEMS)))
    assert [notice.id for notice in data.notices if notice.id == "other_spelling"] == []
    assert [image.fault for image in data.images] == [None] * len(STEMS)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_missing_image_names_what_comes_near(made, convert, kind):
    """Two files fit `quay-1`, so neither is taken."""
    files = ["a/QUAY-1.png", "b/Quay-1.png", *(f"{FOLDERS.get(kind, 'pictures')}/{name}.jpg" for name in STEMS[1:])]
    out = convert(made(files, FORMATS[kind](STEMS)), missing="quarantine")
    (value,) = [line["value"] for line in out.quarantine if line["reason"] == "missing"]
    assert value.endswith("; near: a/QUAY-1.png, b/Quay-1.png"), value


def test_lvis_without_file_names(made, read):
    document = json.loads(coco_json("x.jpg", "y.jpg"))
    for number, image in enumerate(document["images"]):
        del image["file_name"]
        image["coco_url"] = f"http://images.example.org/val2017/00000{number}.jpg"
    root = made(["val2017/000000.jpg", "val2017/000001.jpg"], {"lvis_v1_val.json": json.dumps(document)})
    data = read(root)
    assert [image.file.name for image in data.images] == ["000000.jpg", "000001.jpg"] and data.notices == []


@pytest.mark.parametrize(
    "name",
    [
        "/data/local-files/?d=photos/gone.jpg",
        "https://h.example/media/gone.jpg",
        r"C:\Users\me\gone.jpg",
        "/content/gone.jpg",
    ],
)
@pytest.mark.parametrize("kind", ["coco", "csv", "cvat", "via"])
def test_a_missing_image_has_its_name_in_the_error(made, convert, kind, name):
    texts = FORMATS[kind]([name.removesuffix(".jpg"), "here"])
    with pytest.raises(UserError, match=rf"^1 image with annotated objects is missing: {re.escape(name)}; copy"):
        convert(made(["pictures/here.jpg"], texts))


def test_the_notice_counts_images(made, read):
    """Both splits name `D:\\x\\1.jpg`, and two jsons name the image of val."""
    texts = {f"{name}.json": coco_json(r"D:\x\1.jpg", category=name) for name in ("a_train", "a_val", "b_val")}
    (notice,) = read(made(["train/1.jpg", "val/1.jpg"], texts)).notices[-1:]
    assert notice.id == "other_spelling" and notice.items == (r"D:\x\1.jpg -> train/1.jpg", r"D:\x\1.jpg -> val/1.jpg")
