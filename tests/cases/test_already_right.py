# environment: data
"""Cases that were read rightly from the first version on: they must stay right."""

import pytest


@pytest.mark.parametrize("case", ["53", "59", "92", "93", "96"])
def test_every_object_is_where_it_was_drawn(read_case, case):
    assert read_case(case).is_right()


def test_split_folders_of_roboflow_are_kept(read_case):
    read = read_case("53")
    assert read.converted.manifest["split_by"].startswith("given")
    assert {split: len(read.split_of(split)) for split in ("train", "val", "test")} == {"train": 8, "val": 2, "test": 2}


def test_leftovers_of_macos_and_windows_are_ignored(read_case):
    assert read_case("59").reasons == {}


@pytest.mark.parametrize("case", ["54", "55d"])
def test_odd_pixels_are_stored_as_8_bit_rgb(read_case, case):
    read = read_case(case)
    assert read.reasons == {}
    assert sum(split["images"] for split in read.converted.manifest["splits"].values()) == 12


def test_odd_file_names_are_kept(read_case):
    read = read_case("91")
    assert (read.stored, read.reasons) == (34, {})


def test_clean_data_stop_nothing(read_case, judged):
    assert judged(read_case("53")).stopping == ()
