# environment: data
"""The annotation of one picture of `chaos`, in the text or record of each format."""

import json
from typing import Any

from chaos import CLASSES, Picture

from boxwright.core.records.example_proto import Example


def voc_xml(p: Picture) -> str:
    size = "<size><width>{}</width><height>{}</height></size>".format(*p.claimed) if p.claimed else ""
    objects = ""
    for thing in p.things:
        sides = zip(("xmin", "ymin", "xmax", "ymax"), thing.box(*p.frame), strict=True)
        box = "".join(f"<{side}>{value}</{side}>" for side, value in sides)
        name = "" if thing.flaw == "unknown_class" else thing.name
        objects += f"<object><name>{name}</name><bndbox>{box}</bndbox></object>"
    return f"<annotation><filename>{p.name}</filename>{size}{objects}</annotation>"


def yolo_rows(p: Picture) -> str:
    width, height = p.size
    rows = []
    for thing in p.things:
        left, top, right, bottom = thing.box(width, height)
        numbers = (
            (left + right) / 2 / width,
            (top + bottom) / 2 / height,
            (right - left) / width,
            (bottom - top) / height,
        )
        number = 9 if thing.flaw == "unknown_class" else CLASSES.index(thing.name)
        rows.append(" ".join(map(str, (number, *numbers))))
    return "\n".join(rows)


def example(p: Picture) -> Any:
    example = Example()
    features = example.features.feature
    features["image/filename"].bytes_list.value.append(p.name.encode())
    if p.damage != "missing":
        features["image/encoded"].bytes_list.value.append(p.content())
    for side, value in zip(("width", "height"), p.claimed or (), strict=False):
        features[f"image/{side}"].int64_list.value.append(value)
    width, height = p.frame
    features["image/object/bbox/xmin"].float_list.SetInParent()
    for thing in p.things if p.listed else ():
        unknown = thing.flaw == "unknown_class"
        features["image/object/class/text"].bytes_list.value.append(b"" if unknown else thing.name.encode())
        features["image/object/class/label"].int64_list.value.append(9)
        sides = zip(("xmin", "ymin", "xmax", "ymax"), thing.box(width, height), 2 * (width, height), strict=True)
        for side, value, whole in sides:
            features[f"image/object/bbox/{side}"].float_list.value.append(value / whole)
    return example


def cvat_image(p: Picture) -> str:
    size = 'width="{}" height="{}"'.format(*p.claimed) if p.claimed else ""
    shapes = ""
    for thing in p.things:
        sides = zip(("xtl", "ytl", "xbr", "ybr"), thing.box(*p.frame), strict=True)
        name = "" if thing.flaw == "unknown_class" else thing.name
        shapes += f'<box label="{name}" {" ".join(f"{side}={str(value)!r}" for side, value in sides)}/>'
    return f'<image id="0" name="images/{p.name}" {size}>{shapes}</image>'


def labelme_json(p: Picture) -> str:
    shapes = []
    for thing in p.things:
        left, top, right, bottom = thing.box(*p.frame)
        name = "" if thing.flaw == "unknown_class" else thing.name
        shapes.append({"label": name, "points": [[left, top], [right, bottom]], "shape_type": "rectangle"})
    size = dict(zip(("imageWidth", "imageHeight"), p.claimed or (), strict=False))
    return json.dumps({"shapes": shapes, "imagePath": p.name, "imageData": None} | size)


def via_entry(p: Picture) -> dict[str, Any]:
    regions = []
    for thing in p.things:
        left, top, right, bottom = thing.box(*p.frame)
        shape = {"name": "rect", "x": left, "y": top, "width": right - left, "height": bottom - top}
        name = "" if thing.flaw == "unknown_class" else thing.name
        regions.append({"shape_attributes": shape, "region_attributes": {"label": name, "occluded": "yes"}})
    return {"filename": f"images/{p.name}", "size": -1, "regions": regions, "file_attributes": {}}


def labelstudio_task(p: Picture, number: int) -> dict[str, Any]:
    width, height = p.frame
    size = dict(zip(("original_width", "original_height"), p.claimed or (), strict=False))
    result = []
    for index, thing in enumerate(p.things):
        left, top, right, bottom = thing.box(width, height)
        labels = [] if thing.flaw == "unknown_class" else [thing.name]
        place = {
            "x": left / width,
            "y": top / height,
            "width": (right - left) / width,
            "height": (bottom - top) / height,
        }
        value = {key: 100 * side for key, side in place.items()} | {"rotation": 0, "rectanglelabels": labels}
        result.append({"id": f"r{index}", "type": "rectanglelabels", "value": value} | size)
    return {"id": number, "data": {"image": f"images/{p.name}"}, "annotations": [{"id": number, "result": result}]}


def openimages_rows(p: Picture) -> list[str]:
    width, height = p.frame
    rows = []
    for thing in p.things:
        left, top, right, bottom = thing.box(width, height)
        name = "" if thing.flaw == "unknown_class" else thing.name
        sides = (left / width, right / width, top / height, bottom / height)
        rows.append(",".join(map(str, (p.name.rpartition(".")[0], "xclick", name, 1, *sides, 0, 0, 0, 0, 0))))
    return rows
