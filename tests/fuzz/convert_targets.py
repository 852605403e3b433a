# environment: data
"""Data folders of every format, and pictures of every kind, through convert."""

import io
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import containers
import numpy as np
from PIL import Image
from target import Files, Target
from via_files import version_3

from boxwright.convert import conversion
from boxwright.convert.config import Config
from boxwright.convert.plan.example_plan import Plan
from boxwright.convert.splits import stratify
from boxwright.convert.splits.assign_splits import assign_splits
from boxwright.core.artifacts import dataset
from boxwright.core.records import tables, tfrecords
from boxwright.core.records.example_proto import Example
from boxwright.core.runtime.errors import UserError

COCO = json.dumps({
    "images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}, {"id": 2, "file_name": "b.jpg", "scan": "s"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [8, 12, 16, 24], "iscrowd": 0},
        {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[8, 12, 24, 12, 24, 36]]},
        {"id": 3, "image_id": 1, "category_id": 1, "segmentation": {"size": [48, 64], "counts": "T5=lT1"}},
        {"id": 4, "image_id": 2, "category_id": 1, "iscrowd": 1, "segmentation": {"size": [48, 64], "counts": [500, 9, 2563]}},
        {"id": 5, "image_id": 2, "category_id": 1, "bbox": [8, 12, 16, 24], "attributes": {"rotation": 30}},
    ],
    "categories": [{"id": 1, "name": "cat", "supercategory": "animal"}],
})  # fmt: skip
VOC = """<annotation><folder>x</folder><filename>a.jpg</filename><source><database>d</database></source><size><width>64</width>
<height>48</height><depth>3</depth></size><object><name>cat</name><truncated>0</truncated><difficult>1</difficult><bndbox>
<xmin>8</xmin><ymin>12</ymin><xmax>24</xmax><ymax>36</ymax></bndbox></object><object><name>cat</name><polygon><x1>8</x1><y1>12</y1>
<x2>24</x2><y2>12</y2><x3>24</x3><y3>36</y3></polygon></object></annotation>"""
CVAT = """<annotations><meta><task><labels><label><name>cat</name></label></labels></task></meta>
<image id="0" name="a.jpg" width="64" height="48" subset="train">
<box label="cat" xtl="8" ytl="12" xbr="24" ybr="36" rotation="30"/>
<polygon label="cat" points="8,12;24,12;24,36"/><ellipse label="cat" cx="16" cy="24" rx="8" ry="12"/>
<mask label="cat" left="8" top="12" width="4" height="2" rle="1,3,4"/><points label="cat" points="3,3"/></image></annotations>"""
LABELME = json.dumps({
    "shapes": [
        {"label": "cat", "points": [[8, 12], [24, 36]], "shape_type": "rectangle", "group_id": None},
        {"label": "cat", "points": [[8, 12], [24, 12], [24, 36]], "shape_type": "polygon", "group_id": 1},
        {"label": "cat", "points": [[20, 20], [23, 24]], "shape_type": "circle", "group_id": 1},
    ],
    "imagePath": "a.jpg", "imageData": None, "imageHeight": 48, "imageWidth": 64,
})  # fmt: skip
KITTI = (
    "cat 0.00 0 -1.57 8.0 12.0 24.0 36.0 1 1 1 1 1 1 0.1\nDontCare -1 -1 -10 1 2 3 4 -1 -1 -1 -1000 -1000 -1000 -10\n"
)
ULTRALYTICS = "path: .\ntrain: train.txt\nval: [val.txt]\nnames: {0: cat, 1: dog}\nkpt_shape: [2, 2]\n"
DARKNET = "classes = 1\ntrain = train.txt\nnames = n.names\n"
CSV = "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,64,48,cat,8,12,24,36\nb.jpg,64,48,cat,8,12,24,36\n"
CSV_OF_KAGGLE = 'image_id,width,height,bbox,source\na,64,48,"[40, 30, 16, 12]",x\nb,64,48,"[8.0, 12.0, 16, 24]",x\n'
VIA = json.dumps({
    "_via_settings": {"core": {"default_filepath": "./images/"}}, "_via_data_format_version": "2.0.10",
    "_via_attributes": {"region": {"label": {"type": "radio", "options": {"1": "cat", "dog": ""}}}, "file": {}},
    "_via_img_metadata": {
        "a.jpg9": {"filename": "a.jpg", "size": 9, "file_attributes": {"scan": "s"}, "regions": [
            {"shape_attributes": {"name": "rect", "x": 8, "y": 12, "width": 16, "height": 24},
             "region_attributes": {"label": "1"}},
            {"shape_attributes": {"name": "ellipse", "cx": 20, "cy": 20, "rx": 8, "ry": 4, "theta": 0.5},
             "region_attributes": {"label": {"dog": True}}},
        ]},
        "b.jpg9": {"filename": "b.jpg", "size": 9, "file_attributes": {}, "regions": {"0": {
            "shape_attributes": {"name": "polygon", "all_points_x": [8, 24, 16], "all_points_y": [20, 12, 36]},
            "region_attributes": {"label": "dog", "pose": "left"},
        }}},
    },
})  # fmt: skip
VIA_CSV = (
    "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\n"
    'a.jpg,9,"{}",1,0,"{""name"":""circle"",""cx"":20,""cy"":20,""r"":5}","{""label"":""cat""}"\nb.jpg,9,"{}",0,0,"{}","{}"\n'
)
VIA_3 = version_3(
    ([2, 8, 12, 16, 24], {"1": "7"}),
    ([7, 8, 20, 24, 12, 16, 36], {"1": "8", "2": "1,2"}),
    ([], {"3": "scan of the morning"}),
)
STUDIO_BOX = {"x": 12.5, "y": 25.0, "width": 25.0, "height": 50.0, "rotation": 30, "rectanglelabels": ["cat"]}
STUDIO = json.dumps([
    {"id": 1, "data": {"image": "/data/upload/1/0123abcd-a.jpg", "scan": "s"}, "predictions": [], "annotations": [
        {"id": 1, "was_cancelled": False, "ground_truth": False, "updated_at": "2024-03-09T22:16:08Z", "result": [
            {"id": "r1", "type": "rectanglelabels", "original_width": 64, "original_height": 48, "image_rotation": 0,
             "value": STUDIO_BOX},
            {"id": "r2", "type": "polygonlabels", "original_width": 64, "original_height": 48,
             "value": {"points": [[12.5, 50], [37.5, 25], [25, 75]], "polygonlabels": ["dog"]}},
            {"type": "choices", "value": {"choices": ["good"]}},
        ]},
        {"id": 2, "was_cancelled": True, "result": []},
    ]},
    {"id": 2, "data": {"image": "s3://bucket/photos/b.jpg"}, "annotations": [{"result": []}], "predictions": [{"result": []}]},
])  # fmt: skip
STUDIO_MIN = json.dumps([
    {"image": "/data/local-files/?d=a.jpg", "id": 1, "annotator": 1, "annotation_id": 1, "updated_at": "2024",
     "label": [{"original_width": 64, "original_height": 48, **STUDIO_BOX}]},
])  # fmt: skip
OPEN_IMAGES = (
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside\n"
    "a,xclick,/m/01,1,0.125,0.375,0.25,0.75,0,1,0,0,0\nb,xclick,/m/02,1,0.125,0.375,0.25,0.75,0,0,1,0,0\n"
)
ITEM = 'item {\n  id: 1\n  name: "cat"\n}\n'
# format: texts of data sets. Each also has the pictures a.jpg and b.jpg.
SETS: dict[str, list[dict[str, str]]] = {
    "coco": [{"set.json": COCO}, {"annotations/instances_train.json": COCO, "annotations/instances_val.json": COCO}],
    "voc": [{"a.xml": VOC, "ImageSets/Main/train.txt": "a 1\n"}, {"a.xml": VOC, "b.xml": VOC}],
    "yolo": [
        {"data.yaml": "train: .\nnc: 1\nnames: [cat]\n", "a.txt": "0 0.25 0.5 0.25 0.5\n0 0.1 0.2 0.3 0.2 0.3 0.6\n"},
        {"data.yaml": ULTRALYTICS, "a.txt": "0 .5 .5 .1 .1\n", "train.txt": "./a.jpg\n", "val.txt": "b.jpg\n"},
        {"obj.data": DARKNET, "n.names": "cat\n", "train.txt": "a.jpg\n", "a.txt": "0 .5 .5 .1 .1"},
        {"a.txt": "0 .5 .5 .1 .1", "classes.txt": "cat\ndog\n"},
        {"a.txt": "0 .5 .5 .2 .4 90\n0,.5,.5,.2,.4,-30\n", "b.txt": "1 .5 .5 .2 .4 .9 3\n", "parts.names": "cat\ndog\n"},
        {"a.txt": "0 .5 .5 .6 .6 .3 .3 2 .7 .7 1\n" * 3, "b.txt": "0 32 12 44 24 32 36 20 24\n"},
    ],
    "cvat": [{"annotations.xml": CVAT}],
    "labelme": [{"a.json": LABELME}],
    "csv": [
        {"set.csv": CSV}, {"train_labels.csv": CSV, "test_labels.csv": CSV.replace(",", ";")},
        {"set.csv": "sep=;\nimage;label;x;y;w;h\na.jpg;cat;2;3;16,5;24\nb.jpg;;;;;\n"}, {"set.csv": CSV_OF_KAGGLE},
    ],
    "kitti": [{"a.txt": KITTI, "b.txt": ""}],
    "via": [{"via.json": VIA}, {"via.csv": VIA_CSV}, {"via_train.json": VIA, "via_val.csv": VIA_CSV}, {"via.json": VIA_3}],
    "labelstudio": [{"project.json": STUDIO}, {"project.json": STUDIO_MIN}, {"a.json": STUDIO, "b.json": f"{STUDIO_MIN}\n"}],
    "openimages": [{"boxes.csv": OPEN_IMAGES}, {"train-bbox.csv": OPEN_IMAGES, "classes.csv": "/m/01,Cat\n/m/02,Dog\n"}],
}  # fmt: skip


