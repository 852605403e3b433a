# environment: data
"""Tables with other names of columns: read where the meaning is certain, else refused with what to rename."""

import pytest

from boxwright.core.runtime.errors import UserError

EDGES = "8,12,24,36"
CORNER = "8,12,16,24"
CENTER = "16,24,16,24"


def objects(data):
    (image,) = data.images
    return image.filename, image.size, [(item.name, item.box_xyxy) for item in image.objects]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("image,xmin,ymin,xmax,ymax,label", f"a.jpg,{EDGES},cat"),  # VoTT
        ("image_path,x_min,y_min,x_max,y_max,class_name", f"a.jpg,{EDGES},cat"),
        ("img,x1,y1,x2,y2,label", f"a.jpg,{EDGES},cat"),
        ("path,x0,y0,x1,y1,category", f"a.jpg,{EDGES},cat"),
        ("image_name,xtl,ytl,xbr,ybr,label", f"a.jpg,{EDGES},cat"),
        ("Image,Left,Top,Right,Bottom,Label", f"a.jpg,{EDGES},cat"),
        ("image_id,bbox_x1,bbox_y1,bbox_x2,bbox_y2,class", f"a,{EDGES},cat"),
        ("image_id,X Min,Y Min,X Max,Y Max,class", f"a.jpg,{EDGES},cat"),
        ("frame,xmin,xmax,ymin,ymax,class_id", "a.jpg,8,24,12,36,cat"),  # Udacity
        (
            "label_name,bbox_x,bbox_y,bbox_width,bbox_height,image_name,image_width,image_height",
            f"cat,{CORNER},a.jpg,64,48",
        ),
        ("filename,class,left,top,width,height", f"a.jpg,cat,{CORNER}"),
        ("filename,class,xmin,ymin,w,h", f"a.jpg,cat,{CORNER}"),
        ("filename,class,x_center,y_center,width,height", f"a.jpg,cat,{CENTER}"),
        ("filename;label;cx;cy;w;h", f"a.jpg;cat;{CENTER.replace(',', ';')}"),
        ("file\tlabel\tx1\ty1\tx2\ty2", f"a.jpg\tcat\t{EDGES}".replace(",", "\t")),
    ],
)
def test_names_of_other_tools(made, read, header, row):
    data = read(made(["a.jpg"], {"set.csv": f"{header}\n{row}\n"}))
    size = (64, 48) if "image_width" in header else None
    assert objects(data) == ("a.jpg", size, [("cat", (8, 12, 24, 36))])
    renamed = [notice for notice in data.notices if notice.id == "columns_by_other_names"]
    assert len(renamed) == ("left,top" not in header)


def test_the_notice_says_what_each_column_was_taken_for(made, read):
    data = read(made(["a.jpg"], {"set.csv": f"image,label,x1,y1,x2,y2\na.jpg,cat,{EDGES}\n"}))
    (notice,) = data.notices
    assert (
        notice.claim
        == "set.csv: convert read image as filename, label as class, x1 as xmin, y1 as ymin, x2 as xmax, y2 as ymax"
    )


def test_a_csv_with_its_own_names_comes_first(made, read):
    """A table of detections with other names beside it is not merged into the annotations."""
    texts = {"set.csv": f"filename,class,xmin,ymin,xmax,ymax\na.jpg,cat,{EDGES}\n"}
    texts["other.csv"] = "image,label,x1,y1,x2,y2\na.jpg,dog,1,2,30,40\n"
    data = read(made(["a.jpg"], texts))
    assert (objects(data), data.notices) == (("a.jpg", None, [("cat", (8, 12, 24, 36))]), [])


@pytest.mark.parametrize(
    ("header", "rows", "box"),
    [
        ("image,label,x,y,w,h", ["a.jpg,cat,2,3,16,24"], (2, 3, 18, 27)),  # the middle would lie outside
        ("image,label,bbox_x,bbox_y,bbox_w,bbox_h", ["a.jpg,cat,2,3,16,24"], (2, 3, 18, 27)),
        ("image,image_width,image_height,label,x,y,w,h", ["a.jpg,64,48,cat,60,40,8,16"], (56, 32, 64, 48)),
        ("image;label;x;y;w;h", ["a.jpg;cat;2;3;16,5;24"], (2, 3, 18.5, 27)),
        ("sep=;\nimage;label;x1;y1;x2;y2", ["a.jpg;cat;2;3;18;27"], (2, 3, 18, 27)),
    ],
)
def test_what_the_rows_decide(made, read, header, rows, box):
    """And Excel's first line is skipped."""
    data = read(made(["a.jpg"], {"set.csv": "\n".join([header, *rows])}))
    assert objects(data)[2] == [("cat", box)]


LIST = "image_id,width,height,bbox,label\n"


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        (["[30, 20, 16, 24]", "[8, 12, 16, 24]"], [(30, 20, 46, 44), (8, 12, 24, 36)]),
        (["[8.0, 12.0, 60.0, 40.5]", "[8, 12, 24, 36]"], [(8, 12, 60, 40.5), (8, 12, 24, 36)]),
        (["8 12 60 40", "30 20 50 40"], [(8, 12, 60, 40), (30, 20, 50, 40)]),
    ],
)
def test_four_numbers_in_a_cell_are_read_if_one_order_fits(made, read, boxes, expected):
    rows = "".join(f'a,64,48,"{box}",cat\n' for box in boxes)
    assert objects(read(made(["a.jpg"], {"train.csv": LIST + rows}))) == (
        "a.jpg",
        (64, 48),
        [("cat", box) for box in expected],
    )


