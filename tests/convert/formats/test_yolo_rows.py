# environment: data
"""YOLO rows with more or other numbers than a box: predictions, keypoints, turned boxes, commas."""

import math
import random

import pytest

from boxwright.core.runtime.errors import UserError

# Two boxes an image, in fractions: x, y, width, height.
BOXES = [(0.25, 0.5, 0.25, 0.5), (0.7, 0.6, 0.5, 0.6)]
EDGES = [(0.125, 0.25, 0.375, 0.75), (0.45, 0.3, 0.95, 0.9)]
IMAGES = 8


@pytest.fixture
def labels(made, read):
    """Reads images of 64x48 with the two boxes each. row: the text of a row, from its class, box, image and place."""

    def labels(row, images=IMAGES, odd=IMAGES):
        texts = {"classes.txt": "cat\ndog\n"}
        for image in range(images):
            write = row if image < odd else plain_row
            texts[f"{image}.txt"] = "\n".join(write(place % 2, box, image, place) for place, box in enumerate(BOXES))
        return read(made([f"{image}.jpg" for image in range(images)], texts))

    return labels


def plain_row(number, box, *_):
    return " ".join(map(str, (number, *box)))


def with_more(more):
    """A row that ends with what `more` makes of the image and the place."""
    return lambda number, box, image, place: f"{plain_row(number, box)} {more(image, place)}"


def is_plain(data) -> bool:
    """Whether every image has exactly the two boxes."""
    return all(
        [(item.name, item.fault) for item in image.objects] == [("cat", None), ("dog", None)]
        and [item.box_xyxy for item in image.objects] == [pytest.approx(edges) for edges in EDGES]
        for image in data.images
        if image.fault is None
    )


def said(data) -> dict[str, str]:
    return {notice.id: notice.claim for notice in data.notices}


@pytest.mark.parametrize("sign", [1, -1])
def test_sorted_numbers_are_a_confidence(labels, sign):
    """Two rows in each of twelve images are in order by chance once in 4,096 sets."""
    data = labels(with_more(lambda image, place: 0.5 + sign * (0.1 * place - 0.001 * image)), 12, 12)
    assert is_plain(data)
    assert "24 of 24 label rows have a box and a confidence" in said(data)["predictions_as_labels"]


def test_unsorted_numbers_are_undecided(labels):
    draw = random.Random(1)
    with pytest.raises(UserError, match=r"16 of 16 label rows have 5 numbers .* may be a confidence .* or an angle"):
        labels(with_more(lambda *_: round(draw.uniform(0.3, 0.97), 3)))


def test_a_few_rows_with_a_fifth_number_are_quarantined(labels):
    data = labels(with_more(lambda *_: 0.5), odd=1)
    reasons = [item.fault for image in data.images for item in image.objects if item.fault]
    assert reasons == [
        ("unreadable_annotation", f"5 numbers, expected 4: {plain_row(n, BOXES[n])} 0.5") for n in (0, 1)
    ]


def test_confidence_before_the_box(labels):
    with pytest.raises(UserError, match="the second number looks like a confidence"):
        labels(lambda number, box, image, place: " ".join(map(str, (number, 0.9 - 0.1 * place, *box))))


@pytest.mark.parametrize("more", [lambda image, place: place + 1, lambda image, place: 2 * image + place + 1])
def test_track_ids(labels, more):
    data = labels(with_more(more))
    assert is_plain(data)
    assert "a track id" in said(data)["predictions_as_labels"]


def test_confidence_and_track_id(labels):
    data = labels(with_more(lambda image, place: f"0.9 {2 * image + place + 1}"))
    assert is_plain(data)
    assert "a confidence and a track id" in said(data)["predictions_as_labels"]


@pytest.mark.parametrize("more", ["0", "0.0", "1"])
def test_numbers_that_change_nothing(labels, more):
    data = labels(with_more(lambda *_: more))
    assert is_plain(data)
    assert "extra_numbers" in said(data)