# Flags that the formats' inputs are converted with.
OPTIONS: tuple[dict[str, Any], ...] = (
    {}, {}, {"pixels": "trust"}, {"fix": "drop"}, {"fix": "fail"}, {"missing": "fail"}, {"backgrounds": "quarantine"},
    {"seed": 3}, {"group": "([a-z])"}, {"max_objects": 2}, {"follow_links": True}, {"shards": 3},
    {"boxes_for": "annotated"}, {"boxes_for": "stretched"}, {"boxes_for": "stored"}, {"boxes_for": "128x96"},
)  # fmt: skip


def encoded(kind: str, mode: str = "RGB", size: tuple[int, int] = (64, 48), **options) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).convert(mode).save(file, kind, **options)
    return file.getvalue()


def _pairs(file: str) -> list[Files]:
    pictures = {"a.jpg": encoded("JPEG"), "b.jpg": encoded("JPEG", quality=50)}
    return [pictures | {name: text.encode() for name, text in texts.items()} for texts in SETS[file]]


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    return exif


PICTURES = {
    "jpeg.jpg": ("JPEG", "RGB", {}), "progressive.jpg": ("JPEG", "RGB", {"progressive": True}), "gray.jpg": ("JPEG", "L", {}),
    "cmyk.jpg": ("JPEG", "CMYK", {}), "exif.jpg": ("JPEG", "RGB", {"exif": _exif()}), "rgb.png": ("PNG", "RGB", {}),
    "palette.png": ("PNG", "P", {}), "alpha.png": ("PNG", "RGBA", {"exif": _exif()}), "deep.png": ("PNG", "I;16", {}),
    "one.png": ("PNG", "1", {}), "a.gif": ("GIF", "P", {}), "a.bmp": ("BMP", "RGB", {}), "palette.bmp": ("BMP", "P", {}),
    "raw.tif": ("TIFF", "RGB", {}), "lzw.tif": ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    "jpeg.tif": ("TIFF", "RGB", {"compression": "jpeg"}),
    "deflate.tif": ("TIFF", "L", {"compression": "tiff_adobe_deflate"}), "fax.tif": ("TIFF", "1", {"compression": "group4"}),
    "float.tif": ("TIFF", "F", {}), "a.webp": ("WEBP", "RGB", {}),
    "lossless.webp": ("WEBP", "RGBA", {"lossless": True, "exif": _exif()}),
    "a.ppm": ("PPM", "RGB", {}), "a.pgm": ("PPM", "L", {}),
    # Formats that no data set needs, under a name that passes.
    "tga.jpg": ("TGA", "RGB", {}), "ico.png": ("ICO", "RGBA", {}), "eps.jpg": ("EPS", "RGB", {}),
    "j2k.jpg": ("JPEG2000", "RGB", {}),
    "pcx.bmp": ("PCX", "RGB", {}), "sgi.bmp": ("SGI", "RGB", {}), "xbm.gif": ("XBM", "1", {}), "dds.jpg": ("DDS", "RGB", {}),
    "im.jpg": ("IM", "RGB", {}), "msp.bmp": ("MSP", "1", {}), "mpo.jpg": ("MPO", "RGB", {}), "avif.jpg": ("AVIF", "RGB", {}),
}  # fmt: skip


