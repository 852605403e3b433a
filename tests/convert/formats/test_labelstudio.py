# environment: data
"""Label Studio's json. `test_labelstudio_tasks` has the annotations of a task and the names of images."""

import json

import pytest
from labelstudio_files import PLACE, SIZE, annotation, item, short, task, text
from noticed import noticed

from boxwright.core.runtime.errors import UserError

BOX = ("nut", (0.125, 0.25, 0.375, 0.75))
EXPORTS = {
    "JSON": text(task("a.jpg", annotation(item())), task("b.jpg", annotation(), number=2)),
    "JSON of version 0": json.dumps([
        {"id": 1, "data": {"image": "a.jpg"}, "completions": [annotation(item())]},
        {"id": 2, "data": {"image": "b.jpg"}, "completions": [annotation()]},
    ]),
    "JSON-MIN": text(short("a.jpg", PLACE | {"rectanglelabels": ["nut"]}), short("b.jpg", number=2)),
}  # fmt: skip


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
def test_every_export(made, read, export):
    """A task that was submitted without regions is background."""
    data = read(made(["a.jpg", "b.jpg"], {"project.json": export}))
    assert data.format == "labelstudio"
    assert {i.filename: [(o.name, o.box_xyxy) for o in i.objects] for i in data.images} == {"a.jpg": [BOX], "b.jpg": []}
    assert data.notices == [] and all(i.fractions for i in data.images)
    assert data.images[0].size == (64, 48) and not any(i.fault for i in data.images)


def test_boxes_in_the_records(made, convert):
    out = convert(made(["a.jpg"], {"project.json": text(task("a.jpg", annotation(item())))}))
    assert out.boxes() == {"a.jpg": [("nut", 0.25, 0.125, 0.75, 0.375)]} and out.quarantine == []


def test_files_of_a_cloud_storage(made, read):
    """The tool writes one file for each annotation, with its task in it."""
    texts = {
        f"{name}.json": json.dumps(
            annotation(item()) | {"task": {"id": 1, "data": {"image": f"s3://bucket/{name}.jpg"}}}
        )
        for name in ("a", "b")
    }
    data = read(made(["a.jpg", "b.jpg"], texts))
    assert [(i.filename, len(i.objects)) for i in data.images] == [("a.jpg", 1), ("b.jpg", 1)]


SQUARE = {"x": 50.0, "y": 50.0, "width": 25.0, "height": 25.0}


@pytest.mark.parametrize(
    ("kind", "place", "pixels"),
    [
        ("rectanglelabels", PLACE, (8, 12, 24, 36)),
        # 16 x 12 pixels, turned clockwise around the corner 32, 24.
        ("rectanglelabels", SQUARE | {"rotation": 90}, (20, 24, 32, 40)),
        ("rectanglelabels", SQUARE | {"rotation": 180}, (16, 12, 32, 24)),
        ("rectanglelabels", SQUARE | {"rotation": 270}, (32, 8, 44, 24)),
        ("rectanglelabels", SQUARE | {"rotation": 360}, (32, 24, 48, 36)),
        ("ellipselabels", {"x": 50, "y": 50, "radiusX": 25, "radiusY": 12.5}, (16, 18, 48, 30)),
        ("ellipselabels", {"x": 50, "y": 50, "radiusX": 25, "radiusY": 12.5, "rotation": 90}, (26, 8, 38, 40)),
        ("polygonlabels", {"points": [[12.5, 50], [37.5, 25], [25, 75]], "closed": True}, (8, 12, 24, 36)),
    ],
)
@pytest.mark.parametrize("is_short", [False, True], ids=["JSON", "JSON-MIN"])
def test_box_of_shape(made, read, kind, place, pixels, is_short):
    whole = task("a.jpg", annotation(item(kind, place=place)))
    tasks = text(short("a.jpg", place | {kind: ["nut"]}) if is_short else whole)
    (found,) = read(made(["a.jpg"], {"project.json": tasks})).images[0].objects
    assert (found.name, found.fault) == ("nut", None)
    assert [v * side for v, side in zip(found.box_xyxy, (64, 48) * 2, strict=True)] == pytest.approx(pixels)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (item("keypointlabels", place={"x": 1, "y": 2, "width": 0.5}), "shape_without_box"),
        (item("brushlabels", place={"format": "rle", "rle": [1, 2]}), "shape_without_box"),
        (item(label=[]), "unknown_class"),
        (item(place={"x": 1, "y": 2, "width": 3}, kind="rectanglelabels"), "unreadable_annotation"),
        (item(place=PLACE | {"x": "left"}), "unreadable_annotation"),
        (item(place=PLACE | {"rotation": 30}, original_width=None), "unreadable_annotation"),
        (item(image_rotation=90), "unreadable_annotation"),
        (item("polygonlabels", place={"points": [[1, 2], [3, 4]]}), "unreadable_annotation"),
        (item("polygonlabels", place={"points": 5}), "unreadable_annotation"),
        (item(place=PLACE | {"width": 0}), "zero_area"),
        (item(place=PLACE | {"x": 120}), "outside"),
        ("no item", "unreadable_annotation"),
    ],
)
def test_odd_regions(made, convert, odd, reason):
    out = convert(made(["a.jpg"], {"project.json": text(task("a.jpg", annotation(item(id="first"), odd)))}))
    assert out.reasons("a.jpg") == [(1, reason)]


