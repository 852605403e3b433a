# environment: data
"""The images with the most errors."""

from pathlib import Path
from time import process_time

import numpy as np
import pytest

from boxwright.core.artifacts.coco import Annotation, Category, Detection, GroundTruth, Image
from boxwright.core.records.tfrecords import Record
from boxwright.core.runtime.errors import UserError
from boxwright.report import evaluation, suspects, worst_images
from boxwright.report.worst_images import judge, rank, worst


def labelled(class_id, box, iscrowd=0, image_id=1) -> Annotation:
    about = {"image_id": image_id, "category_id": class_id, "iscrowd": iscrowd}
    return Annotation(id=0, bbox=box, area=box[2] * box[3], **about)


def detected(class_id, box, score, image_id=1) -> Detection:
    return Detection(image_id=image_id, category_id=class_id, bbox=box, score=score)


def test_detection_in_a_crowd_is_neither_right_nor_wrong():
    image = Image(id=1, file_name="a.jpg", width=100, height=100)
    crowd = labelled(1, [0, 0, 50, 50], iscrowd=1)
    detections = [detected(1, [10, 10, 20, 20], 0.9), detected(1, [70, 70, 20, 20], 0.8)]
    judged = judge(image, [crowd, labelled(1, [70, 70, 20, 20])], detections, {1: "cell"})
    assert [box.kind for box in judged.boxes] == ["found", "right"]


def test_time_grows_linearly_with_the_images():
    """4,000 images with 10 objects each take seconds. Reading all annotations for each image took minutes."""
    images = [Image(id=i, file_name=f"{i}.jpg", width=100, height=100) for i in range(4_000)]
    boxes = [(i, [9 * k, 0, 8, 8]) for i in range(4_000) for k in range(10)]
    truth = GroundTruth(
        images=images,
        annotations=[labelled(1, box, image_id=i) for i, box in boxes],
        categories=[Category(id=1, name="cell")],
    )
    start = process_time()
    assert rank(truth, [detected(1, box, 0.9, image_id=i) for i, box in boxes]) == {}
    assert process_time() - start < 20


def test_only_images_with_errors_are_shown(finished_run: Path):
    (found,) = worst(evaluation.read(finished_run / "float"), finished_run / "records")
    assert (found.filename, found.missed, found.wrong) == ("2.jpg", 1, 1)
    assert sorted(box.kind for box in found.boxes) == ["found", "missed", "right", "wrong"]
    assert found.uri.startswith("data:image/jpeg;base64,")


@pytest.mark.parametrize("drawn", [worst_images.shrink, lambda record: suspects.cut_out(record, [0, 0, 8, 8])])
@pytest.mark.parametrize("damaged", [b"", b"\xff\xd8\xff\xdb\x00\x84", b"GIF89a"])
def test_a_damaged_image_is_a_sentence(drawn, damaged):
    nothing = np.zeros((0,))
    record = Record("a.jpg", 8, 8, damaged, "", nothing.reshape(0, 4), nothing, nothing)
    with pytest.raises(UserError, match=r"a\.jpg cannot be decoded .* --pixels decode"):
        drawn(record)