def pictures() -> list[Files]:
    sound = {"sound.jpg": encoded("JPEG"), "sound.txt": b"0 .5 .5 .5 .5", "classes.txt": b"cat\n"}
    found = []
    for name, (kind, mode, options) in PICTURES.items():
        try:
            content = encoded(kind, mode, **options)
        except (KeyError, OSError):  # this Pillow does not write the format
            continue
        found.append({**sound, name: content, f"{name.partition('.')[0]}.txt": b"0 .5 .5 .5 .5"})
    return found


def tfrecord_sets() -> list[Files]:

    example = Example()
    values = example.features.feature
    for key, text in {
        "filename": b"a.jpg",
        "format": b"jpeg",
        "encoded": encoded("JPEG"),
        "object/class/text": b"cat",
    }.items():
        values[f"image/{key}"].bytes_list.value.append(text)
    for key, number in {
        "height": 48,
        "width": 64,
        "object/class/label": 1,
        "object/is_crowd": 0,
        "object/difficult": 0,
    }.items():
        values[f"image/{key}"].int64_list.value.append(number)
    for side, number in {"xmin": 0.1, "ymin": 0.2, "xmax": 0.5, "ymax": 0.6}.items():
        values[f"image/object/bbox/{side}"].float_list.value.append(number)
    file = containers.framed(example.SerializeToString()) * 2
    return [{"train.tfrecord": file, "val.tfrecord": file, "label_map.pbtxt": ITEM.encode()}, {"set.record": file}]