def test_a_rectangle_and_its_label_are_one_object(made, read):
    """`<Rectangle>` with `<Labels>` writes two items of one id; `<Choices perRegion>` adds others."""
    parts = [
        item("rectangle", label=[], id="r1"), item("labels", id="r1"), item("choices", label="rusty", id="r1"),
        {"type": "choices", "value": {"choices": ["a photo of the whole table"]}, "id": "c1"},
        {"type": "relation", "from_id": "r1", "to_id": "r2"},
    ]  # fmt: skip
    data = read(made(["a.jpg"], {"project.json": text(task("a.jpg", annotation(*parts)))}))
    assert [(o.name, o.box_xyxy) for o in data.images[0].objects] == [BOX]
    values = {"rect": [SIZE | PLACE], "label": [SIZE | PLACE | {"labels": ["nut"]}]}
    data = read(made(["a.jpg"], {"project.json": text(short("a.jpg") | values)}))
    assert [(o.name, o.box_xyxy) for o in data.images[0].objects] == [BOX]


def test_a_choice_for_each_region_names_the_class(made, read):
    parts = [item("rectangle", label=[], id="r1"), item("choices", id="r1")]
    data = read(made(["a.jpg"], {"project.json": text(task("a.jpg", annotation(*parts)))}))
    assert [(o.name, o.box_xyxy) for o in data.images[0].objects] == [BOX]


def test_several_labels_of_a_region_are_several_objects(made, read):
    data = read(made(["a.jpg"], {"project.json": text(task("a.jpg", annotation(item(label=["nut", "steel"]))))}))
    assert [o.name for o in data.images[0].objects] == ["nut", "steel"]
    assert noticed(data.notices) == {"several_labels": 1}


def test_rotated_boxes_and_masks_are_counted(made, read):
    parts = [
        item(place=SQUARE | {"rotation": 30}), item("brushlabels", place={"rle": [1]}, id="b"),
        item("keypointlabels", place={"x": 1, "y": 2, "width": 1}, id="k"),
    ]  # fmt: skip
    data = read(made(["a.jpg"], {"project.json": text(task("a.jpg", annotation(*parts)))}))
    assert noticed(data.notices) == {"rotated_boxes": 1, "shapes_without_box": 2}


def test_an_export_above_1_mib_is_found(made, read):
    many = text(*(task(f"/data/upload/1/{number}.jpg", annotation(item()), number=number) for number in range(2500)))
    assert len(many) > 1 << 20
    assert len(read(made(["a.jpg"], {"project.json": many})).images) == 2501


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (text(task("a.jpg", annotation(item())))[:-30], r"project\.json is not valid json"),
        (text(task("a.jpg", annotation(item())), 5), r"entry 1 is 5; expected a task of Label Studio"),
        (text(task("a.jpg")), r"has tasks of Label Studio, and none with the result of an annotation"),
        (
            text(task("a.jpg", predictions=[{"result": [item()]}])),
            r"none of 1 task has an annotation \(only a model's predictions.*Create Annotations From Predictions",
        ),
        (text(task("a.jpg", annotation(was_cancelled=True))), r"\(the task was skipped in Label Studio\)"),
    ],
)
def test_what_is_not_read(made, read, content, says):
    with pytest.raises(UserError, match=says):
        read(made(["a.jpg"], {"project.json": content}))


def test_csv_of_label_studio_is_named(made, read):
    csv = 'image,id,label,annotator,annotation_id\na.jpg,1,"[{""x"": 1, ""original_width"": 64}]",1,1\n'
    with pytest.raises(UserError, match=r"is a csv of Label Studio, .*; export the project as JSON"):
        read(made(["a.jpg"], {"project.csv": csv}))
