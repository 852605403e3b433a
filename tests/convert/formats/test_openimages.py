# environment: data
"""Open Images' csv, with boxes in fractions of images of 64 x 48 pixels."""

import pytest
from noticed import noticed

from boxwright.core.runtime.errors import UserError

TITLES = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
SHORT = "ImageID,LabelName,XMin,XMax,YMin,YMax,IsGroupOf"
DESCRIPTIONS = '/m/01,Nut\n/m/02,"Bolt, long"\n/m/03,Washer\n'


def row(number: str, label: str = "/m/01", box: str = "0.125,0.375,0.25,0.75", flags: str = "0,0,0,0,0") -> str:
    return f"{number},xclick,{label},1,{box},{flags}"


def table(*rows: str, titles: str = TITLES) -> str:
    return "\n".join([titles, *rows]) + "\n"


def test_boxes_and_names(made, read):
    root = made(["a.jpg", "images/b.jpg"], {
        "train-annotations-bbox.csv": table(row("a"), row("a", "/m/02"), row("b")),
        "class-descriptions-boxable.csv": DESCRIPTIONS,
    })  # fmt: skip
    data = read(root)
    assert data.format == "openimages" and data.notices == []
    box = (0.125, 0.25, 0.375, 0.75)
    assert {i.filename: [(o.name, o.box_xyxy) for o in i.objects] for i in data.images} == {
        "a.jpg": [("Nut", box), ("Bolt, long", box)], "images/b.jpg": [("Nut", box)],
    }  # fmt: skip
    assert {(i.split, i.fractions, i.size) for i in data.images} == {("train", True, None)}


def test_boxes_in_the_records(made, convert):
    out = convert(made(["a.jpg"], {"boxes.csv": table(row("a", "Nut"))}))
    assert out.boxes() == {"a.jpg": [("Nut", 0.25, 0.125, 0.75, 0.375)]} and out.quarantine == []


@pytest.mark.parametrize(
    "descriptions",
    [DESCRIPTIONS, f"LabelName,DisplayName\n{DESCRIPTIONS}", DESCRIPTIONS.replace("\n", "\r\n").encode("utf-8-sig")],
)
def test_files_that_name_the_classes(made, read, descriptions):
    data = read(made(["a.jpg"], {"boxes.csv": table(row("a", "/m/02")), "metadata/classes.csv": descriptions}))
    assert (data.categories, data.notices) == (["Bolt, long"], [])


def test_ids_without_a_name_stay(made, read):
    texts = {"boxes.csv": table(row("a"), row("a", "/m/09")), "classes.csv": DESCRIPTIONS}
    data = read(made(["a.jpg"], texts))
    assert (data.categories, noticed(data.notices)) == (["Nut", "/m/09"], {"class_ids": 1})


def test_two_ids_of_one_name_stay_apart(made, read):
    texts = {"boxes.csv": table(row("a"), row("a", "/m/02")), "classes.csv": "/m/01,Nut\n/m/02,Nut\n"}
    assert read(made(["a.jpg"], texts)).categories == ["Nut (/m/01)", "Nut (/m/02)"]


def test_flags(made, read):
    """Occluded, truncated, group of, depiction, inside. -1 means that nobody looked."""
    rows = [row("a", flags=flags) for flags in ("1,1,0,0,0", "0,0,1,0,0", "0,0,0,1,1", "-1,-1,-1,-1,-1")]
    data = read(made(["a.jpg"], {"boxes.csv": table(*rows)}))
    assert [(o.truncated, o.crowd) for o in data.images[0].objects] == [
        (True, False), (False, True), (False, False), (False, False),
    ]  # fmt: skip


def test_the_short_form_of_the_challenge(made, read):
    texts = {"challenge-2019-train-detection-bbox.csv": table("a,/m/01,0.125,0.375,0.25,0.75,1", titles=SHORT)}
    (image,) = read(made(["a.jpg"], texts)).images
    assert (image.split, image.objects[0].box_xyxy, image.objects[0].crowd) == (
        "train",
        (0.125, 0.25, 0.375, 0.75),
        True,
    )


