# environment: data
"""Which attribute of VIA's regions names the class, and what its values stand for."""

import json

import pytest
from noticed import noticed
from via_files import RECT, images, project, region

from boxwright.core.runtime.errors import UserError


def classes(made, read, *attributes: dict, options: dict | None = None) -> list[str]:
    """The classes of regions with these attributes."""
    found = images(a=[{"shape_attributes": RECT, "region_attributes": each} for each in attributes])
    text = project(found, **options) if options else json.dumps(found)
    return [item.name for item in read(made(["a.jpg"], {"via.json": text})).images[0].objects]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"fruit": "nut"}, "nut"),
        ({"fruit": " nut "}, "nut"),
        ({"label": 7}, "7"),
        ({"Class": "nut", "occluded": "yes"}, "nut"),
        ({"class_name": "nut", "type": "round", "name": "n1"}, "nut"),
        ({"type": "nut", "occluded": {"yes": True}}, "nut"),
        ({"label": {"nut": True, "bolt": False}}, "nut"),
        ({"label": ["nut"]}, "nut"),
        ({"label": "nut", "class": ""}, "nut"),
        ({"insect": "kudzu", "inseto": "kudzu"}, "kudzu"),
    ],
)
def test_one_attribute_names_the_class(made, read, attributes, expected):
    assert classes(made, read, attributes) == [expected]


def test_of_two_good_names_the_one_with_several_values_counts(made, read):
    """As in VIA's own example: the type is `unknown` everywhere."""
    found = [{"name": "nut", "type": "unknown", "image_quality": {"good": True}}, {"name": "bolt", "type": "unknown"}]
    assert classes(made, read, *found) == ["nut", "bolt"]


def test_numbered_options_have_texts_in_the_project(made, read):
    """VIA's own COCO export writes these texts. An option with a word keeps the word."""
    options = {"type": {"1": "nut", "2": "", "bolt": "a bolt of any size"}}
    assert classes(made, read, {"type": "1"}, {"type": "2"}, {"type": "bolt"}, options=options) == ["nut", "2", "bolt"]


def test_other_attributes_are_named(made, read):
    text = json.dumps(images(a=[region(RECT, label="nut", pose="left")]))
    (notice,) = read(made(["a.jpg"], {"via.json": text})).notices
    assert notice.claim == "via.json: the class is the attribute 'label'; not used: 'pose'"


def test_each_file_can_have_its_own_attribute(made, read):
    root = made(["train/a.jpg", "val/a.jpg"], {
        "train/via.json": json.dumps(images(a=[region(RECT, label="nut")])),
        "val/via.json": json.dumps(images(a=[region(RECT, Class="nut")])),
    })  # fmt: skip
    assert [item.name for image in read(root).images for item in image.objects] == ["nut", "nut"]


@pytest.mark.parametrize(
    "attributes",
    [
        [{"colour": "red", "size": "big"}],
        [{"label": "nut", "class": "c1"}],
        [{"name": "nut", "type": "round"}],
        # The attribute with a good name is used in one of three regions.
        [{"colour": "red", "label": "nut"}, {"colour": "red"}, {"colour": "blue"}],
        # A text of its own in each of 20 regions.
        [{"text": f"word {number}"} for number in range(20)],
    ],
)
def test_an_attribute_that_is_not_certain_stops(made, read, attributes):
    with pytest.raises(UserError, match=r"via\.json: which attribute names the class of a region\? Found '.*`class`"):
        classes(made, read, *attributes)


def test_regions_without_any_attribute_are_one_class(made, read):
    """As in Matterport's balloons."""
    text = json.dumps(images(a=[{"shape_attributes": RECT, "region_attributes": {}}] * 2))
    data = read(made(["a.jpg"], {"via.json": text}))
    assert [item.name for item in data.images[0].objects] == ["object", "object"]
    assert noticed(data.notices) == {"unnamed_class": 2}


def test_an_attribute_of_the_images_names_the_class(made, read):
    found = images(a=[{"shape_attributes": RECT, "region_attributes": {}}])
    found["a.jpg99"]["file_attributes"] = {"class": "nut", "caption": "on a table"}
    data = read(made(["a.jpg"], {"via.json": json.dumps(found)}))
    assert [item.name for item in data.images[0].objects] == ["nut"] and data.notices == []


def test_a_region_without_a_value_is_quarantined(made, convert):
    text = json.dumps(images(a=[region(), region(), {"shape_attributes": RECT, "region_attributes": {}}]))
    assert convert(made(["a.jpg"], {"via.json": text})).reasons("a.jpg") == [
        (1, "duplicate_object"),
        (2, "unknown_class"),
    ]
