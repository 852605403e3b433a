# environment: data
"""Images that are in the folder under another name than in the annotations are found, with one notice."""

import pytest

# Case, and the first pair of the notice.
CASES = {
    "02": "part_000 -> images/part_000.jpg",
    "02b": "part_000.jpg -> images/part_000.JPG",
    "02c": r"C:\Users\someone\Desktop\train\images\part_000.jpg -> images/part_000.jpg",
    "03b": r"images\1/a1b2c300-photo_0.jpg -> images/a1b2c300-photo_0.jpg",
    "03c": "/data/local-files/?d=photos/a1b2c300-photo_0.jpg -> images/a1b2c300-photo_0.jpg",
    "03d": "https://example.com/data/upload/1/a1b2c300-photo_0.jpg -> images/a1b2c300-photo_0.jpg",
    "03e": "/home/someone/photos/a1b2c300-photo_0.jpg -> images/a1b2c300-photo_0.jpg",
    "03f": r"C:\Users\someone\Desktop\parts\images\p0.jpg -> images/p0.jpg",
    "03g": "raw/p0.jpg -> images/p0.jpg",
    "32": "part_000.jpg.txt -> part_000.jpg",
    "51": "schl\u00fcssel_gr\u00f6\u00dfe_\u00e90.jpg -> images/schlu\u0308ssel_gro\u0308\u00dfe_e\u03010.jpg",
    "51b": "labels/schl\u00fcssel_gr\u00f6\u00dfe_\u00e90.txt -> images/schlu\u0308ssel_gro\u0308\u00dfe_e\u03010.jpg",
    "51c": "xml/schl\u00fcssel_gr\u00f6\u00dfe_\u00e90.xml -> images/schlu\u0308ssel_gro\u0308\u00dfe_e\u03010.jpg",
    "52": "my%20photo%20%280%29.jpg -> images/my photo (0).jpg",
    "58": "labels/a1b2c300-my_photo_0.txt -> images/my photo 0.jpg",
}


@pytest.mark.parametrize("case", CASES)
def test_all_images_are_found(read_case, case):
    read = read_case(case)
    assert read.is_right() and read.reasons == {}
    assert read.converted.notices["other_spelling"] == 12
    assert CASES[case] in read.claim("other_spelling") and ", ..." in read.claim("other_spelling")


def test_every_second_image_has_another_suffix(read_case):
    read = read_case("02d")
    assert read.is_right() and read.reasons == {}
    assert read.converted.notices["other_spelling"] == 6
    assert "part_001.jpg -> images/part_001.jpeg" in read.claim("other_spelling")


def test_clean_places_need_no_notice(read_case):
    """LVIS names each image by its address; darknet reads the labels of `JPEGImages` from `labels`."""
    for case in ("97", "86"):
        read = read_case(case)
        assert read.is_right() and read.reasons == {} and "other_spelling" not in read.notices


def test_darknet_lists_give_the_splits(read_case):
    read = read_case("86")
    assert (len(read.split_of("train")), read.split_of("val")) == (9, [f"JPEGImages/p{n}.jpg" for n in (10, 11, 9)])
