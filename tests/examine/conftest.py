# environment: train
"""The detector of coloured squares as a file, its records, and trials of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from boxwright.core import coco_eval
from boxwright.core.records import tfrecords


@pytest.fixture(scope="session")
def square_tflite(tmp_path_factory) -> Path:
    """A sound file."""
    import square_detector

    file = tmp_path_factory.mktemp("squares") / "squares.tflite"
    file.write_bytes(square_detector.tflite_bytes())
    return file


@pytest.fixture(scope="session")
def square_records(tmp_path_factory) -> Path:
    """24 square images."""
    import square_detector

    return square_detector.write_records(tmp_path_factory.mktemp("square") / "records")


@pytest.fixture(scope="session")
def wide_records(tmp_path_factory) -> Path:
    """24 images of 48 x 64 pixels: the detector's squares are squares there if it is fed with a border."""
    import square_detector

    return square_detector.write_records(tmp_path_factory.mktemp("wide") / "records", letterboxed=True)


@pytest.fixture
def trial_of() -> Callable:
    """`trial_of(source, records)`: a trial on all images of val."""
    from boxwright.examine import measure
    from boxwright.examine.trial import Trial

    def made(source, records: Path) -> Trial:
        rows = list(tfrecords.read(records, "val"))
        classes = tfrecords.classes(records)
        return Trial(source, list(measure.decoded(rows)), coco_eval.groundtruth(rows, classes), classes)

    return made
