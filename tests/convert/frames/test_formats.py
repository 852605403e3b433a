# environment: data
"""Every format that can claim image sizes, with resized images and with exchanged sides."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from boxwright.convert.reading.source import Object

# By name of the picture: the claimed size and the objects.
Set = Mapping[str, tuple[tuple[int, int], Sequence[Object]]]


def edges(item: Object) -> tuple[int, ...]:
    return tuple(map(int, item.box_xyxy))


def write_voc(root: Path, images: Set) -> None:
    for name, ((width, height), objects) in images.items():
        boxes = "".join(
            "<object><name>cat</name><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox></object>".format(
                *edges(item)
            )
            for item in objects
        )
        size = f"<size><width>{width}</width><height>{height}</height></size>"
        (root / name).with_suffix(".xml").write_text(
            f"<annotation><filename>{name}</filename>{size}{boxes}</annotation>"
        )


def write_coco(root: Path, images: Set) -> None:
    entries, annotations = [], []
    for number, (name, ((width, height), objects)) in enumerate(images.items()):
        entries.append({"id": number, "file_name": name, "width": width, "height": height})
        for left, top, right, bottom in map(edges, objects):
            box = [left, top, right - left, bottom - top]
            annotations.append({"id": len(annotations), "image_id": number, "category_id": 1, "bbox": box})
    document = {"images": entries, "annotations": annotations, "categories": [{"id": 1, "name": "cat"}]}
    (root / "set.json").write_text(json.dumps(document))


def write_csv(root: Path, images: Set) -> None:
    rows = [
        ",".join(map(str, (name, *size, "cat", *edges(item))))
        for name, (size, objects) in images.items()
        for item in objects
    ]
    (root / "set.csv").write_text("\n".join(["filename,width,height,class,xmin,ymin,xmax,ymax", *rows]))


def write_cvat(root: Path, images: Set) -> None:
    found = ""
    for name, ((width, height), objects) in images.items():
        boxes = ('<box label="cat" xtl="{}" ytl="{}" xbr="{}" ybr="{}"/>'.format(*edges(item)) for item in objects)
        found += f'<image name="{name}" width="{width}" height="{height}">{"".join(boxes)}</image>'
    (root / "annotations.xml").write_text(f"<annotations>{found}</annotations>")


def write_labelme(root: Path, images: Set) -> None:
    for name, ((width, height), objects) in images.items():
        shapes = [
            {"label": "cat", "points": [[left, top], [right, bottom]], "shape_type": "rectangle"}
            for left, top, right, bottom in map(edges, objects)
        ]
        document = {"shapes": shapes, "imagePath": name, "imageWidth": width, "imageHeight": height}
        (root / name).with_suffix(".json").write_text(json.dumps(document))


@pytest.fixture
def converted(tmp_path, picture, convert):
    """The stored boxes in pixels by file, and the notices, of pictures of 64x48 pixels."""

    def converted(write, images: Set):
        root = tmp_path / "set"
        for name in images:
            picture(root / name)
        write(root, images)
        out = convert(root)
        boxes = {
            file: [
                (round(left * 64), round(top * 48), round(right * 64), round(bottom * 48))
                for _, top, left, bottom, right in found
            ]
            for file, found in out.boxes().items()
        }
        return boxes, out.notices

    return converted


@pytest.mark.parametrize("write", [write_voc, write_coco, write_csv, write_cvat, write_labelme])
@pytest.mark.parametrize(
    ("claim", "factor", "code"), [((256, 192), 4, "boxes_scaled"), ((48, 64), 1, "sides_exchanged")]
)
def test_boxes_are_right(converted, spread, write, claim, factor, code):
    objects = {f"{number}.jpg": spread(64, 48, 3, number) for number in range(8)}
    drawn = {
        name: [Object("cat", tuple(side * factor for side in item.box_xyxy)) for item in found]
        for name, found in objects.items()
    }
    boxes, notices = converted(write, {name: (claim, found) for name, found in drawn.items()})
    assert {name: sorted(found) for name, found in boxes.items()} == {
        name: sorted(map(edges, found)) for name, found in objects.items()
    }
    assert notices[code] == 8
