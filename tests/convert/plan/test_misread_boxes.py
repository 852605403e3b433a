# environment: data
"""Boxes in another order or unit are recognised, also in a part of the data. Clean data raise no alarm."""

import misread_boxes
import pytest
from misread_boxes import FAULTS, RIGHT, Fault

from boxwright.convert.plan import example_plan
from boxwright.convert.plan.box_readings import ORDERS, UNITS, BoxesAs, parse
from boxwright.core.runtime.errors import UserError

SEEDS = range(5)
# Boxes of small objects seldom reach over the edge if their corner is taken for their center. A notice is enough.
WEAK = ("coco with centers", "yolo with corners as centers")


def planned(pictures, fault, **more):
    source, headers = misread_boxes.in_memory(pictures, fault, more.pop("splits", None))
    return example_plan.build(source, fix="clip", missing="fail", headers=headers, **more)


def said(pictures, fault, **more):
    """What the conversion says about the boxes: an error, a notice, or nothing."""
    try:
        plan = planned(pictures, fault, **more)
    except UserError as error:
        return str(error)
    return "".join(notice.claim for notice in plan.notices if notice.id == "boxes_leave_images")


def words(fault):
    """What an error says about the order and unit of a fault, as far as they are not those of the format."""
    right = RIGHT[fault.format]
    order = [ORDERS[fault.order].words] if fault.order != right.order else []
    return order + ([UNITS[fault.unit].words] if fault.unit != right.unit else [])


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in WEAK])
@pytest.mark.parametrize("images", [5, 30])
@pytest.mark.parametrize("size", [0.1, 0.3])
def test_faults_are_recognised(name, images, size):
    for seed in SEEDS:
        text = said(misread_boxes.draw(seed, images, size=size), FAULTS[name])
        assert all(word in text.split("ead as")[-1] for word in words(FAULTS[name])), text


@pytest.mark.parametrize("name", WEAK)
@pytest.mark.parametrize(("images", "size"), [(60, 0.12), (12, 0.25)])
def test_corners_taken_for_centers_are_recognised(name, images, size):
    texts = [said(misread_boxes.draw(seed, images, size=size), FAULTS[name]) for seed in SEEDS]
    assert all(words(FAULTS[name])[0] in text for text in texts)


@pytest.mark.parametrize("format", RIGHT)
@pytest.mark.parametrize("over", [0.0, 0.03, 0.12])
@pytest.mark.parametrize("sizes", misread_boxes.SIZES)
def test_clean_data_raise_no_alarm(format, over, sizes):
    for seed in SEEDS:
        for place in ("anywhere", "middle"):
            pictures = misread_boxes.draw(seed, (5, 12, 40)[seed % 3], sizes=sizes, over=over, place=place)
            assert said(pictures, RIGHT[format]) == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("csv", Fault("csv", "xyxy", "fractions")), ("coco", Fault("coco", "xyxy")), ("voc", Fault("voc", "xywh"))],
)
def test_one_split_is_recognised(right, wrong):
    for seed in SEEDS:
        text = said(misread_boxes.draw(seed, 60), RIGHT[right], splits={"val": wrong})
        assert " in split val are wrong" in text
        assert "--boxes-as" in text and words(wrong)[0] in text


def test_one_class_and_one_folder_are_recognised():
    source, headers = misread_boxes.in_memory(misread_boxes.draw(0, 60), RIGHT["coco"])
    other, _ = misread_boxes.in_memory(misread_boxes.draw(0, 60), FAULTS["coco as xyxy"])
    pairs = [
        image._replace(
            objects=tuple(b if a.name == "nut" else a for a, b in zip(image.objects, wrong.objects, strict=True))
        )
        for image, wrong in zip(source.images, other.images, strict=True)
    ]
    source.images = pairs
    with pytest.raises(UserError, match="in class nut are wrong"):
        example_plan.build(source, fix="clip", missing="fail", headers=headers)


def test_images_of_no_common_name_are_recognised():
    """Every fourth image is written in another order. No folder and no split tells them from the others."""
    source, headers = misread_boxes.in_memory(misread_boxes.draw(0, 60), RIGHT["coco"])
    other, _ = misread_boxes.in_memory(misread_boxes.draw(0, 60), FAULTS["coco as xyxy"])
    source.images[::4] = other.images[::4]
    source.images = [image._replace(split=None) for image in source.images]
    with pytest.raises(UserError, match="in some images are wrong"):
        example_plan.build(source, fix="clip", missing="fail", headers=headers)


def test_boxes_as_is_an_order_a_unit_or_both():
    assert parse("xyxy") == BoxesAs("xyxy", "") and parse("PERCENT") == BoxesAs("", "percent")
    assert parse("xywh, fractions") == parse("fractions xywh") == BoxesAs("xywh", "fractions")
    for wrong in ("xyz", "xyxy xywh", "swapped"):
        with pytest.raises(UserError, match="--boxes-as"):
            parse(wrong)


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.unit not in ("swapped", "twice")])
def test_boxes_as_reads_what_was_written(name):
    pictures, fault = misread_boxes.draw(1, 8), FAULTS[name]
    right, mended = (
        planned(pictures, RIGHT[fault.format]),
        planned(pictures, fault, boxes_as=BoxesAs(fault.order, fault.unit)),
    )
    for a, b in zip(right.images, mended.images, strict=True):
        assert [o.box_yxyx for o in b.objects] == [pytest.approx(o.box_yxyx, abs=1e-4) for o in a.objects]


