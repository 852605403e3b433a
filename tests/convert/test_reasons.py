# environment: data
"""Damaged data: every image and object is stored, or quarantined with a reason."""

import io
import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from boxwright.convert.plan import example_plan
from boxwright.convert.reading import source
from boxwright.convert.writing import manifest, shards
from boxwright.convert.writing.pixels import Stored, load
from boxwright.core.artifacts.dataset import Counts, Dataset
from boxwright.core.records import tables
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime.errors import UserError

GOOD = [1, [8, 12, 16, 24]]

OBJECTS = {
    "inverted": [1, [30, 10, -8, 10]],
    "zero_area": [1, [30, 10, 0, 10]],
    "a sliver": [1, [64 - 1e-7, 10, 30, 10]],
    "outside": [1, [70, 10, 8, 8]],
    "not_a_number": [1, [30, None, 8, 8]],
    "unknown_class": [9, [30, 10, 8, 8]],
}


def test_reasons_of_objects(coco, convert):
    out = convert(coco({"a.jpg": [GOOD, *OBJECTS.values()], "b.jpg": [GOOD]}))
    reasons = ["zero_area" if name == "a sliver" else name for name in OBJECTS]
    assert out.reasons("images/a.jpg") == list(enumerate(reasons, 1))
    assert out.manifest["quarantined"] == {"images": {}, "objects": dict(Counter(sorted(reasons)))}
    assert out.manifest["found"] == {"images": 2, "objects": 8}


def test_nan_in_json(coco, convert):
    out = convert(coco({"a.jpg": [GOOD, [1, [float("nan"), 1, 4, 4]]]}))
    assert out.reasons("images/a.jpg") == [(1, "not_a_number")]


