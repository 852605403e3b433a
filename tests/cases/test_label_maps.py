# environment: data
"""Label maps, and TFRecords that need one."""

import shutil

import parts
import pytest

MAP = 'item {{ id: 1 name: "{}" }} item {{ id: 2 name: "{}" }}'


def is_right(read) -> bool:
    stored = parts.in_records(read.converted)
    return stored == {number: parts.SORTED[number] for number in stored} and read.reasons == {}


def names(read) -> list[str]:
    return [item["name"] for item in read.converted.manifest["classes"]]


@pytest.mark.parametrize(("case", "images"), [("61", 12), ("63", 12), ("63b", 10), ("71", 12)])
def test_records_are_named_by_text_or_label_map(read_case, case, images):
    read = read_case(case)
    assert is_right(read)
    assert (len(parts.in_records(read.converted)), names(read)) == (images, ["bolt", "nut"])
    assert read.notices & {"text_and_number_differ", "label_maps_differ", "unused_category"} == set()


def test_records_without_names_and_formats_are_read(read_case):
    read = read_case("62")
    assert (read.stored, read.reasons, names(read)) == (10, {}, ["bolt", "nut"])


@pytest.mark.parametrize(
    ("case", "given"),
    [("63", "data/train/parts_label_map.pbtxt"), ("63c", "label_map.pbtxt"), ("71", "data/oid_label_map.pbtxt")],
)  # fmt: skip
def test_a_given_label_map_names_the_numbers(data, read_case, case, given):
    read = read_case(case, label_map=str(data(case).parent / given))
    assert is_right(read)
    assert names(read) == ["bolt", "nut"]


def test_numbers_without_any_label_map_are_refused(refusal):
    said = refusal("63c")
    assert "29 objects of the records have a number and no name (class/label 1, 2), and there is no label map" in said
    assert "--label-map" in said


def test_text_that_contradicts_the_number_is_said(read_case):
    read = read_case("61b")
    assert is_right(read)
    assert "'nut' has the number 1 of 'bolt', 'bolt' has the number 2 of 'nut'" in read.claim("text_and_number_differ")


def test_numbers_that_the_label_map_lacks_are_quarantined(read_case):
    read = read_case("66")
    assert read.reasons == {"unknown_class": 10}


def test_a_name_with_a_line_break_is_refused(refusal):
    assert "'nut' and 'nut\\n'" in refusal("65")


@pytest.mark.parametrize("letter", ["b", "g", "h", "m"])
def test_label_maps_with_two_names_name_the_class(data, read_case, letter):
    (given,) = (data("70").parent / "maps").glob(f"{letter}-*")
    read = read_case("70", label_map=str(given))
    assert read.is_right()
    assert names(read) == ["bolt", "nut"]


@pytest.mark.parametrize(
    ("letter", "says"),
    [
        *(("a", "ids of 2 classes go from 0 to 1"), ("c", "line 3"), ("d", "line 3")),
        *(("e", "line 1"), ("f", "from 1 to 5"), ("n", "line 8")),
    ],
)  # fmt: skip
def test_wrong_label_maps_are_refused(data, refusal, letter, says):
    (given,) = (data("70").parent / "maps").glob(f"{letter}-*")
    assert says in refusal("70", label_map=str(given))


@pytest.fixture
def with_maps(data, tmp_path):
    """A copy of a case with these label maps instead of its own."""

    def with_maps(case: str, maps: dict[str, str]):
        root = shutil.copytree(data(case), tmp_path / "set")
        for file in [*root.rglob("*.pbtxt")]:
            file.unlink()
        for name, text in maps.items():
            (root / name).write_text(text)
        return root

    return with_maps


def test_label_maps_that_disagree_are_refused(with_maps, read_case, refusal):
    root = with_maps("63", {"train/a.pbtxt": MAP.format("bolt", "nut"), "test/b.pbtxt": MAP.format("nut", "bolt")})
    said = refusal(root)
    assert "class 1 is 'nut' in test/b.pbtxt, and 'bolt' in train/a.pbtxt" in said
    assert is_right(read_case(root, label_map=str(root / "train/a.pbtxt")))


def test_maps_that_disagree_are_said_if_all_objects_have_a_text(with_maps, read_case):
    root = with_maps("61", {"a.pbtxt": MAP.format("bolt", "nut"), "b.pbtxt": MAP.format("nut", "bolt")})
    read = read_case(root)
    assert is_right(read)
    assert "class 1 is 'bolt' in a.pbtxt, and 'nut' in b.pbtxt" in read.claim("label_maps_differ")


def test_a_label_map_that_has_more_classes_is_joined(with_maps, read_case):
    root = with_maps("63", {"train/a.pbtxt": MAP.format("bolt", "nut"), "b.pbtxt": 'item { id: 1 name: "bolt" }'})
    assert is_right(read_case(root))


def test_a_given_map_with_other_numbers_is_refused(with_maps, refusal, tmp_path):
    root = with_maps("63", {"a.pbtxt": MAP.format("bolt", "nut")})
    (tmp_path / "given.pbtxt").write_text(MAP.format("nut", "bolt"))
    assert "class 1 is 'nut' in --label-map, and 'bolt' in a.pbtxt" in refusal(
        root, label_map=str(tmp_path / "given.pbtxt")
    )


def test_a_label_map_with_other_ids_is_named(with_maps, refusal):
    root = with_maps("63", {"label_map.txt": 'item { id: 7 name: "bolt" }'})
    assert "(class/label 1, 2), and the label map has the ids 7" in refusal(root)