def scaled(pictures, format, factor):
    """What a reader returns if the fractions were divided by the sides of images that are smaller by this factor."""
    source, headers = misread_boxes.in_memory(pictures, RIGHT[format])
    source.images = [
        image._replace(objects=tuple(o._replace(box_xyxy=tuple(factor * n for n in o.box_xyxy)) for o in image.objects))
        for image in source.images
    ]
    return source, headers


@pytest.mark.parametrize("format", ["yolo", "tfrecord"])
@pytest.mark.parametrize("factor", [1.5, 2.0, 4.0])
def test_fractions_of_smaller_images_stop(format, factor):
    for seed in SEEDS:
        source, headers = scaled(misread_boxes.draw(seed, 12), format, factor)
        with pytest.raises(UserError, match="divided by the sides of smaller images"):
            example_plan.build(source, fix="clip", missing="fail", headers=headers)


@pytest.mark.parametrize("format", ["yolo", "tfrecord"])
def test_fractions_of_larger_images_are_noticed(format):
    for seed in SEEDS:
        source, headers = scaled(misread_boxes.draw(seed, 40), format, 0.5)
        notices = example_plan.build(source, fix="clip", missing="fail", headers=headers).notices
        assert [(n.id, n.severity) for n in notices if n.id.startswith("boxes")] == [("boxes_in_corner", "high")]


def test_fractions_of_larger_images_in_one_split():
    right, _ = scaled(misread_boxes.draw(1, 150), "yolo", 1.0)
    source, headers = scaled(misread_boxes.draw(1, 150), "yolo", 0.5)
    pairs = zip(source.images, right.images, strict=True)
    source.images = [wrong if wrong.split == "val" else image for wrong, image in pairs]
    notices = example_plan.build(source, fix="clip", missing="fail", headers=headers).notices
    (claim,) = [notice.claim for notice in notices if notice.id == "boxes_in_corner"]
    assert " boxes of val lie in the upper left 50% of the width" in claim


def test_fractions_of_one_place_are_not_noticed():
    """A camera above a belt: all objects lie in one place, away from the edges."""
    boxes = [("bolt", 90.0 + n, 60.0, 160.0 + n, 150.0) for n in range(60)]
    pictures = [misread_boxes.Picture(f"{n}.png", 640, 480, [box]) for n, box in enumerate(boxes)]
    source, headers = misread_boxes.in_memory(pictures, RIGHT["yolo"])
    notices = example_plan.build(source, fix="clip", missing="fail", headers=headers).notices
    assert [n.id for n in notices if n.id.startswith("boxes")] == []


def test_a_logo_in_the_corner_is_no_percent():
    """One object at one place, in each of many large images."""
    boxes = [("bolt", 10.0 + n % 3, 12.0, 96.0, 95.0) for n in range(40)]
    pictures = [misread_boxes.Picture(f"{n}.png", 640, 480, [box]) for n, box in enumerate(boxes)]
    assert said(pictures, RIGHT["csv"]) == ""


def test_a_few_boxes_over_the_edge_stay_as_they_are():
    """Three of 300 boxes reach over the right edge: they are clipped, and nothing is said about orders."""
    pictures = misread_boxes.draw(3, 90)
    pictures = [
        p._replace(objects=[*p.objects, ("nut", p.width - 30.0, 5.0, p.width + 9.0, 40.0)]) for p in pictures[:3]
    ] + pictures[3:]
    assert said(pictures, RIGHT["coco"]) == ""


@pytest.mark.parametrize("order", ["lbrt", "rblt", "xxyy", "trbl"])
def test_rarer_orders_of_corners(order):
    places = {"lbrt": (0, 3, 2, 1), "rblt": (2, 3, 0, 1), "xxyy": (0, 2, 1, 3), "trbl": (1, 2, 3, 0)}[order]
    source, headers = misread_boxes.in_memory(misread_boxes.draw(5, 12), RIGHT["voc"])
    source.images = [
        image._replace(objects=tuple(o._replace(box_xyxy=tuple(o.box_xyxy[n] for n in places)) for o in image.objects))
        for image in source.images
    ]
    with pytest.raises(UserError, match=f"read as {ORDERS[order].words}, all fit"):
        example_plan.build(source, fix="clip", missing="fail", headers=headers)


def test_merged_sets_are_tested_by_their_own_format():
    """A COCO set and a set of fractions in a csv: only the second is wrong."""
    first, headers = misread_boxes.in_memory(misread_boxes.draw(0, 20), RIGHT["coco"])
    second, more = misread_boxes.in_memory(misread_boxes.draw(1, 20), FAULTS["csv in fractions"])
    first.images = [i._replace(filename=f"one/{i.filename}") for i in first.images]
    first.images += [
        i._replace(filename=f"two/{i.filename}", file=i.file.with_name(f"b{i.file.name}")) for i in second.images
    ]
    headers |= {key.replace("p0", "bp0"): value for key, value in more.items()}
    first.format, first.formats = "coco+csv", {"one": "coco", "two": "csv"}
    with pytest.raises(UserError, match="which csv has; read as numbers in fractions"):
        example_plan.build(first, fix="clip", missing="fail", headers=headers)