def test_splits_of_names_and_folders(made, read):
    """As the site has them, as FiftyOne has them, and with all boxes in one file."""
    root = made(["train/a.jpg", "validation/data/b.jpg", "test/c.jpg"], {
        "csv/oidv6-train-annotations-bbox.csv": table(row("a")),
        "validation/labels/detections.csv": table(row("b")), "boxes.csv": table(row("c")),
    })  # fmt: skip
    assert {i.filename: i.split for i in read(root).images} == {
        "train/a.jpg": "train", "validation/data/b.jpg": "val", "test/c.jpg": "test",
    }  # fmt: skip


def test_a_part_of_the_images_is_here(made, convert):
    """The csv lists a whole split, of which people download a part."""
    rows = [row(f"x{number}", "Nut") for number in range(9)]
    out = convert(made(["a.jpg"], {"boxes.csv": table(*rows, row("a", "Nut"))}))
    assert (out.manifest["found"], out.quarantine) == ({"images": 1, "objects": 1}, [])
    assert out.claims("subset") == [
        "boxes.csv: 9 images are not in the folder and left out, as Open Images' csv lists a whole split; 1 image is here"
    ]


def test_a_few_images_are_missing(made, convert):
    texts = {"boxes.csv": table(row("a", "Nut"), row("b", "Nut"), row("c", "Nut"))}
    with pytest.raises(UserError, match="missing"):
        convert(made(["a.jpg", "b.jpg"], texts))
    out = convert(made(["a.jpg", "b.jpg"], texts), missing="quarantine")
    assert out.reasons("c.jpg") == [(None, "missing"), (0, "image_rejected")]


def test_other_files_of_open_images_are_ignored(made, read):
    others = {
        "train-annotations-human-imagelabels.csv": "ImageID,Source,LabelName,Confidence\na,verification,/m/01,1\n",
        "masks.csv": "MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax\n",
        "relations.csv": "ImageID,LabelName1,LabelName2,XMin1\n",
    }
    data = read(made(["a.jpg"], {"boxes.csv": table(row("a", "Nut")), **others}))
    (notice,) = data.notices
    assert notice.claim == (
        "Only boxes are read. Ignored: masks.csv (masks), relations.csv (relations), "
        "train-annotations-human-imagelabels.csv (labels of whole images)"
    )


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (row("a", ""), "unknown_class"),
        (row("a", "Nut", "x,0.375,0.25,0.75"), "not_a_number"),
        (row("a", "Nut", "0.375,0.125,0.25,0.75"), "inverted"),
        (row("a", "Nut", "0.5,0.5,0.25,0.75"), "zero_area"),
        ("a,xclick,Nut,1,0.1", "not_a_number"),
    ],
)
def test_odd_rows(made, convert, odd, reason):
    assert convert(made(["a.jpg"], {"boxes.csv": table(row("a", "Nut"), odd)})).reasons("a.jpg") == [(1, reason)]


def test_names_with_a_suffix_and_other_kinds_of_images(made, read):
    data = read(made(["a.png", "b.jpg", "b.png", "c.jpg"], {"boxes.csv": table(row("a"), row("b"), row("c.jpg"))}))
    assert [i.filename for i in data.images if not i.fault] == ["a.png", "b.jpg", "c.jpg"]


def test_group_is_a_column(made, read):
    texts = {"boxes.csv": table(row("a") + ",s1", titles=f"{TITLES},Scan")}
    assert read(made(["a.jpg"], texts), column="scan").images[0].group == "s1"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            "ImageID,Source,LabelName,Confidence\na,x,/m/01,1\n",
            "has labels of whole images of Open Images; the boxes are in",
        ),
        (table(titles=TITLES.replace("XMax,", "")), "has ImageID, as Open Images' csv has it, and no column xmax"),
        (table(row("")), r"boxes\.csv: line 2 has no usable ImageID"),
        (table(row("a")) + 'b,"', r"boxes\.csv is not a valid csv: a quote in line 3 is never closed"),
    ],
)
def test_what_is_not_read(made, read, content, says):
    with pytest.raises(UserError, match=says):
        read(made(["a.jpg"], {"boxes.csv": content}))