def _config(data: Path, out: Path, **more: Any) -> Config:
    flags = {"missing": "quarantine", **more}
    return Config(data=str(data), records=out / "records", tables=out / "tables", workers=1, **flags)


def planned(data: Path, out: Path) -> None:
    """Reads the annotations and the headers, decodes for the splits, and checks the counts. Every fourth input is converted. The
    flags depend on the size of the input. Data for which --boxes-for means nothing are read without it."""
    size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    options = OPTIONS[size // 4 % len(OPTIONS)]
    read = converted if size % 4 == 0 else _planned
    try:
        read(data, out, **options)
    except UserError as error:
        if not str(error).startswith("--boxes-for"):
            raise
        read(data, out)


def _planned(data: Path, out: Path, **options: Any) -> None:
    config = _config(data, out, **options)
    fractions = stratify.parse_fractions(config.split_fractions)
    plan = conversion._plan(config)
    _check_counts(
        assign_splits(
            plan, data=config.data, fractions=fractions, seed=0, group=config.group, how=config.pixels, processes=1
        )
    )


def _check_counts(done: Plan) -> None:
    stored = sum(len(image.objects) for image in done.images)
    assert stored + sum(r.object is not None for r in done.rejects) == done.found_objects
    assert len(done.images) + sum(r.object is None for r in done.rejects) == done.found_images
    "".join([*(image.filename for image in done.images), *done.classes]).encode()  # without halves of surrogate pairs


def converted(data: Path, out: Path, **options: Any) -> None:
    """The whole step. What it writes can be read again."""
    conversion.convert(_config(data, out, **options))
    read_back(out / "records", out / "tables")


def read_back(records: Path, of_tables: Path) -> None:
    manifest = tfrecords.manifest(records)
    list(dataset.read_quarantine(records / dataset.QUARANTINE))
    images, objects = tables.read(of_tables)
    found = [record for split in tfrecords.SPLITS for record in tfrecords.read(records, split)]
    assert len(found) == len(images) == sum(split.images for split in manifest.splits.values())
    assert sum(len(record.class_ids) for record in found) == len(objects)
    for record in found:
        assert record.picture("RGB").size == (record.width, record.height)


def label_maps() -> Sequence[Files]:
    text = f'# a comment\n{ITEM}item {{ id: 2 name: "/m/01" display_name: "dog" keypoints {{ id: 1 label: "x" }} }}\n'
    (coco,) = _pairs("labelme")
    return [coco | {"map/label_map.pbtxt": ITEM.encode()}, coco | {"map/label_map.pbtxt": text.encode()}]


def with_label_map(data: Path, out: Path) -> None:
    map_file = out / "label_map.pbtxt"
    map_file.write_bytes((data / "map" / "label_map.pbtxt").read_bytes())
    conversion._plan(_config(data, out, label_map=str(map_file)))


warnings.simplefilter("ignore")  # Pillow's, on damaged pictures
JPEGS = ("a.jpg", "b.jpg")
TARGETS = (
    *(Target(f"convert {kind}", lambda kind=kind: _pairs(kind), planned, JPEGS) for kind in SETS),
    Target("convert tfrecord", tfrecord_sets, planned),
    Target("convert pictures", pictures, converted, ("sound.jpg", "sound.txt", "classes.txt"), tests=15),
    Target("label map", label_maps, with_label_map, (*JPEGS, "a.json"), tests=200),
)
