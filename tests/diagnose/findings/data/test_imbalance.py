# environment: data
"""Classes that are outnumbered, and the effect of repeat factors, by hand."""

import pandas as pd
import pytest
from present import present

from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.data.imbalance import judge


def made(make_data, *counts: tuple[int, int]):
    """Data with fifteen times (cats, dogs) in each training image: fewer than fifteen are too few to repeat."""
    rows = [
        {"image_id": i, "split": "train", "class_id": id, "class": name}
        for i, of_image in enumerate(counts)
        for (id, name), n in zip(((1, "cat"), (2, "dog")), of_image, strict=True)
        for _ in range(15 * n)
    ]
    return Data(("cat", "dog"), make_data().images, pd.DataFrame(rows))


@pytest.mark.parametrize(("n", "severity"), [(9, None), (10, "medium"), (24, "medium"), (25, "high")])
def test_severity_grows_with_the_ratio(make_data, n, severity):
    data = made(make_data, (n, 0), (n, 0), (n, 0), (n, 4))
    finding = judge(data, data)
    assert (finding and finding.severity) == severity
    assert not finding or (
        finding.evidence[0].value == n and finding.title == f"cat outnumbers dog {n} to 1 in training"
    )


def test_says_the_effect_of_repeat_factors(make_data):
    """Shown once: one dog of 33 objects. Repeated: the last image four times, 4 dogs of 15 * 2 + 4 * 3 objects."""
    data = made(make_data, *[(2, 0)] * 15, (2, 1))
    finding = present(judge(data, data))
    assert [e.value for e in finding.evidence] == [32.0, round(1 / 33, 5), round(4 / 42, 5), 4.0]
    assert "rises from 3.0% to 9.5%" in finding.remedy and "+3.2 and +7.1 AP" in finding.expected_effect
    given = present(judge(data, data, repeated_already=True))
    assert given.remedy.startswith("Add images with dog: this recipe already repeats the existing ones.")
    assert given.expected_effect.startswith("not measured here")


def test_repeats_count_the_stored_copies(make_data):
    """The image with the dog is stored twice, so repeats of it add less. Its objects count once."""
    data, stored = made(make_data, *[(2, 0)] * 15, (2, 1)), made(make_data, *[(2, 0)] * 15, (2, 1), (2, 1))
    finding = present(judge(data, stored))
    assert finding.evidence[0].value == 32 and finding.evidence[1].value == round(2 / 36, 5)


def test_repeats_do_not_help_where_classes_share_images(make_data):
    """Dogs are in two of nine images, and with many cats each time."""
    data = made(make_data, *[(5, 0)] * 7, (40, 1), (40, 1))
    assert "because dog is in the same images as cat" in present(judge(data, data)).remedy


def test_a_class_in_half_of_the_images_is_not_rare(make_data):
    """One white cell among many red ones on each slide: new images do not change that."""
    data = made(make_data, *[(20, 1)] * 16)
    assert judge(data, data) is None


def test_all_rare_classes_are_one_finding(make_data):
    rows = [{"image_id": i // 15, "split": "train", "class_id": 1, "class": "cat"} for i in range(1500)]
    rows += [{"image_id": 0, "split": "train", "class_id": 2, "class": "dog"} for _ in range(15)]
    rows += [{"image_id": 1, "split": "train", "class_id": 3, "class": "cow"} for _ in range(30)]
    rows += [{"image_id": 2, "split": "train", "class_id": 4, "class": "ox"} for _ in range(14)]  # left to few_objects
    data = Data(("cat", "dog", "cow", "ox"), make_data().images, pd.DataFrame(rows))
    finding = present(judge(data, data))
    assert finding.title == "cat outnumbers 2 classes more than 10 to 1 in training, dog 100 to 1"
    assert [(e.subject, e.value) for e in finding.evidence[:2]] == [("dog", 100), ("cow", 50)]
    assert finding.remedy.startswith("Show images with dog, cow more often")
