# environment: data
"""Class names that are probably one: what counts as the same name, and what does not."""

import pytest

from boxwright.core.records import class_names


@pytest.mark.parametrize(
    ("a", "b", "one"),
    [
        ("Red cell", "redcell", True),
        ("stop_sign", "stop sign", True),
        ("cats", "cat", True),
        ("hemlet", "helmet", True),
        ("MicroPlastic2", "MP2", True),
        ("MicroPlastic", "MP1", True),
        ("Red Blood Cell", "RBC", True),
        ("MicroPlastic2", "MP3", False),
        ("helmet", "no helmet", False),
        ("with_mask", "without_mask", False),
        ("typical", "atypical", False),
        ("horse", "house", False),
        ("panel-apillar", "panel-dpillar", False),
        ("blackk king", "black king", True),
        ("trafic light", "trafficlight", True),
        ("left arm", "left leg", False),
        ("part 1", "part 2", False),
        ("cat", "cap", False),
        ("RBC", "WBC", False),
        ("", "-", False),
        ("日本", "日本語", False),
    ],
)
def test_names_of_one_class(a, b, one):
    assert class_names.twins([a], [b]) == ({a: b} if one else {})


def test_each_name_has_one_twin():
    assert class_names.twins(["cat", "Cat"], ["cats"]) == {"cat": "cats"}


def test_very_many_names_are_not_compared():
    many = [f"class {n}" for n in range(1000)]
    assert class_names.twins(many, [f"Class {n}" for n in range(1000)]) == {}