def test_reasons_of_images(coco, convert, picture):
    names = ("good", "missing", "truncated", "empty", "text", "mismatch", "tail")
    root = coco({f"{name}.jpg": [GOOD] for name in names})
    folder = root / "images"
    picture(folder / "mismatch.jpg", 80, 48)
    picture(folder / "stray.jpg")
    whole = (folder / "truncated.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "tail.jpg").write_bytes(whole[:-2] + b"\0\0\0\0" + whole[-2:])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("not a picture")
    (folder / "missing.jpg").unlink()
    document = json.loads((root / "instances.json").read_text())
    document["images"].append(document["images"][0] | {"id": 99, "width": 65})  # disagrees on the size
    document["annotations"] += [
        {"image_id": 99, "category_id": 1, "bbox": [1, 1, 4, 4]},
        {"image_id": 77, "category_id": 1, "bbox": [1, 1, 4, 4]},
    ]
    (root / "instances.json").write_text(json.dumps(document))
    out = convert(root, missing="quarantine")
    assert out.manifest["quarantined"]["images"] == {
        "duplicate_image": 1, "missing": 1, "size_mismatch": 1, "truncated": 1, "undecodable": 2, "unlisted": 1,
    }  # fmt: skip
    assert out.manifest["quarantined"]["objects"] == {"image_rejected": 6, "unknown_image": 1}
    assert out.reasons("images/truncated.jpg") == [(None, "truncated"), (0, "image_rejected")]
    assert set(out.read()) == {"images/good.jpg", "images/tail.jpg"}
    assert out.manifest["found"] == {"images": 9, "objects": 9}


def test_truncated_png(coco, convert, picture):
    root = coco({"a.jpg": [GOOD], "b.png": [GOOD]})
    whole = picture(root / "images/b.png").read_bytes()
    (root / "images/b.png").write_bytes(whole[: len(whole) // 2])
    assert convert(root).reasons("images/b.png") == [(None, "truncated"), (0, "image_rejected")]


@pytest.mark.parametrize("pixels", ["decode", "trust"])
def test_damaged_image_loses_its_objects(coco, convert, pixels):
    """The damage is found by the prescan, or when the image is written."""
    root = coco({"a.jpg": [GOOD], "b.jpg": [OBJECTS["zero_area"], GOOD, OBJECTS["outside"]]})
    whole = (root / "images/b.jpg").read_bytes()
    (root / "images/b.jpg").write_bytes(whole[: len(whole) // 2])
    out = convert(root, pixels=pixels)
    assert out.reasons("images/b.jpg") == [(None, "truncated"), (0, "zero_area"), (1, "image_rejected"), (2, "outside")]
    assert out.manifest["found"] == {"images": 2, "objects": 4}


def test_damaged_image_is_in_no_notice(coco, convert):
    """With given splits, the damage is found when the image is written."""
    root = coco({"train/a.jpg": [GOOD], "val/b.jpg": [GOOD], "val/c.jpg": [[1, [56, 36, 16, 6]]], "val/d.jpg": []})
    for split in ("train", "val"):
        document = json.loads((root / "instances.json").read_text())
        document["images"] = [image for image in document["images"] if image["file_name"].startswith(split)]
        kept = {image["id"] for image in document["images"]}
        document["annotations"] = [a for a in document["annotations"] if a["image_id"] in kept]
        (root / f"instances_{split}.json").write_text(json.dumps(document))
    (root / "instances.json").unlink()
    for name in ("c", "d"):
        whole = root / f"images/val/{name}.jpg"
        whole.write_bytes(whole.read_bytes()[:-500])
    out = convert(root)
    assert out.manifest["quarantined"]["images"] == {"truncated": 2}
    assert not {"clipped", "negatives"} & set(out.notices)


def test_damaged_image_fills_no_split(coco, convert):
    root = coco({f"{number}.jpg": [GOOD] for number in range(8)})
    for number in range(5):
        (root / f"images/{number}.jpg").write_bytes((root / f"images/{number}.jpg").read_bytes()[:-500])
    out = convert(root)
    assert {split: counts["images"] for split, counts in out.manifest["splits"].items()} == dict.fromkeys(SPLITS, 1)


def test_split_of_damaged_images_is_reported(coco, convert):
    root = coco({f"{number}.jpg": [GOOD] for number in range(3)})
    for number in range(3):
        whole = root / f"images/{number}.jpg"
        whole.write_bytes(whole.read_bytes()[: -500 if number == 0 else None])
    out = convert(root, pixels="trust")
    (empty,) = [split for split, counts in out.manifest["splits"].items() if not counts["images"]]
    (claim,) = out.claims("empty_split")
    assert claim.startswith(f"no image in {empty}")


def test_image_with_only_invalid_boxes_is_quarantined(coco, convert):
    """Only an image without annotations is background."""
    out = convert(coco({"a.jpg": [GOOD], "b.jpg": [OBJECTS["zero_area"], OBJECTS["outside"]], "c.jpg": []}))
    assert out.reasons("images/b.jpg") == [(None, "objects_rejected"), (0, "zero_area"), (1, "outside")]
    assert set(out.read()) == {"images/a.jpg", "images/c.jpg"} and out.notices["negatives"] == 1
    assert out.manifest["found"] == {"images": 3, "objects": 3}


def test_box_over_the_edge(coco, convert):
    root = coco({"a.jpg": [GOOD, [2, [56, 36, 16, 6]]]})
    clipped = convert(root, "clip")
    assert clipped.notices["clipped"] == 1
    assert clipped.read()["images/a.jpg"].boxes_yxyx[1] == pytest.approx([0.75, 0.875, 0.875, 1.0])
    assert list(tables.read(clipped.tables)[1]["clipped"]) == [False, True]
    dropped = convert(root, "drop", fix="drop")
    assert dropped.reasons("images/a.jpg") == [(1, "partly_outside")]
    assert dropped.notices["unused_category"] == "dog"
    with pytest.raises(UserError, match=r"a\.jpg: object 1: .*re-run with --fix clip"):
        convert(root, "fail", fix="fail")


def test_accepts_rounding_over_the_edge(coco, convert):
    out = convert(coco({"a.jpg": [[1, [-0.5, 0, 65, 48.4]]]}), fix="fail")
    assert out.read()["images/a.jpg"].boxes_yxyx[0] == pytest.approx([0, 0, 1, 1])
    assert "clipped" not in out.notices


@pytest.mark.parametrize(
    ("orientation", "annotated", "stored"), [(6, (48, 64), (48, 64)), (6, (64, 48), (64, 48)), (3, (64, 48), (64, 48))]
)
def test_exif_orientation(coco, convert, orientation, annotated, stored):
    """Boxes are in the frame of the annotation. If the annotated size is that of the stored pixels, nothing is turned."""
    root = coco({"a.jpg": [GOOD]})
    exif = Image.Exif()
    exif[0x0112] = orientation
    gradient = np.repeat(np.linspace(0, 255, 64, dtype=np.uint8)[None], 48, 0)
    Image.fromarray(gradient).convert("RGB").save(root / "images/a.jpg", exif=exif, quality=95)
    document = json.loads((root / "instances.json").read_text())
    document["images"][0] |= dict(zip(("width", "height"), annotated, strict=True))
    (root / "instances.json").write_text(json.dumps(document))
    out = convert(root)
    record = out.read()["images/a.jpg"]
    (out.tables.parent / "a.jpg").write_bytes(record.encoded)
    with Image.open(out.tables.parent / "a.jpg") as image:
        assert image.size == (record.width, record.height) == stored
        turned = annotated == (48, 64) or orientation == 3
        assert image.getexif().get(0x0112, 1) == (1 if turned else orientation)
        corner = np.asarray(image.convert("L"))[1, 1]
    assert corner > 200 if orientation == 3 else corner < 50
    assert set(out.notices) & {"exif_applied", "exif_ignored"} == {"exif_applied" if turned else "exif_ignored"}
    assert tables.read(out.tables)[0]["exif_orientation"][0] == orientation


@pytest.mark.parametrize(
    ("mode", "suffix", "stored"),
    [("RGB", "jpg", "JPEG"), ("L", "jpg", "JPEG"), ("CMYK", "jpg", "JPEG"), ("RGBA", "png", "PNG"), ("P", "gif", "PNG"),
     ("RGB", "bmp", "PNG"), ("I;16", "png", "PNG"), ("1", "tif", "PNG"), ("RGB", "webp", "PNG")],
)  # fmt: skip
def test_image_formats(coco, convert, mode, suffix, stored):
    """Images become 8-bit JPEG or PNG. Images that already are 8-bit JPEG or PNG keep their bytes."""
    name = f"a.{suffix}"
    root = coco({"b.jpg": [GOOD], "a.bmp": [GOOD]})
    (root / "images/a.bmp").unlink()
    ramp = np.linspace(0, 255, 64 * 48).reshape(48, 64)
    image = (
        Image.fromarray((ramp * 257).astype(np.uint16))
        if mode == "I;16"
        else Image.fromarray(ramp.astype(np.uint8)).convert(mode)
    )
    image.save(root / "images" / name)
    (root / "instances.json").write_text((root / "instances.json").read_text().replace("a.bmp", name))
    out = convert(root)
    record = out.read()[f"images/{name}"]
    (out.tables.parent / "image").write_bytes(record.encoded)
    with Image.open(out.tables.parent / "image") as image:
        assert (image.format, image.mode in ("RGB", "L")) == (stored, True)
        gray = np.asarray(image.convert("L"), float)
    if mode not in ("1", "P", "CMYK"):
        assert np.abs(gray - ramp).mean() < 3
    assert (record.encoded == (root / "images" / name).read_bytes()) == (suffix == "jpg" and mode != "CMYK")
    assert ("re_encoded" in out.notices) == (suffix != "jpg" or mode == "CMYK")


def test_lost_record_is_found(coco, convert):
    """The records in the file are counted."""
    out = convert(coco({"a.jpg": [GOOD], "b.jpg": [GOOD], "c.jpg": [GOOD]}))
    shard = shards.Shard("train-00000-of-00001.tfrecord", [])
    outcome = shards.Written(images=[], rejects=[], records=1, objects=1, digest="")
    with pytest.raises(RuntimeError, match=r"holds \(1, 1\) images and objects, expected \(0, 0\)"):
        manifest.reconcile_shards([shard], [outcome])
    stored = Dataset.model_validate(out.manifest)
    lossy = stored.model_copy(update={"found": Counts(images=3, objects=4)})
    with pytest.raises(RuntimeError, match="4 objects found, 3 stored and 0 quarantined"):
        manifest.reconcile_totals(lossy)


def test_duplicate_object(coco, convert):
    """An equal box of the same class is a duplicate. A box of another class, or one pixel away, is not."""
    box = [8, 12, 16, 24]
    out = convert(
        coco({"a.jpg": [[1, box], [2, box], [1, box], [1, [8, 12, 16, 23]], [1, [8.0, 12, 16, 24]]], "b.jpg": [GOOD]})
    )
    assert out.reasons("images/a.jpg") == [(2, "duplicate_object"), (4, "duplicate_object")]
    assert out.quarantine[0]["value"] == "the same class and box as object 0"
    assert out.manifest["found"] == {"images": 2, "objects": 6}


def test_too_many_objects(coco, convert):
    """The image and all its objects are quarantined. The limit itself is allowed."""
    many = [[1, [n, n, 9, 9]] for n in range(4)]
    root = coco({"a.jpg": many, "b.jpg": many[:3]})
    out = convert(root, "limit", max_objects=3)
    assert out.reasons("images/a.jpg") == [(None, "too_many_objects"), *((n, "image_rejected") for n in range(4))]
    assert set(out.read()) == {"images/b.jpg"}
    assert convert(root, "any", max_objects=0).quarantine == []
    with pytest.raises(UserError, match="--max-objects -1"):
        convert(root, max_objects=-1)


@pytest.mark.parametrize(("number", "noticed"), [(100, None), (101, 101)])
def test_notices_more_objects_than_padding(coco, convert, number, noticed):
    objects = [[1, [n % 50, n // 50, 9, 9]] for n in range(number)]
    assert convert(coco({"a.jpg": objects})).notices.get("many_objects") == noticed


# The inverse of what each EXIF orientation asks for.
UNDO = {turn: Image.Transpose(number) for turn, number in {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.items()}
BLOCK = (slice(12, 36), slice(8, 24))  # rows and columns of GOOD: bright on dark


@pytest.mark.parametrize(
    ("name", "mode", "orientation"),
    [
        *((f"a.{suffix}", "RGB", 1) for suffix in ("jpg", "png", "bmp", "webp", "tif", "gif", "ppm")),
        ("a.jpg", "L", 1), ("a.png", "L", 1), ("a.png", "1", 1), ("a.png", "P", 1), ("a.png", "LA", 1), ("a.png", "RGBA", 1),
        ("a.png", "I;16", 1), ("a.tif", "I;16", 1), ("a.tif", "CMYK", 1), ("a.jpg", "CMYK", 1), ("a.webp", "RGBA", 1),
        *(("a.jpg", "RGB", turn) for turn in range(2, 9)), ("a.png", "RGB", 6), ("a.tif", "RGB", 8), ("a.webp", "L", 3),
    ],
)  # fmt: skip
def test_pixels_and_boxes_agree(tmp_path, name, mode, orientation):
    """The stored image is decoded as in training (without EXIF). It is bright in the box and dark elsewhere."""
    upright = np.full((48, 64), 20, np.uint8)
    upright[BLOCK] = 235
    pixels = Image.fromarray(upright)
    undo = UNDO.get(orientation)
    if mode == "I;16":
        pixels = Image.fromarray(upright.astype(np.uint16) * 257)
    else:
        pixels = (pixels if undo is None else pixels.transpose(undo)).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = orientation
    if orientation > 1:
        pixels.save(tmp_path / name, exif=exif)
    else:
        pixels.save(tmp_path / name)
    annotated = source.Image(tmp_path / name, name, (source.Object("cat", (8, 12, 24, 36)),), size=(64, 48))
    plan = example_plan.build(source.Source("voc", tmp_path, [annotated]), fix="clip", missing="fail")
    (image,) = plan.images
    assert plan.rejects == [] and (image.width, image.height) == (64, 48)
    stored = load((tmp_path / name).read_bytes(), upright=image.upright, plain=image.header.plain)
    assert isinstance(stored, Stored)
    with Image.open(io.BytesIO(stored.encoded)) as decoded:
        gray = np.asarray(decoded.convert("L"), float)
    assert gray.shape == (48, 64)
    inside = np.zeros((48, 64), bool)
    inside[BLOCK] = True
    assert gray[inside].mean() > 200 and gray[~inside].mean() < 50
