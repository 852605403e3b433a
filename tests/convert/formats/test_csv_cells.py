# environment: data
"""Cells of a csv: decimal commas, rows without an object, and faults that show what is written."""

import pytest

from boxwright.core.runtime.errors import UserError

HEADER = "filename,width,height,class,xmin,ymin,xmax,ymax\n"
TABS = HEADER.replace(",", "\t")
SEMICOLONS = HEADER.replace(",", ";")


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        (SEMICOLONS + "a.jpg;64;48;cat;8,5;12,25;24;36,0\n", [(8.5, 12.25, 24, 36)]),
        (TABS + "a.jpg\t64\t48\tcat\t8,5\t12\t24\t36\n", [(8.5, 12, 24, 36)]),
        (HEADER + 'a.jpg,64,48,cat,"8,5","12,0","24,0","36,0"\n', [(8.5, 12, 24, 36)]),
        (
            SEMICOLONS + "a.jpg;64;48;cat;8,125;12;24;36\na.jpg;64;48;cat;9,5;12;24;36\n",
            [(8.125, 12, 24, 36), (9.5, 12, 24, 36)],
        ),
    ],
)
def test_decimal_commas_are_read(made, read, text, boxes):
    data = read(made(["a.jpg"], {"set.csv": text}))
    assert [item.box_xyxy for item in data.images[0].objects] == boxes
    assert [notice.id for notice in data.notices] == ["decimal_commas"]


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ("a.jpg;64;48;cat;1,234;12;24;36\n", "xmin '1,234'"),  # could be thousands
        ("a.jpg;64;48;cat;8,5;12.5;24;36\n", "xmin '8,5'"),  # commas and points
        ("a.jpg;64;48;cat;1.234,5;12;24;36\n", "xmin '1.234,5'"),
        ("a.jpg;64;48;cat;8px;12;24;inf\n", "xmin '8px', ymax 'inf'"),
        ("a.jpg;64;48;cat;8;12;;36\n", "xmax ''"),
    ],
)
def test_a_cell_that_is_no_number_is_shown(made, read, rows, value):
    (item,) = read(made(["a.jpg"], {"set.csv": SEMICOLONS + rows})).images[0].objects
    assert item.fault == ("not_a_number", value)


def test_unquoted_decimal_commas_are_refused(made, read):
    """They divide the numbers, and other cells would be read as coordinates."""
    rows = "a.jpg,64,48,cat,8,5,12,5,24,0,36,0\n" * 3
    with pytest.raises(
        UserError, match=r"set\.csv has rows of 12 cells below 8 titles; if its numbers have decimal commas"
    ):
        read(made(["a.jpg"], {"set.csv": HEADER + rows}))


@pytest.mark.parametrize(
    "row", [",,,,", "nan,nan,nan,nan,nan", "background,,,,", ",0,0,0,0", "None,,,,", "", " , , , , "]
)
def test_a_row_without_class_and_box_is_a_background(made, read, row):
    data = read(made(["a.jpg", "b.jpg"], {"set.csv": f"{HEADER}a.jpg,64,48,cat,8,12,24,36\nb.jpg,64,48,{row}\n"}))
    assert [(image.filename, len(image.objects), image.fault) for image in data.images] == [
        ("a.jpg", 1, None),
        ("b.jpg", 0, None),
    ]
    assert [notice.id for notice in data.notices] == ["rows_without_object"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",8,12,24,36", ("unknown_class", "no class")),
        ("cat,,,,", ("no_box", "the cells of the box are empty")),
        ("cat,nan,nan,nan,nan", ("no_box", "the cells of the box are empty")),
    ],
)
def test_half_a_row_is_no_background(made, read, row, fault):
    """The class or the box of an object is lost."""
    (item,) = read(made(["a.jpg"], {"set.csv": f"{HEADER}a.jpg,64,48,{row}\n"})).images[0].objects
    assert item.fault == fault


def test_an_empty_row_beside_objects_says_nothing(made, read):
    data = read(made(["a.jpg"], {"set.csv": f"{HEADER}a.jpg,64,48,cat,8,12,24,36\na.jpg,64,48,,,,,\n"}))
    assert ([len(image.objects) for image in data.images], data.notices) == ([1], [])
