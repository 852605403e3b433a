# environment: data
"""COCO annotations whose category ids the categories lack."""

import pytest
from noticed import noticed

from boxwright.convert.objects import coco_classes
from boxwright.core.runtime.errors import UserError


@pytest.fixture
def classes(coco, read):
    """Reads one image with objects of these category ids; the categories have the other ids."""

    def classes(used, declared):
        boxes = [(number, [1 + place, 1, 20, 20]) for place, number in enumerate(used)]
        categories = [{"id": number, "name": f"class {number}"} for number in declared]
        return read(coco({"a.jpg": boxes}, categories=categories))

    return classes


@pytest.mark.parametrize(
    ("used", "declared", "do"),
    [
        ([0, 1, 0], [1, 2], "add 1 to every category_id"),
        ([0, 0], [1], "add 1 to every category_id"),
        ([1, 2, 3], [0, 1, 2], "subtract 1 from every category_id"),
        ([2, 3], [0, 1, 2], "subtract 1 from every category_id"),
    ],
)
def test_ids_counted_from_another_number(classes, used, declared, do):
    with pytest.raises(UserError, match=do):
        classes(used, declared)


@pytest.mark.parametrize(
    ("used", "declared", "unknown"),
    [
        ([1, 2, 1], [1, 2], None),
        ([2], [1, 2, 3], None),
        ([1, 2, 7], [1, 2], 1),
        ([0, 1, 2], [1, 2], 1),
        ([1, 3], [1, 2, 5], 1),
        (["1", 2], [1, 2], None),  # matched by its value
        ([None, 2], [1, 2], 1),
        ([1, 2, 3], [], 3),
    ],
)
def test_unknown_ids_are_said(classes, used, declared, unknown):
    data = classes(used, declared)
    assert noticed(data.notices).get("unknown_category_ids") == unknown
    assert sum(o.fault is not None for o in data.images[0].objects) == (unknown or 0)


def test_the_notice_shows_the_ids(classes):
    (notice,) = [n for n in classes([1, 7, 9, 7], [1, 2]).notices if n.id == "unknown_category_ids"]
    assert "3 of 4 annotations have a category_id that no category has (7, 9; the categories have 1, 2)" in notice.claim
    assert notice.severity == "high"


def test_ids_from_zero_are_one_notice_about_all_files():
    begins = {"categories": [{"id": 0, "name": "cat"}], "annotations": [{"id": 1}]}
    later = {"categories": [{"id": 1, "name": "cat"}], "annotations": [{"id": 0}]}
    (notice,) = coco_classes.zero_notices({"train.json": begins, "val.json": later, "test.json": begins})
    assert notice.claim.startswith("train.json, val.json, test.json: category and annotation ids start at 0")
    assert (notice.evidence[0].value, notice.evidence[0].n) == (3, 3)
    assert coco_classes.zero_notices({"test.json": {"categories": [], "annotations": [{"id": 1}]}}) == []
