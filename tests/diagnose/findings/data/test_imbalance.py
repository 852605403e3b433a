# environment: data
"""One class outnumbers another, and the effect of repeat factors, by hand."""

import pandas as pd
import pytest
from present import present

from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.data.imbalance import judge


@pytest.mark.parametrize(("n", "severity"), [(9, None), (10, "medium"), (24, "medium"), (25, "high")])
def test_severity_grows_with_the_ratio(make_data, n, severity):
    finding = judge(make_data(counts={"train": 8}, per_image={"cat": n, "dog": 1}, side={"cat": 0.15}))
    assert (finding and finding.severity) == severity
    assert not finding or (finding.evidence[0].value == n and f"cat outnumbers dog {n} to 1" in finding.claim)


def test_says_the_effect_of_repeat_factors(make_data):
    """Shown once: 1 dog of 33 objects. Repeated: the last image four times, 4 dogs of 15 * 2 + 4 * 3 objects."""
    rows = [{"image_id": i, "split": "train", "class_id": 1, "class": "cat"} for i in range(16) for _ in range(2)]
    rows += [{"image_id": 15, "split": "train", "class_id": 2, "class": "dog"}]
    data = Data(("cat", "dog"), make_data().images, pd.DataFrame(rows))
    finding = present(judge(data))
    assert [e.value for e in finding.evidence] == [32.0, round(1 / 33, 5), round(4 / 42, 5), 4.0]
    assert "rises from 3.0% to 9.5%" in finding.remedy and "+3.2 and +7.1 AP" in finding.expected_effect
    given = present(judge(data, repeated_already=True))
    assert given.remedy.startswith("Add images with dog: this recipe already repeats the existing ones.")
    assert given.expected_effect.startswith("not measured here")


def test_repeats_do_not_help_classes_in_the_same_images(make_data):
    """A dog in every image: no image is rarer than another."""
    rows = [{"image_id": i, "split": "train", "class_id": 1, "class": "cat"} for i in range(16) for _ in range(20)]
    rows += [{"image_id": i, "split": "train", "class_id": 2, "class": "dog"} for i in range(16)]
    data = Data(("cat", "dog"), make_data().images, pd.DataFrame(rows))
    assert "only from 4.8% to 4.8%, because dog is in the same images as cat" in present(judge(data)).remedy
