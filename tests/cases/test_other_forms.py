# environment: data
"""Cases in which a supported format is written in an unusual form, and the data show what is meant."""


def test_ids_as_text_in_a_coco_json(read_case):
    read = read_case("5a")
    assert read.is_right()
    assert read.converted.claims("ids_matched") == [
        "annotations.json: 34 annotations have an id in another form than the images: '1' was read as 1",
        "annotations.json: 34 annotations have an id in another form than the categories: '2' was read as 2",
    ]


def test_kaggle_csv_with_a_box_in_one_cell(read_case):
    """image_id has no suffix, bbox is left, top, width, height, and no column names a class."""
    read = read_case("18")
    truth = {file: sorted(("object", *box) for _, *box in objects) for file, objects in read.truth().items()}
    assert read.boxes() == truth
    assert read.stored == 34
    assert (
        read.claim("columns_by_other_names")
        == "train.csv: convert read image_id as filename, bbox as left, top, width, height"
    )
    assert "all objects have the class `object`" in read.claim("no_class_column")


def test_csv_of_a_german_excel(read_case):
    """The left and upper edges are a half pixel inside of what is drawn."""
    read = read_case("5c")
    found = {file: [(name, *map(float, box)) for name, *box in objects] for file, objects in read.boxes().items()}
    for file, objects in read.truth().items():
        for (name, *box), (right_name, *drawn) in zip(found[file], objects, strict=True):
            assert name == right_name
            assert max(abs(one - other) for one, other in zip(box, drawn, strict=True)) <= 1
    assert read.claim("decimal_commas") == "labels.csv: the numbers have decimal commas: 261,5 was read as 261.5"


def test_csv_rows_of_pictures_without_objects(read_case):
    read = read_case("5d")
    assert (read.stored, read.reasons) == (22, {})
    assert sum(not boxes for boxes in read.boxes().values()) == 4
    assert "4 images have a row without class and box" in read.claim("rows_without_object")


def test_csv_without_titles(refusal):
    said = refusal("17")
    assert (
        "annotations.csv has no line with the names of its columns; add `filename,xmin,ymin,xmax,ymax,class` as its first"
        in said
    )
    assert "classes.csv" not in said


def test_odd_class_names_are_kept(read_case):
    """Five pictures; a name has a comma, a slash, a sharp s and typographic quotes."""
    read = read_case("99")
    assert (read.stored, read.reasons) == (11, {})
    assert "M8/Mutter, groß & “neu”" in [one["name"] for one in read.converted.manifest["classes"]]
