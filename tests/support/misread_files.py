# environment: data
"""Writes small sets in all formats, with the numbers of their boxes in any order and unit (`misread_boxes`)."""

import json
from pathlib import Path

import labelstudio_files
import via_files
from misread_boxes import FAULTS, Fault, Picture, draw, numbers
from PIL import Image as Pillow

from boxwright.core.records import tfrecords
from boxwright.core.records.example_proto import Example

_SIDES = ("xmin", "ymin", "xmax", "ymax")
_PLACE = ("x", "y", "width", "height")
_KITTI = "{} 0.00 0 -1.57 {} {} {} {} 1.50 1.60 3.90 1.00 1.70 20.00 -1.60\n"
_OPEN_IMAGES = (
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
)


def plant(folder: Path, name: str, seed: int, images: int = 12, **drawn) -> Path:
    """A set with a mistake of FAULTS. drawn: as `draw` takes it."""
    return write(folder, draw(seed, images, **drawn), FAULTS[name])


def write(folder: Path, pictures: list[Picture], fault: Fault) -> Path:
    """A folder with gray pictures and their annotations."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(pictures):
        Pillow.new("L", (each.width, each.height), number % 256).save(folder / each.name)
    WRITERS[fault.format](folder, pictures, fault)
    return folder


def _rows(picture: Picture, fault: Fault) -> list[tuple[str, list[float]]]:
    return [(name, numbers(box, picture.width, picture.height, fault)) for name, *box in picture.objects]


def _csv(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    lines = ["filename,class,xmin,ymin,xmax,ymax"]
    lines += [",".join([p.name, name, *map(str, four)]) for p in pictures for name, four in _rows(p, fault)]
    (folder / "labels.csv").write_text("\n".join(lines))


def _voc(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    for each in pictures:
        boxes = [
            f"<object><name>{name}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bndbox></object>"
            for name, (a, b, c, d) in _rows(each, fault)
        ]
        (folder / each.name).with_suffix(".xml").write_text(f"<annotation>{''.join(boxes)}</annotation>")


def _coco(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    images = [{"id": i, "file_name": p.name, "width": p.width, "height": p.height} for i, p in enumerate(pictures, 1)]
    annotations = [
        {"image_id": i, "category_id": 1 + (name == "nut"), "bbox": four}
        for i, p in enumerate(pictures, 1)
        for name, four in _rows(p, fault)
    ]
    categories = [{"id": 1, "name": "bolt"}, {"id": 2, "name": "nut"}]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations.json").write_text(json.dumps(document))


def _yolo(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    (folder / "classes.txt").write_text("bolt\nnut\n")
    for each in pictures:
        lines = [" ".join([str(int(name == "nut")), *map(str, four)]) for name, four in _rows(each, fault)]
        (folder / each.name).with_suffix(".txt").write_text("\n".join(lines))


def _tfrecord(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    """The pictures are in the record only."""
    parts = []
    for each in pictures:
        example = Example()
        features = example.features.feature
        features["image/filename"].bytes_list.value.append(each.name.encode())
        features["image/encoded"].bytes_list.value.append((folder / each.name).read_bytes())
        for name, four in _rows(each, fault):
            features["image/object/class/text"].bytes_list.value.append(name.encode())
            for side, value in zip(_SIDES, four, strict=True):
                features[f"image/object/bbox/{side}"].float_list.value.append(value)
        parts += tfrecords.framed(example.SerializeToString())
        (folder / each.name).unlink()
    (folder / "all.record").write_bytes(b"".join(parts))


def _cvat(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    images = ""
    for number, each in enumerate(pictures):
        boxes = "".join(
            f'<box label="{name}" xtl="{a}" ytl="{b}" xbr="{c}" ybr="{d}"/>'
            for name, (a, b, c, d) in _rows(each, fault)
        )
        images += f'<image id="{number}" name="{each.name}" width="{each.width}" height="{each.height}">{boxes}</image>'
    (folder / "annotations.xml").write_text(f"<annotations>{images}</annotations>")


def _kitti(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    for each in pictures:
        text = "".join(_KITTI.format(name, *four) for name, four in _rows(each, fault))
        (folder / each.name).with_suffix(".txt").write_text(text)


def _labelme(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    for each in pictures:
        shapes = [
            {"label": name, "points": [four[:2], four[2:]], "shape_type": "rectangle"}
            for name, four in _rows(each, fault)
        ]
        size = {"imageWidth": each.width, "imageHeight": each.height}
        text = json.dumps({"shapes": shapes, "imagePath": each.name, **size})
        (folder / each.name).with_suffix(".json").write_text(text)


def _via(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    found = {}
    for each in pictures:
        regions = [
            via_files.region({"name": "rect", "x": x, "y": y, "width": w, "height": h}, label=name)
            for name, (x, y, w, h) in _rows(each, fault)
        ]
        found[f"{each.name}99"] = {"filename": each.name, "size": 99, "regions": regions, "file_attributes": {}}
    (folder / "via_region_data.json").write_text(json.dumps(found))


def _labelstudio(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    tasks = []
    for number, each in enumerate(pictures, 1):
        size = {"original_width": each.width, "original_height": each.height}
        items = [
            labelstudio_files.item("rectanglelabels", name, dict(zip(_PLACE, four, strict=True))) | size
            for name, four in _rows(each, fault)
        ]
        tasks.append(labelstudio_files.task(each.name, labelstudio_files.annotation(*items), number=number))
    (folder / "project.json").write_text(json.dumps(tasks))


def _openimages(folder: Path, pictures: list[Picture], fault: Fault) -> None:
    rows = [
        f"{Path(p.name).stem},xclick,{name},1,{a},{c},{b},{d},0,0,0,0,0"
        for p in pictures
        for name, (a, b, c, d) in _rows(p, fault)
    ]
    (folder / "train-annotations-bbox.csv").write_text("\n".join([_OPEN_IMAGES, *rows]))


WRITERS = {
    "csv": _csv, "voc": _voc, "coco": _coco, "yolo": _yolo, "tfrecord": _tfrecord, "cvat": _cvat, "kitti": _kitti,
    "labelme": _labelme, "via": _via, "labelstudio": _labelstudio, "openimages": _openimages,
}  # fmt: skip