def turned_by(angle, in_pixels=False):
    """A row of the box in an image of 64x48 that is turned by an angle in radians, as x y w h and the angle as text."""
    units = (64, 48, 64, 48) if in_pixels else (1, 1, 1, 1)
    return lambda number, box, *_: " ".join(
        map(str, (number, *(s * u for s, u in zip(box, units, strict=True)), angle))
    )


@pytest.mark.parametrize(("angle", "in_pixels"), [(90, False), (-90.0, False), (1.570796, False), (90, True)])
def test_angles(labels, angle, in_pixels):
    """The first box has 16x24 pixels around 16, 24; turned by a quarter 24x16."""
    data = labels(turned_by(angle, in_pixels))
    assert data.images[0].objects[0].box_xyxy == pytest.approx((4 / 64, 16 / 48, 28 / 64, 32 / 48), abs=1e-5)
    assert said(data)["rotated_boxes"].startswith("16 boxes are rotated")


@pytest.mark.parametrize("highest", [180, math.pi])
def test_angles_in_all_directions(labels, highest):
    draw = random.Random(3)
    data = labels(with_more(lambda *_: draw.uniform(0, highest)), 20, 20)
    unit = "degrees" if highest == 180 else "radians"
    assert f"angle in {unit}" in said(data)["rotated_boxes"]


@pytest.mark.parametrize("angle", [1.3, 7.7])
def test_angles_without_a_certain_unit(labels, angle):
    with pytest.raises(UserError, match=r"may be an angle .* the data do not show its unit; write the four corners"):
        labels(turned_by(angle))


def test_pixels_of_other_images(labels):
    with pytest.raises(UserError, match="as pixels they do not fit the images"):
        labels(lambda number, box, *_: " ".join(map(str, (number, *(side * 640 for side in box), 90))))


def corners(box, units=(1, 1)):
    """The corners of a rhombus that the box holds."""
    x, y, w, h = (side * units[place % 2] for place, side in enumerate(box))
    return f"{x} {y - h / 2} {x + w / 2} {y} {x} {y + h / 2} {x - w / 2} {y}"


@pytest.mark.parametrize(
    ("units", "more", "code"),
    [
        ((1, 1), None, "rotated_boxes"),
        ((64, 48), None, "extra_numbers"),
        ((1, 1), "confidence", "predictions_as_labels"),
    ],
)
def test_corners(labels, units, more, code):
    def row(number, box, image, place):
        return f"{number} {corners(box, units)}" + (f" {0.9 - 0.1 * place}" if more else "")

    data = labels(row, 12, 12)
    assert is_plain(data)
    assert code in said(data)


def keypoints(box, count, numbers, draw):
    x, y, w, h = box
    points = [(x + (draw.random() - 0.5) * w * 0.9, y + (draw.random() - 0.5) * h * 0.9) for _ in range(count)]
    return " ".join(f"{px:.4f} {py:.4f}" + (f" {draw.choice([1, 2])}" if numbers == 3 else "") for px, py in points)


@pytest.mark.parametrize(
    ("count", "numbers", "more", "code"),
    [(17, 3, "", "extra_numbers"), (5, 2, "", "extra_numbers"), (2, 2, "", "extra_numbers"), (1, 3, "", "extra_numbers"),
     (17, 3, " 0.87", "predictions_as_labels"), (4, 2, " 0.87", "predictions_as_labels")],
)  # fmt: skip
def test_keypoints_without_kpt_shape(labels, count, numbers, more, code):
    draw = random.Random(5)
    data = labels(lambda number, box, *_: f"{plain_row(number, box)} {keypoints(box, count, numbers, draw)}{more}")
    assert is_plain(data)
    assert f"of {numbers} numbers" in said(data)[code]


def test_few_rows_that_are_keypoints_or_polygons(made, read):
    """The box of each row holds its points, and its width and height could be a point of a polygon, too."""
    rows = "\n".join(["0 0.5 0.5 0.6 0.6 0.3 0.3 0.7 0.7 0.5 0.4"] * 3)
    with pytest.raises(UserError, match=r"keypoints, write kpt_shape: \[3, 2\] into data.yaml"):
        read(made(["a.jpg"], {"a.txt": rows}))


