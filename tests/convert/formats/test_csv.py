# environment: data
"""The csv of the OD API's tutorials."""

import pytest

from boxwright.core.runtime.errors import UserError

HEADER = "filename,width,height,class,xmin,ymin,xmax,ymax\n"
BOX = [0.25, 0.125, 0.75, 0.375]


def test_csv_of_the_tutorial_equals_its_xml(shared, convert):
    """In cards_voc, the tutorial's script made the csv from the xml."""
    xml = convert(shared / "data/cards_voc", "xml", format="voc")
    table = convert(shared / "data/cards_voc", "csv", format="csv")
    assert table.manifest["format"] == "csv"
    assert table.boxes() == xml.boxes()
    assert table.manifest["found"] == xml.manifest["found"] == {"images": 95, "objects": 201}


def test_csv(tmp_path, convert, picture):
    """Columns in any order, quoted values, odd values, unlisted and missing images."""
    root = tmp_path / "set"
    for name in ("images/a.jpg", "images/b c.jpg", "images/stray.jpg"):
        picture(root / name)
    rows = "\n".join([
        "8,12,24,36,cat,a.jpg,64,48",
        '8,12,24,36,cat,"b c.jpg",64,48',
        "8,twelve,24,36,cat,a.jpg,64,48",
        "8,12,24,36,,a.jpg,64,48",
        "8,12",
    ])  # fmt: skip
    header = "xmin,ymin,xmax,ymax, class,filename,width,height\n"
    (root / "labels.csv").write_text("\ufeff" + header + rows.rsplit("\n", 1)[0] + "\n8,12,24,36,cat,gone.jpg,64,48\n")
    out = convert(root, missing="quarantine")
    assert out.manifest["format"] == "csv"
    assert out.boxes() == {"images/a.jpg": [("cat", *BOX)], "images/b c.jpg": [("cat", *BOX)]}
    assert out.reasons("images/a.jpg") == [(1, "not_a_number"), (2, "unknown_class")]
    assert out.reasons("images/stray.jpg") == [(None, "unlisted")]
    assert out.reasons("gone.jpg") == [(None, "missing"), (0, "image_rejected")]
    (root / "labels.csv").write_text(header + rows)
    with pytest.raises(UserError, match=r"labels\.csv: line 6 has no usable filename"):
        convert(root)


ROW = "a.jpg,64,48,cat,8,12,24,36\n"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (HEADER, ROW),
        (HEADER.replace(",", ";"), ROW.replace(",", ";")),
        (HEADER.replace(",", "\t"), ROW.replace(",", "\t")),
        (HEADER.title(), ROW),
        ('"Filename"; "WIDTH"; "HEIGHT"; "Class"; "XMin"; "YMin"; "XMax"; "YMax"\n', ROW.replace(",", ";")),
        (HEADER.replace("width,height,", ""), ROW.replace("64,48,", "")),
    ],
)
def test_csv_of_other_programs(made, read, header, row):
    image = read(made(["a.jpg"], {"set.csv": header + row})).images[0]
    assert (image.filename, image.size) == ("a.jpg", (64, 48) if "width" in header.lower() else None)
    assert [(o.name, o.box_xyxy) for o in image.objects] == [("cat", (8, 12, 24, 36))]


def test_image_in_two_csv_files(made, read):
    """Equal objects count once. A csv of all images gives no splits."""
    texts = {"all.csv": HEADER + ROW, "a_train.csv": HEADER + ROW + ROW.replace("cat", "dog")}
    texts["b_train.csv"] = HEADER.replace("width,height,", "") + ROW.replace("64,48,", "").replace("cat", "cow")
    data = read(made(["a.jpg"], texts))
    assert [(i.split, [o.name for o in i.objects], i.fault) for i in data.images] == [
        ("train", ["cat", "dog", "cow"], None)
    ]
    assert [n.id for n in data.notices] == ["listings_differ"]


@pytest.mark.parametrize("name", [".", "..", "/", "images/.."])
def test_csv_names_that_are_no_file(made, read, name):
    with pytest.raises(UserError, match="line 3 has no usable filename"):
        read(made(["a.jpg"], {"set.csv": HEADER + ROW + ROW.replace("a.jpg", name)}))
