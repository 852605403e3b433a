# environment: data
"""Classes that are slips of the labeller: planted, and absent where rare classes are normal."""

import pytest
from present import present

from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.labels.stray_classes import judge, part_of, same, stray


@pytest.mark.parametrize(
    ("name", "others", "meant"),
    [
        ("Bishop", ["bishop", "king"], ["bishop"]),
        ("stop_sign", ["stop sign", "yield sign"], ["stop sign"]),
        ("cats", ["cat"], ["cat"]),
        ("hemlet", ["helmet"], ["helmet"]),
        ("bird", ["bird feeder"], []),
        ("cat", ["cap"], []),
        ("part 1", ["part 2"], []),
        ("king", ["queen"], []),
    ],
)
def test_names_that_a_labeller_mixes_up(name, others, meant):
    assert same(name, others) == meant


@pytest.mark.parametrize(
    ("others", "meant"),
    [(["black-bishop", "white-bishop", "king"], ["black-bishop", "white-bishop"]), (["bishop hat"], [])],
)
def test_a_name_that_is_a_part_of_others(others, meant):
    assert part_of("bishop", others) == meant


def named(data, class_id, n, name):
    """Gives the first n objects of a class another class."""
    rows = data.objects.index[data.objects.class_id == class_id][:n]
    data.objects.loc[rows, "class"] = name
    data.objects.loc[rows, "class_id"] = len(data.classes) + 1
    return Data((*data.classes, name), data.images, data.objects)


def test_a_slip_is_told_once(make_data, diagnosed):
    """It is neither imbalance nor a class with few objects."""
    data = named(make_data(per_image={"black cat": 1, "white cat": 1}), 1, 2, "cat")
    finding = present(judge(stray(data), {"cat": 2, "black cat": 238, "white cat": 240}))
    assert finding.title == "The class cat looks like a slip of the labeller"
    assert [(row.subject, row.value) for row in finding.evidence] == [("cat", 2)]
    assert "cat (2 objects; perhaps black cat or white cat)" in finding.claim
    found = {f.id for f in diagnosed(data, steps=600)[0].findings}
    assert "stray_classes" in found and not found & {"few_objects", "imbalance"}


@pytest.mark.parametrize(("n", "slips"), [(5, 1), (6, 0)])
def test_a_handful_of_objects_is_a_slip(make_data, n, slips):
    assert len(stray(named(make_data(), 1, n, "cats"))) == slips


@pytest.mark.parametrize(("n", "slips"), [(2, 1), (3, 0)])
def test_a_part_of_other_names_may_be_a_rare_class(make_data, n, slips):
    data = make_data(per_image={"plastic bag": 1, "paper bag": 1})
    assert len(stray(named(data, 1, n, "bag"))) == slips


def test_one_of_a_family_of_names_is_no_slip(make_data):
    """As the pillars of a car."""
    data = make_data(per_image={"panel-apillar": 1, "panel-cpillar": 1})
    assert stray(named(data, 1, 1, "panel-dpillar")) == {}


def test_rare_classes_are_normal_in_some_data(make_data):
    """Half of the classes have a handful of objects."""
    data = named(named(make_data(), 1, 2, "cats"), 2, 2, "dogs")
    assert stray(data) == {}


def test_a_rare_class_with_a_name_of_its_own_is_no_slip(make_data):
    assert stray(named(make_data(), 1, 2, "ox")) == {}
