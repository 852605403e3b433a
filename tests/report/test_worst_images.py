# environment: data
"""The images with the most errors."""

from boxwright.report.worst_images import judge


def thing(class_id, box, score=None):
    return {"category_id": class_id, "bbox": box, "score": score}


def test_a_detection_in_a_crowd_is_neither_right_nor_wrong():
    image = {"file_name": "a.jpg", "width": 100, "height": 100}
    crowd = thing(1, [0, 0, 50, 50]) | {"iscrowd": 1}
    detections = [thing(1, [10, 10, 20, 20], 0.9), thing(1, [70, 70, 20, 20], 0.8)]
    judged = judge(image, [crowd, thing(1, [70, 70, 20, 20])], detections, {1: "cell"})
    assert [box.kind for box in judged.boxes] == ["found", "right"]


def test_time_grows_with_the_images_not_with_their_square():
    """4,000 images with 10 objects each: seconds of this process, where reading all annotations for each image took minutes."""
    from time import process_time

    from boxwright.report.artifacts import Evaluation
    from boxwright.report.worst_images import pictures

    images = [{"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 100} for i in range(4_000)]
    boxes = [thing(1, [9 * k, 0, 8, 8], 0.9) | {"image_id": i} for i in range(4_000) for k in range(10)]
    groundtruth = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cell"}]}
    evaluation = Evaluation(metrics={}, groundtruth=groundtruth, detections=boxes, precision_recall="", errors={})
    start = process_time()
    assert pictures(evaluation, None) == []
    assert process_time() - start < 20


def test_pictures_are_only_images_with_errors_worst_first(run_folder):
    from boxwright.report.artifacts import _evaluation
    from boxwright.report.worst_images import pictures

    found = pictures(_evaluation(str(run_folder / "float")), run_folder / "records")
    assert [p.filename for p in found] == ["2.jpg"]
    assert sorted(box.kind for box in found[0].boxes) == ["found", "missed", "right", "wrong"]
    assert found[0].uri.startswith("data:image/jpeg;base64,")
