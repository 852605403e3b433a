# environment: data
"""Exports of annotation tools that are read as they are: every object is where it was drawn."""

import pytest

FORMATS = {"10": "cvat", "11": "via", "12": "via", "13": "labelme", "27": "labelstudio"}
# What the classes of the pictures are called in these two cases.
NAMES = {"16": {"nut": "/m/04yx4", "bolt": "/m/01bl7v"}, "19": {"nut": "Pedestrian", "bolt": "Car"}}


@pytest.mark.parametrize("case", FORMATS)
def test_every_object_is_where_it_was_drawn(read_case, case):
    read = read_case(case)
    assert read.is_right()
    assert (read.converted.manifest["format"], read.reasons) == (FORMATS[case], {})


@pytest.mark.parametrize("case", NAMES)
def test_objects_with_other_class_names(read_case, case):
    read = read_case(case)
    truth = {
        name: sorted((NAMES[case][label], *box) for label, *box in objects) for name, objects in read.truth().items()
    }
    assert len(truth) == 12 and read.boxes() == truth


def test_regions_of_kitti_to_ignore_are_counted(read_case):
    read = read_case("19")
    assert read.reasons == {"ignored_region": 12} and "ignored_regions" in read.notices


def test_open_images_without_names_of_classes_says_so(read_case):
    read = read_case("16")
    assert read.claim("class_ids") == "No csv in the folder names 2 classes: /m/04yx4, /m/01bl7v"


def test_nothing_stops_the_training(read_case, judged):
    assert judged(read_case("27")).stopping == ()
