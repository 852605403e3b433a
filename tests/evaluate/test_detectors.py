# environment: train
"""Files without class names, and with names that another tool wrote."""

import pytest
import square_detector

from boxwright.core.runtime.errors import UserError
from boxwright.evaluate import detectors

CLASSES = ("red", "green", "yellow")


@pytest.fixture(scope="module")
def data() -> bytes:
    return square_detector.tflite_bytes()


def names(folder, content: bytes) -> list[str]:
    (folder / "int8.tflite").write_bytes(content)
    return detectors.load(folder, "int8")[1]


def test_a_file_without_names_and_another_number_of_classes(tmp_path, data):
    found = names(tmp_path, data)
    detectors.check_classes(found, CLASSES, tmp_path)
    for records in (("red", "green"), (*CLASSES, "blue")):
        with pytest.raises(UserError) as error:
            detectors.check_classes(found, records, tmp_path)
        assert f"has 3 classes and names none of them, and the records have {len(records)}: red, green" in str(
            error.value
        )


@pytest.mark.parametrize("file", ["labels.txt", "labelmap.txt"])
def test_names_inside(tmp_path, data, file):
    assert names(tmp_path, square_detector.with_labels(data, CLASSES, file)) == list(CLASSES)
    with_background = square_detector.with_labels(data, ("???", *CLASSES), file)
    assert names(tmp_path, with_background) == list(CLASSES)


def test_names_beside(tmp_path, data):
    (tmp_path / "labelmap.txt").write_text("green\nred\nyellow")
    found = names(tmp_path, data)
    with pytest.raises(UserError, match="the detector has the classes green, red, yellow"):
        detectors.check_classes(found, CLASSES, tmp_path)