@pytest.mark.parametrize(
    ("header", "rows", "says"),
    [
        (
            LIST,
            ['a,64,48,"[8, 12, 16, 24]",cat'],
            r"a column bbox with four numbers \('\[8, 12, 16, 24\]'\), which can be left, top, right",
        ),
        (LIST, ["a,64,48,,cat"], r"a column bbox without four numbers \(''\)"),
        (LIST, ['a,64,48,"{""x"": 1}",cat'], "a column bbox without four numbers"),
        (
            "filename,class,x,y,width,height\n",
            [f"a.jpg,cat,{CORNER}"],
            "the columns x, y, width, height, where x and y can be the corner or the middle",
        ),
        ("image,x1,y1,x2,y2,x3,y3,x4,y4,label\n", ["a.jpg,1,2,9,2,9,8,1,8,cat"], "the four corners of each object"),
        (
            "image,x1,y1,x2,y2,label,score\n",
            [f"a.jpg,{EDGES},cat,0.9"],
            "a column score, as the detections of a model have",
        ),
        (
            "image,x1,y1,x2,y2,species\n",
            [f"a.jpg,{EDGES},cat"],
            r"no column class .* holds it \(species\), or add a column class",
        ),
        ("image,label,x1,y1\n", ["a.jpg,cat,8,12"], "no column xmin .* and no column ymax in its first line"),
        ("id,breed\n", ["a,pug"], r"no column filename .* \(id, breed\); if another column holds it, rename"),
    ],
)
def test_what_the_columns_do_not_show_is_refused(made, read, header, rows, says):
    with pytest.raises(UserError, match=f"set.csv has {says}"):
        read(made(["a.jpg"], {"set.csv": header + "\n".join(rows)}))


@pytest.mark.parametrize("more", ["", ",source\n"])
def test_without_a_class_there_is_one_class(made, read, more):
    header, row = "image,x1,y1,x2,y2", f"a.jpg,{EDGES}"
    if more:
        header, row = f"{header},source", f"{row},farm_1"
    data = read(made(["a.jpg"], {"set.csv": f"{header}\n{row}\n"}))
    assert objects(data)[2] == [("object", (8, 12, 24, 36))]
    assert "no_class_column" in [notice.id for notice in data.notices]


@pytest.mark.parametrize(
    ("row", "header"),
    [
        (f"x/a.jpg,{EDGES},cat", "filename,xmin,ymin,xmax,ymax,class"),  # keras-retinanet
        ("x/a.jpg,30,20,16,24,cat", "filename,left,top,width,height,class"),
        (f"cat,{CORNER},a.jpg,64,48", "class,left,top,width,height,filename,image_width,image_height"),  # Make Sense
        (f"a.jpg,64,48,cat,{EDGES}", "filename,width,height,class,xmin,ymin,xmax,ymax"),  # the OD API's
        (f"a.jpg,{EDGES},0", "filename,xmin,ymin,xmax,ymax,class"),
        (f"1,a.jpg,cat,{EDGES}", "column1,filename,class,xmin,ymin,xmax,ymax"),
    ],
)
def test_the_missing_first_line_is_named(made, read, row, header):
    """The file can be read once the line is there."""
    root = made(["a.jpg", "x/a.jpg"], {"set.csv": f"{row}\n{row}\n", "classes.csv": "cat,0\ndog,1\n"})
    with pytest.raises(
        UserError, match=f"set.csv has no line with the names of its columns; add `{header}` as its first"
    ) as error:
        read(root)
    assert "classes.csv" not in str(error.value)
    (root / "set.csv").write_text(f"{header}\n{row}\n")
    assert [len(image.objects) for image in read(root).images if image.fault is None] == [1]


def test_rows_without_known_columns_are_shown(made, read):
    with pytest.raises(
        UserError, match=r"set.csv has no line with the names .* \(it begins with a, 1, 2, 3, 4, 5, 6\)"
    ):
        read(made(["a.jpg"], {"set.csv": "a,1,2,3,4,5,6\n"}))


def test_exact_columns_without_the_size_of_images(made, read):
    data = read(made(["a.jpg"], {"labels.csv": "filename,class,xmin,ymin,xmax,ymax\na.jpg,cat,8,12,24,36\n"}))
    assert [(o.name, o.box_xyxy) for o in data.images[0].objects] == [("cat", (8, 12, 24, 36))]
    assert (data.images[0].size, data.notices) == (None, [])


@pytest.mark.parametrize("header", ["image,label,x,y,w,h", "image_id,width,height,bbox,label"])
def test_rows_that_are_too_short_are_no_numbers(made, read, header):
    rows = ["a.jpg,cat,2,3,16,24", "a.jpg,cat,2"] if "x,y" in header else ['a,64,48,"[50, 40, 9, 8]",cat', "a,64"]
    data = read(made(["a.jpg"], {"set.csv": "\n".join([header, *rows])}))
    faults = [item.fault.reason if item.fault else "" for image in data.images for item in image.objects]
    assert faults in (["", "not_a_number"], [""])
