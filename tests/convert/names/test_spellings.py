# environment: data
"""COCO sets whose names are not those of the files. Each pair of lists has the names in the json, and the files."""

import unicodedata

import pytest
from convert_sets import coco_json

DECOMPOSED = unicodedata.normalize("NFD", "sch\u00f6n.jpg")


def located(data, folder) -> list[str | None]:
    """The file of each name, None for a missing one."""
    listed = [image for image in data.images if not image.fault or image.fault.reason != "unlisted"]
    return [str(image.file.relative_to(folder)) if image.file.exists() else None for image in listed]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a.jpg", "images/a.JPG"),
        ("A.JPG", "a.jpg"),
        ("Images/a.jpg", "images/a.jpg"),
        ("a.jpg", "images/a.jpeg"),
        ("a.JPEG", "images/a.jpg"),
        ("a.tif", "a.tiff"),
        ("a", "images/a.png"),
        ("a.jpg", "images/a.png"),
        ("a.png", "images/a.jpg"),
        ("a.bmp", "a.webp"),
        ("a.jpg", "a.jpg.jpg"),
        ("a.jpg.png", "a.png"),
        ("a.b", "a.b.jpg"),
        ("a photo.jpg ", "a photo.jpg"),
    ],
)
def test_case_and_suffix(made, read, name, file):
    assert located(read(made([file], {"set.json": coco_json(name)})), made([], {})) == [file]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("sch\u00f6n.jpg", DECOMPOSED),
        (DECOMPOSED, "sch\u00f6n.jpg"),
        (f"b\u00e4r/{DECOMPOSED}", "b\u00e4r/sch\u00f6n.jpg"),
        ("SCH\u00d6N.jpg", DECOMPOSED),
        ("my%20photo%20%281%29.jpg", "my photo (1).jpg"),
        ("my photo.jpg", "my%20photo.jpg"),
        ("my+photo.jpg", "my photo.jpg"),
        ("sch%C3%B6n.jpg", DECOMPOSED),
        ("sch\u00f6n.jpg", "sch\u251c\u2562n.jpg"),
        ("sch\u00f6n.jpg", "sch\u00c3\u00b6n.jpg"),
        ("sch\u00f6n.jpg", "sch#U00f6n.jpg"),
        ("sch\u00f6n.jpg", "sch\udcf6n.jpg"),
        ("100%.jpg", "100%.JPG"),
    ],
    ids=[
        "NFD",
        "NFC",
        "folder",
        "case",
        "quoted",
        "file",
        "plus",
        "quoted NFC",
        "cp437",
        "cp1252",
        "Info-ZIP",
        "latin-1",
        "percent",
    ],
)
def test_encodings(made, read, name, file):
    assert located(read(made([file], {"set.json": coco_json(name)})), made([], {})) == [file]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a1b2c3d4-my_photo_1.jpg", "my photo (1).jpg"),
        ("my photo (1).jpg", "a1b2c3d4-my_photo_1.jpg"),
        ("a1b2c3d4-pic.jpg", "images/pic.png"),
        ("0f3a2b__pic.jpg", "images/pic.jpg"),
        ("20240101-pic.jpg", "20240102-pic.jpg"),
        ("a1b2c3d4-pic.jpg", "b1b2c3d4-pic.jpg"),
        ("zz12c3d4-pic.jpg", "pic.jpg"),
        ("pic.jpg", "pic_small.jpg"),
        ("pic.jpg", "pic (1).jpg"),
        ("1.jpg", "001.jpg"),
        ("pic_1.jpg", "pic_11.jpg"),
    ],
)
def test_prefixes_of_label_studio(made, read, name, file):
    """A prefix counts on one side only, because two prefixes are two pictures."""
    plain = name[8:9] == "-" and file[8:9] == "-"
    other = plain or name.startswith("zz") or file.startswith(("pic_", "pic (", "001"))
    (found,) = located(read(made([file], {"set.json": coco_json(name)})), made([], {}))
    assert found == (None if other else file)


@pytest.mark.parametrize(
    "name",
    [
        r"C:\Users\me\set\images\pic.jpg",
        "C:/Users/me/set/images/pic.jpg",
        r"\\server\share\images\pic.jpg",
        r"images\pic.jpg",
        "/content/drive/MyDrive/set/images/pic.jpg",
        "../../../somewhere/pic.jpg",
        "https://h.example/media/pic.jpg",
        "https://h.example/media/pic.jpg?X-Amz-Signature=ab&x=y.jpg",
        "https://h.example/o/set%2Fimages%2Fpic.jpg?alt=media",
        "s3://bucket/pic.jpg",
        "gs://bucket/images/pic.jpg",
        "file:///somewhere/pic.jpg",
        "/data/local-files/?d=pic.jpg",
        "/data/local-files/?d=set/images/pic.jpg",
        "?d=set%5Cimages%2Fpic.jpg",
        "/data/upload/1/a1b2c3d4-pic.jpg",
    ],
)
def test_foreign_places(made, read, name):
    root = made(["images/pic.jpg", "images/else.jpg"], {"set.json": coco_json(name, "else.jpg")})
    assert located(read(root), root) == ["images/pic.jpg", "images/else.jpg"]
