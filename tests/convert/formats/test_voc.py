# environment: data
"""The coordinates of Pascal VOC: counted from 1 or from 0, whole or not.

The development kit counts from 1, the last pixel included: a box of the whole 64 x 48 image is 1, 1, 64, 48 there.
"""

import pytest

XML = """<annotation><source><database>{database}</database></source><size><width>64</width><height>48</height></size>
{objects}</annotation>"""
OBJECT = (
    "<object><name>cat</name><bndbox><ymin>{}</ymin><xmin>{}</xmin><ymax>{}</ymax><xmax>{}</xmax></bndbox></object>"
)
VOC = "The VOC2007 Database"


@pytest.fixture
def voc(tmp_path, picture):
    """A flat set of one image: boxes as xmin, ymin, xmax, ymax."""

    def voc(database, *boxes):
        picture(tmp_path / "voc/a.jpg")
        objects = "".join(OBJECT.format(top, left, bottom, right) for left, top, right, bottom in boxes)
        (tmp_path / "voc/a.xml").write_text(XML.format(database=database, objects=objects))
        return tmp_path / "voc"

    return voc


@pytest.mark.parametrize(
    ("database", "boxes", "edges", "notice"),
    [
        (VOC, [(1, 1, 64, 48), (9, 13, 24, 36)], [(0, 0, 64, 48), (8, 12, 24, 36)], {"counted_from_one": 2}),
        (VOC, [(9, 13, 9, 13), (9, 13, 24, 36)], [(8, 12, 9, 13), (8, 12, 24, 36)], {"counted_from_one": 2}),
        (VOC, [(0, 1, 64, 48), (9, 13, 24, 36)], [(0, 1, 64, 48), (9, 13, 24, 36)], {}),
        (VOC, [(1.5, 1.5, 64, 48)], [(1.5, 1.5, 64, 48)], {}),
        (VOC, [(1, 1, 64, 48), (9.7, 13, 24.2, 36)], [(0, 0, 64, 48), (8.7, 12, 24.2, 36)], {"counted_from_one": 2}),
        (VOC, [(1, 1, 64, 48), (0.5, 13, 24, 36)], [(1, 1, 64, 48), (0.5, 13, 24, 36)], {}),
        ("Unknown", [(1, 1, 64, 48), (9, 13, 24, 36)], [(1, 1, 64, 48), (9, 13, 24, 36)], {"origin_unknown": 2}),
        ("Unknown", [(9, 13, 24, 36)], [(9, 13, 24, 36)], {}),
        ("Unknown", [(8.25, 12.5, 24.75, 36.0)], [(8.25, 12.5, 24.75, 36)], {}),
    ],
)
def test_origin(voc, convert, database, boxes, edges, notice):
    out = convert(voc(database, *boxes))
    left, top, right, bottom = zip(*edges, strict=True)
    stored = out.read()["a.jpg"].boxes_yxyx.T
    for found, expected, side in zip(stored, (top, left, bottom, right), (48, 64, 48, 64), strict=True):
        assert found * side == pytest.approx(expected, abs=1e-4)
    assert {c: v for c, v in out.notices.items() if c in ("counted_from_one", "origin_unknown")} == notice


def test_one_file_of_another_tool_changes_origin(voc, convert, picture):
    root = voc(VOC, (1, 1, 64, 48))
    picture(root / "b.jpg")
    (root / "b.xml").write_text(XML.format(database="Unknown", objects=OBJECT.format(12, 8, 36, 24)))
    out = convert(root)
    assert out.notices["origin_unknown"] == 2
    assert out.read()["a.jpg"].boxes_yxyx[0] == pytest.approx([1 / 48, 1 / 64, 1, 1])


def test_boxes_without_numbers(voc, convert):
    out = convert(voc(VOC, (1, 1, 64, 48), ("", "x", "nan", "inf")))
    assert out.reasons("a.jpg") == [(1, "not_a_number")]


@pytest.mark.parametrize(
    ("lines", "train"),
    [
        ("my cat\nb", ["my cat", "b"]),
        ("my cat  1\nb -1", ["my cat", "b"]),
        ("my cat 0", ["my cat"]),
        ("my cat 1\ncat 2", ["my cat", "cat 2"]),
        ("seat 1\nb 1", ["seat 1", "b"]),
        ("my cat.jpg\nb.jpg 1", ["my cat", "b"]),
        ("JPEGImages/b.jpg\nJPEGImages\\my cat.jpg", ["b", "my cat"]),
        ("b.png", ["b"]),
        ("b\r\ngone 1\ngone too.jpg", ["b", "gone", "gone too"]),
    ],
)
def test_lines_of_lists(made, read, lines, train):
    """A name may have spaces, a suffix, or a flag behind it. A number at its end may belong to it."""
    names = ["my cat", "b", "cat 2", "seat 1"]
    texts = {f"Annotations/{n}.xml": XML.format(database="", objects="") for n in names}
    root = made([f"JPEGImages/{n}.jpg" for n in names], texts | {"ImageSets/Main/train.txt": lines})
    listed = [i for i in read(root).images if not i.fault or i.fault.reason == "missing"]
    assert [i.filename for i in listed] == [f"JPEGImages/{n}.jpg" for n in train]
    assert {i.filename for i in listed if i.fault} == {f"JPEGImages/{n}.jpg" for n in train if "gone" in n}
