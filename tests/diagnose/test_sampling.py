"""Exposure per epoch and repeat factors, by hand."""

import pytest

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
pytest.importorskip("scipy")

from boxwright.diagnose import content, sampling  # noqa: E402
from boxwright.diagnose.data import Data  # noqa: E402

# 16 images with two cats each, one of them with a dog: cats are in all images, dogs in a sixteenth: sqrt(16) = 4.
COUNTS = np.array([[2, 0]] * 15 + [[2, 1]])


def test_repeat_factors():
    assert sampling.repeat_factors(COUNTS).tolist() == [1.0] * 15 + [4.0]


def test_no_image_more_than_ten_times():
    """A class in 1 of 400 images would ask for 20."""
    assert sampling.repeat_factors(np.array([[1, 0]] * 399 + [[1, 1]])).max() == 10


def test_exposure():
    """Once: 1 dog of 33 objects. Repeated: the last image four times, 4 dogs of 15 * 2 + 4 * 3."""
    assert sampling.exposure(COUNTS, np.ones(16)).tolist() == [32 / 33, 1 / 33]
    assert sampling.exposure(COUNTS, sampling.repeat_factors(COUNTS)).tolist() == [38 / 42, 4 / 42]


def test_classes_alike_are_not_repeated():
    assert sampling.repeat_factors(np.array([[1, 0], [0, 1]] * 4)).tolist() == [1.0] * 8


def test_contents_and_the_finding(make_data):
    data = make_data()
    rows = [{"image_id": i, "split": "train", "class_id": 1, "class": "cat"} for i in range(16) for _ in range(2)]
    rows += [{"image_id": 15, "split": "train", "class_id": 2, "class": "dog"}]
    data = Data(("cat", "dog"), data.images, pd.DataFrame(rows))
    assert sampling.contents(data).tolist() == COUNTS.tolist()
    evidence = content.imbalance(data, {"cat": 32, "dog": 1}).evidence
    assert [e.value for e in evidence] == [32.0, round(1 / 33, 5), round(4 / 42, 5), 4.0]
