# environment: data
"""Cases in which a supported format is written in an unusual form, and the data show what is meant."""


def test_ids_as_text_in_a_coco_json(read_case):
    read = read_case("5a")
    assert read.is_right()
    assert read.converted.claims("ids_matched") == [
        "annotations.json: 34 annotations have an id in another form than the images: '1' was read as 1",
        "annotations.json: 34 annotations have an id in another form than the categories: '2' was read as 2",
    ]
