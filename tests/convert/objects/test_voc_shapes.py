# environment: data
"""VOC objects without `<bndbox>`, or with a rotation."""

import pytest
from noticed import noticed

BNDBOX = "<bndbox><xmin>20</xmin><ymin>15</ymin><xmax>40</xmax><ymax>25</ymax></bndbox>"


@pytest.fixture
def objects(made, read):
    def objects(*bodies):
        xml = "".join(f"<object><name>cat</name>{body}</object>" for body in bodies)
        data = read(made(["a.jpg"], {"a.xml": f"<annotation><filename>a.jpg</filename>{xml}</annotation>"}))
        return data.images[0].objects, noticed(data.notices)

    return objects


def attribute(value, name="rotation"):
    return f"<attributes><attribute><name>{name}</name><value>{value}</value></attribute></attributes>"


def robndbox(angle):
    return f"<robndbox><cx>30</cx><cy>20</cy><w>20</w><h>10</h><angle>{angle}</angle></robndbox>"


@pytest.mark.parametrize(
    ("body", "box"),
    [
        (BNDBOX, (20, 15, 40, 25)),
        (BNDBOX + attribute(90.0), (25, 10, 35, 30)),
        (BNDBOX + attribute("left"), (20, 15, 40, 25)),
        (BNDBOX + attribute(0.0), (20, 15, 40, 25)),
        (BNDBOX + attribute(90, "heading"), (20, 15, 40, 25)),
        (BNDBOX + robndbox(1.5708), (20, 15, 40, 25)),
        (robndbox(1.570796), (25, 10, 35, 30)),
        (robndbox(90), (25, 10, 35, 30)),
        ("<polygon><pt><x>20</x><y>10</y></pt><pt><x>40</x><y>10</y></pt><pt><x>30</x><y>30</y></pt></polygon>",
         (20, 10, 40, 30)),
        ("<polygon><username>me</username><point><x>20</x><y>10</y></point><point><x>40</x><y>10</y></point>"
         "<point><x>30</x><y>30</y></point></polygon>", (20, 10, 40, 30)),
        ("<bndbox/>" + robndbox(1.570796), (25, 10, 35, 30)),
        (BNDBOX.replace("40", "20") + robndbox(1.570796), (25, 10, 35, 30)),
        ("<polygon><x1>20</x1><y1>10</y1><x2>40</x2><y2>10</y2><x3>30</x3><y3>30</y3></polygon>", (20, 10, 40, 30)),
        ("<robndbox><x_left_top>20</x_left_top><y_left_top>15</y_left_top><x_right_top>30</x_right_top>"
         "<y_right_top>10</y_right_top><x_right_bottom>40</x_right_bottom><y_right_bottom>25</y_right_bottom>"
         "<x_left_bottom>30</x_left_bottom><y_left_bottom>30</y_left_bottom></robndbox>", (20, 10, 40, 30)),
    ],
)  # fmt: skip
def test_boxes(objects, body, box):
    (item,), _ = objects(body)
    assert item.fault is None
    assert item.box_xyxy == pytest.approx(box, abs=1e-3)


@pytest.mark.parametrize(
    ("bodies", "count"),
    [((BNDBOX,), None), ((BNDBOX, robndbox(0.3)), 1), ((BNDBOX + attribute(30), BNDBOX), 1), ((robndbox(40),) * 2, 2)],
)
def test_turned_boxes_are_counted(objects, bodies, count):
    assert objects(*bodies)[1].get("rotated_boxes") == count


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<point/><pose>left</pose>", ("no_box", "no <bndbox>, <robndbox> or <polygon> in the object, which has <name>, "
                                       "<point>, <pose>")),
        ("<polygon><pt><x>1</x><y>2</y></pt></polygon>", ("no_box", "no <bndbox>, and 1 points in <polygon>, expected "
                                                          "three or more")),
        ("<bndbox><x>1</x><w>2</w></bndbox>", ("no_box", "<bndbox> has <x>, <w>; expected <xmin>, <ymin>, <xmax>, <ymax>")),
        ("<deleted>1</deleted>" + BNDBOX, ("ignored_region", "deleted")),
    ],
)  # fmt: skip
def test_objects_without_a_box(objects, body, fault):
    (item,), _ = objects(body)
    assert item.fault == fault
