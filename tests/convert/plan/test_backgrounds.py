# environment: data
"""Images without objects: kept as background, or quarantined on request."""

import pytest


@pytest.mark.parametrize(
    ("flags", "stored", "quarantined"),
    [
        ({}, {"a.jpg", "b.jpg", "c.jpg"}, {}),
        ({"backgrounds": "keep"}, {"a.jpg", "b.jpg", "c.jpg"}, {}),
        ({"backgrounds": "quarantine"}, {"a.jpg", "b.jpg"}, {"background": 1}),
    ],
)
def test_backgrounds(convert, coco, flags, stored, quarantined):
    data = coco({"a.jpg": [(1, [4, 4, 20, 20])], "b.jpg": [(2, [4, 4, 20, 20])], "c.jpg": []})
    out = convert(data, **flags)
    assert {name.removeprefix("images/") for name in out.read()} == stored
    assert out.manifest["quarantined"]["images"] == quarantined
    assert out.manifest["found"]["images"] == 3