@pytest.mark.parametrize("points", [3, 4, 7])
@pytest.mark.parametrize("size", [0.05, 0.2, 0.6])
def test_polygons_are_no_keypoints(made, read, points, size):
    """Polygons of small objects left and above, where a box of the first four numbers is inside of the image."""
    draw = random.Random(7)
    texts, names = {}, [f"{image}.jpg" for image in range(20)]
    for name in names:
        x, y = draw.uniform(0.1, 0.5), draw.uniform(0.1, 0.5)
        turns = sorted(draw.uniform(0, 2 * math.pi) for _ in range(points))
        corner = [f"{x + size / 2 * math.cos(turn):.4f} {y + size / 2 * math.sin(turn):.4f}" for turn in turns]
        texts[name.replace("jpg", "txt")] = "0 " + " ".join(corner)
    data = read(made(names, texts))
    assert "extra_numbers" not in said(data)
    assert all(
        width <= size + 0.001 for width in (o.box_xyxy[2] - o.box_xyxy[0] for i in data.images for o in i.objects)
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [((" ", ","),) * 2, ((" ", ", "),) * 2, ((" ", ";"),) * 2, ((".", ","),) * 2, ((".", ","), (" ", ";")),
     ((".", ","), (" ", "\t")), ((".", ","), (" ", ","))],
)  # fmt: skip
def test_commas_and_semicolons(labels, old, new):
    def row(*place):
        text = plain_row(*place).replace(*old)
        return text.replace(*new) if new != old else text

    data = labels(row)
    assert is_plain(data)
    assert ("commas" in said(data)) and said(data)["commas"].startswith("8 labels have commas or semicolons")


@pytest.mark.parametrize("form", ["{:.1f}", "{}.", "{:.18e}"])
def test_class_numbers_as_floats(labels, form):
    assert is_plain(labels(lambda number, box, *_: f"{form.format(number)} {plain_row(number, box)[2:]}"))


def test_names_in_place_of_numbers(made, read):
    root = made(["a.jpg"], {"a.txt": "cat 0.25 0.5 0.25 0.5\n", "classes.txt": "cat\n"})
    with pytest.raises(
        UserError, match=r"`cat 0\.25 0\.5 0\.25 0\.5`\); rows of YOLO begin with the number of the class"
    ):
        read(root)


def test_unknown_rows_are_shown(made, read):
    with pytest.raises(
        UserError, match=r"does not know the form of a\.txt \(the first begins with `0 0\.25 0\.5 0\.25`\)"
    ):
        read(made(["a.jpg"], {"a.txt": "0 0.25 0.5 0.25\n"}))


def test_odd_rows_without_any_number(made, read):
    """A row of seven words, one of them no number, decides nothing (found by make fuzz)."""
    labels = {"a.txt": '0 0.25 0.5 0.25 0.5\n0 0.1 0.2 0.3 " 0.3 0.6\n', "data.yaml": "train: .\nnames: [cat]\n"}
    (image, _) = read(made(["a.jpg", "b.jpg"], labels)).images
    assert [item.fault.reason if item.fault else "" for item in image.objects] == ["", "not_a_number"]


@pytest.mark.parametrize(
    "row", ["0 .5 .5 .2 .4 nan", "0 .5 .5 .2 .4 inf", "0 .5 .5 .2 .4 x", "0 nan nan nan nan 90", "0 " + "nan " * 8]
)
def test_rows_that_are_no_numbers_have_a_reason(made, read, row):
    data = read(made(["a.jpg"], {"a.txt": "0 .5 .5 .2 .4\n" * 9 + row}))
    assert len(data.images[0].objects) == 10
    last = data.images[0].objects[-1]
    assert last.fault is not None or any(map(math.isnan, last.box_xyxy))
