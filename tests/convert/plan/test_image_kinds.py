# environment: data
"""Files that are named as images and are of another kind: what each is, and what to do."""

import re

import pytest

BRAND = b"\0\0\0\x18ftyp%s\0\0\0\0mif1"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jpg", BRAND % b"heic", "HEIC, the format of iPhones: convert it to JPEG"),
        ("a.HEIF", BRAND % b"mif1", "HEIC, the format of iPhones"),
        ("a.jpg", b"<!DOCTYPE html>\n<html>404", "a web page, no image: download the image again"),
        ("a.jpg", b"<html><head>", "a web page, no image"),
        ("a.png", b"<?xml version='1.0'?>\n<svg xmlns='x'>", "SVG, a drawing: convert it"),
        ("a.png", b"<?xml version='1.0'?><Error><Code>NoSuchKey", "xml, no image"),
        (
            "a.jpg",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
            "a pointer of Git LFS, .*`git lfs pull`",
        ),
        ("a.jpg", b'{"error": "not found"}', "json, no image"),
        ("a.jpg", b"PK\x03\x04\x14\0", "a zip archive, no image"),
        ("a.jpg", b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL: convert it"),
        ("a.jpg", b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000: convert it"),
        ("a.jpg", b"%PDF-1.7", "PDF: convert it"),
        ("a.jpg", b"\0\0\0\x20ftypisom", "a video, no image"),
        ("a.jpg", b"\0" * 128 + b"DICM", "DICOM"),
        ("a.jpg", b"neither this nor that", "not in a format that is read"),
        ("a.jpg", b"", "empty file"),
    ],
)
def test_kind_of_a_file(made, convert, name, content, says):
    row = "{},cat,8,12,24,36\n"
    table = "filename,class,xmin,ymin,xmax,ymax\n" + row.format(name) + row.format("b.jpg")
    out = convert(made(["b.jpg"], {name: content, "set.csv": table}))
    (line,) = (line for line in out.quarantine if line["object"] is None)
    assert (line["file"], line["reason"]) == (name, "undecodable")
    assert sum(split["images"] for split in out.manifest["splits"].values()) == 1
    assert re.match(says, line["value"])


def test_one_notice_for_each_kind(made, convert):
    rows = [f"{name}.jpg,cat,8,12,24,36" for name in "abcde"]
    texts = {"set.csv": "\n".join(["filename,class,xmin,ymin,xmax,ymax", *rows])}
    texts |= {"a.jpg": BRAND % b"heic", "b.jpg": BRAND % b"heic", "c.jpg": "<html>", "d.jpg": "damaged"}
    out = convert(made(["e.jpg"], texts))
    assert out.claims("images_of_another_kind") == [
        "2 images (first a.jpg): HEIC, the format of iPhones",
        "1 image (first c.jpg): a web page, no image",
    ]


@pytest.mark.parametrize("suffix", ["HEIC", "heif", "avif"])
def test_yolo_and_labelme_find_images_of_these_suffixes(made, read, suffix):
    root = made([], {f"a.{suffix}": BRAND % b"heic", "a.txt": "0 0.5 0.5 0.2 0.2\n", "classes.txt": "cat\n"})
    assert [(image.filename, image.fault, len(image.objects)) for image in read(root).images] == [
        (f"a.{suffix}", None, 1)
    ]
