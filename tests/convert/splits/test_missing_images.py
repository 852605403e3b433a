# environment: data
"""Images of a split that are not there are said, with the count and the first of them."""

import pytest

XML = (
    "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>20</xmax><ymax>30</ymax></bndbox></object>"
    "</annotation>"
)


def test_lists_of_voc_that_name_missing_images(made, convert):
    xml = {f"Annotations/{n}.xml": XML for n in range(4)}
    lists = {"ImageSets/Main/train.txt": "0\n1\n2\n3\n", "ImageSets/Main/test.txt": "x7\nx8\nx9\n"}
    out = convert(made([f"JPEGImages/{n}.jpg" for n in range(4)], xml | lists))
    (claim,) = out.claims("missing_images")
    assert claim == (
        "3 of 3 images of test are not there (first: JPEGImages/x7.jpg, JPEGImages/x8.jpg, JPEGImages/x9.jpg)"
    )


def test_a_test_list_of_a_csv_without_its_images(made, convert):
    rows = "filename,width,height,class,xmin,ymin,xmax,ymax\n{},64,48,cat,1,2,20,30\n"
    tables = {"train.csv": rows.format("a.jpg"), "test.csv": rows.format("gone.jpg")}
    out = convert(made(["a.jpg", "b.jpg"], tables), missing="quarantine")
    assert out.notices["missing_images"] == "test"


@pytest.mark.parametrize(("place", "code"), [("../test/images", "split_elsewhere"), ("nowhere", "split_missing")])
def test_a_yaml_whose_test_place_is_missing(made, convert, place, code):
    folder = "exam/test" if code == "split_elsewhere" else "exam/last"
    yaml = f"train: train/images\nval: val/images\ntest: {place}\nnames: [cat]\n"
    sides = ("train", "val", folder)
    labels = {f"{side}/labels/{side[-1]}.txt": "0 0.5 0.5 0.2 0.2\n" for side in sides}
    out = convert(made([f"{side}/images/{side[-1]}.jpg" for side in sides], labels | {"data.yaml": yaml}))
    assert out.manifest["splits"]["test"]["images"] == (code == "split_elsewhere")
    assert out.notices[code] == "test"
