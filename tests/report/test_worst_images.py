# environment: data
"""The images with the most errors."""

from pathlib import Path
from time import process_time

from boxwright.report import artifacts
from boxwright.report.worst_images import judge, rank, worst


def thing(class_id, box, score=None, iscrowd=0, image_id=1):
    return {"image_id": image_id, "category_id": class_id, "bbox": box, "score": score, "iscrowd": iscrowd}


def test_detection_in_a_crowd_is_neither_right_nor_wrong():
    image = {"file_name": "a.jpg", "width": 100, "height": 100}
    crowd = thing(1, [0, 0, 50, 50], iscrowd=1)
    detections = [thing(1, [10, 10, 20, 20], 0.9), thing(1, [70, 70, 20, 20], 0.8)]
    judged = judge(image, [crowd, thing(1, [70, 70, 20, 20])], detections, {1: "cell"})
    assert [box.kind for box in judged.boxes] == ["found", "right"]


def test_time_grows_linearly_with_the_images():
    """4,000 images with 10 objects each take seconds. Reading all annotations for each image took minutes."""
    images = [{"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 100} for i in range(4_000)]
    boxes = [thing(1, [9 * k, 0, 8, 8], 0.9, image_id=i) for i in range(4_000) for k in range(10)]
    start = process_time()
    assert rank({"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cell"}]}, boxes) == {}
    assert process_time() - start < 20


def test_only_images_with_errors_are_shown(finished_run: Path):
    (found,) = worst(artifacts._evaluation(finished_run / "float"), finished_run / "records")
    assert (found.filename, found.missed, found.wrong) == ("2.jpg", 1, 1)
    assert sorted(box.kind for box in found.boxes) == ["found", "missed", "right", "wrong"]
    assert found.uri.startswith("data:image/jpeg;base64,")
