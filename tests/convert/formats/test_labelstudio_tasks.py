# environment: data
"""Which annotation of a Label Studio task counts, and which image a task means."""

import base64

import pytest
from labelstudio_files import PLACE, annotation, item, short, task, text
from noticed import noticed

from boxwright.convert.formats.labelstudio.tasks import file_name

NEWER = "2025-01-01T00:00:00Z"


def moved(x: float) -> dict:
    return item(place=PLACE | {"x": x})


def lefts(data) -> list[float]:
    return [round(o.box_xyxy[0] * 100) for o in data.images[0].objects]


@pytest.mark.parametrize(
    ("annotations", "expected", "differ"),
    [
        ([annotation(moved(1)), annotation(moved(2), updated_at=NEWER)], [2], 1),
        ([annotation(moved(2), updated_at=NEWER), annotation(moved(1))], [2], 1),
        ([annotation(moved(1), ground_truth=True), annotation(moved(2), updated_at=NEWER)], [1], 1),
        ([annotation(moved(1)), annotation(moved(2), updated_at=NEWER, was_cancelled=True)], [1], 0),
        ([annotation(moved(1)), annotation(moved(2), updated_at=NEWER, skipped=True)], [1], 0),
        ([annotation(moved(1)), annotation(moved(1), updated_at=NEWER)], [1], 0),
        ([annotation(moved(1)), annotation(updated_at=NEWER)], [], 1),
    ],
)
def test_one_annotation_of_a_task_counts(made, read, annotations, expected, differ):
    data = read(made(["a.jpg"], {"project.json": text(task("a.jpg", *annotations))}))
    assert lefts(data) == expected
    assert noticed(data.notices) == ({"annotations_differ": 1} if differ else {})


def test_entries_of_json_min_are_annotations_of_a_task(made, read):
    tasks = [
        short("a.jpg", PLACE | {"x": x, "rectanglelabels": ["nut"]}, updated_at=f"202{x}-01-01") for x in (1, 3, 2)
    ]
    data = read(made(["a.jpg"], {"project.json": text(*tasks)}))
    assert (len(data.images), lefts(data), noticed(data.notices)) == (1, [3], {"annotations_differ": 1})


def test_tasks_that_nobody_finished_are_no_background(made, convert):
    predicted = {"predictions": [{"result": [item()]}]}
    out = convert(made(["a.jpg", "b.jpg", "c.jpg", "d.jpg"], {"project.json": text(
        task("a.jpg", annotation(item())), task("b.jpg", number=2), task("c.jpg", number=3, **predicted),
        task("d.jpg", annotation(was_cancelled=True), number=4),
    )}))  # fmt: skip
    assert set(out.read()) == {"a.jpg"}
    assert [(line["file"], line["reason"], line["value"]) for line in out.quarantine] == [
        ("b.jpg", "unlabelled", "the task has no annotation"),
        ("c.jpg", "unlabelled", "only a model's predictions, no annotation"),
        ("d.jpg", "unlabelled", "the task was skipped in Label Studio"),
    ]


ADDRESS = base64.urlsafe_b64encode(b"s3://bucket/a/b.jpg").decode().rstrip("=")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("a/b.jpg", "a/b.jpg"),
        ("/data/upload/1/0123abcd-b.jpg", "0123abcd-b.jpg"),
        ("/data/upload/0123abcd-b.jpg", "0123abcd-b.jpg"),
        ("http://localhost:8080/data/upload/12/0123abcd-b.jpg", "0123abcd-b.jpg"),
        ("/data/local-files/?d=a/b.jpg", "a/b.jpg"),
        ("/data/local-files/?d=a%20c/b.jpg", "a c/b.jpg"),
        ("http://localhost:8080/data/local-files/?d=a%5Cb.jpg", "a\\b.jpg"),
        ("s3://bucket/a/b.jpg", "a/b.jpg"),
        ("gs://bucket/a/b%20c.jpg", "a/b c.jpg"),
        ("https://host.example/a/b.jpg?X-Amz-Signature=0&Expires=5", "a/b.jpg"),
        (f"/tasks/1/resolve/?fileuri={ADDRESS}", "a/b.jpg"),
        (f"/tasks/1/presign/?fileuri={ADDRESS}", "a/b.jpg"),
        ("/tasks/1/resolve/?fileuri=!", "/tasks/1/resolve/?fileuri=!"),
        ("http://[", "http://["),
        (r"C:\images\b.jpg", r"C:\images\b.jpg"),
    ],
)
def test_path_that_a_task_means(image, expected):
    assert file_name(image) == expected


@pytest.mark.parametrize(
    ("image", "place"),
    [
        ("/data/upload/1/0123abcd-a.jpg", "a.jpg"),
        ("/data/upload/1/0123abcd-a.jpg", "images/0123abcd-a.jpg"),
        ("/data/upload/1/0123abcd-a.jpg", "media/upload/1/0123abcd-a.jpg"),
        ("/data/local-files/?d=set/a.jpg", "set/a.jpg"),
        ("s3://bucket/set/a.jpg", "images/set/a.jpg"),
        ("https://host.example/set/a.jpg?x=1", "set/a.jpg"),
    ],
)
def test_where_images_lie(made, read, image, place):
    data = read(made([place], {"project.json": text(task(image, annotation(item())))}))
    assert [(i.filename, i.fault) for i in data.images] == [(place, None)]


def test_a_prefix_that_two_tasks_need_stays(made, convert):
    """Two uploaded files had the same name, and only one file is here: nobody knows which."""
    tasks = text(
        task("/data/upload/1/0123abcd-a.jpg", annotation(item())),
        task("/data/upload/1/ffffffff-a.jpg", annotation(item()), number=2),
        task("b.jpg", annotation(item()), number=3),
    )
    out = convert(made(["a.jpg", "b.jpg"], {"project.json": tasks}), missing="quarantine")
    assert set(out.read()) == {"b.jpg"}


@pytest.mark.parametrize(
    "fields",
    [
        {"image": "a.jpg", "mask": "m.png", "caption": "a nut"},
        {"mask": "m.png", "image": "a.jpg"},
        {"caption": "a nut", "shot": "a.jpg"},
        {"Image": "a.jpg", "aa": "m.png"},
    ],
)
def test_the_field_with_the_image(made, read, fields):
    data = read(made(["a.jpg", "m.png"], {"project.json": text(task("", annotation(item())) | {"data": fields})}))
    assert data.images[0].filename == "a.jpg"


@pytest.mark.parametrize("fields", [{}, {"text": "a nut"}, {"pages": ["a.jpg", "b.jpg"]}, {"image": 5}])
def test_tasks_without_image_are_quarantined(made, convert, fields):
    tasks = text(task("", annotation(item())) | {"data": fields}, task("a.jpg", annotation(item()), number=2))
    out = convert(made(["a.jpg"], {"project.json": tasks}))
    assert out.quarantine[0]["reason"] == "unreadable_annotation" and len(out.quarantine) == 2


def test_splits_and_groups(made, read):
    tasks = {name: text(task(f"{name}.jpg", annotation(item())) | {"data": {"image": f"{name}.jpg", "scan": "s"}})
             for name in ("a", "b", "c")}  # fmt: skip
    root = made(["a.jpg", "val/b.jpg", "test/c.jpg"], {
        "train.json": tasks["a"], "project.json": tasks["b"], "test/project.json": tasks["c"],
    })  # fmt: skip
    found = {i.filename: (i.split, i.group) for i in read(root, column="scan").images}
    assert found == {"a.jpg": ("train", "s"), "val/b.jpg": ("val", "s"), "test/c.jpg": ("test", "s")}
