# environment: data
"""Pictures of an iPhone, which cannot be decoded here: the user learns that they are HEIC, and how to convert them."""

import shutil

import pytest

WHAT = (
    "HEIC, the format of iPhones: convert it to JPEG (heif-convert IMG.HEIC IMG.jpg, or on a Mac: sips -s format jpeg"
)


@pytest.mark.parametrize("case", ["50", "55c"])
def test_a_set_of_heic_is_refused(refusal, case):
    said = refusal(case)
    assert f"12 undecodable (first: {'images/part_000.HEIC' if case == '50' else 'IMG_4000.HEIC'}: " in said
    assert WHAT in said
    assert said.endswith("the annotations can stay as they are")


@pytest.mark.parametrize(("case", "suffix"), [("55", "HEIC"), ("55b", "jpg")])
def test_heic_among_others_is_quarantined(read_case, case, suffix):
    """The beginning of a file decides, whatever it is called."""
    read = read_case(case)
    assert read.reasons == {"undecodable": 4, "image_rejected": 12}
    lost = [line for line in read.converted.quarantine if line["object"] is None]
    assert {line["value"].startswith(WHAT) for line in lost} == {True}
    assert (
        read.claim("images_of_another_kind")
        == f"4 images (first images/IMG_4008.{suffix}): HEIC, the format of iPhones"
    )


def test_jpeg_beside_its_heic_is_taken(data, read_case, tmp_path):
    """iPhones and converters leave both. The annotation of the name belongs to the readable one."""
    folder = shutil.copytree(data("53"), tmp_path / "both")
    for picture in folder.rglob("*.jpg"):
        shutil.copy(data("50") / "images/part_000.HEIC", picture.with_suffix(".HEIC"))
    assert read_case(folder).is_right()
