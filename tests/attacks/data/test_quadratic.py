# environment: data
"""Reading and planning take time in proportion to the size of the data, whatever a stranger chose (attack 22).

Each input takes well under a second. Before, each took from ten seconds to hours.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from convert_sets import LABEL, VOC, coco_json

from boxwright.convert.formats import kitti, tfrecord
from boxwright.convert.formats.yolo import class_names, paths
from boxwright.convert.reading import files, merge_annotations, segmentations, split_names
from boxwright.convert.reading.locate_images import ImageLocator
from boxwright.convert.reading.source import Image, Object
from boxwright.convert.splits import stratify
from boxwright.core.runtime.errors import UserError

SECONDS = 5


@contextmanager
def in_time() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < SECONDS


def listing(names: list[str], root: Path = Path("/set")) -> files.Folder:
    """A folder of files that need not exist."""
    found = [root / name for name in names]
    return files.Folder(root, root, found, [f for f in found if files.is_image(f)], [])


def test_names_list(tmp_path):
    (tmp_path / "classes.txt").write_text("".join(f"class {number}\n" for number in range(90_000)))
    with in_time():
        assert len(class_names.in_lines(tmp_path / "classes.txt")) == 90_000


def test_numbers_of_names_that_collide(tmp_path):
    """Python's hash of a whole number is its remainder by 2**61 - 1."""
    names = {str(number * (2**61 - 1)): f"class {number}" for number in range(40_000)}
    with in_time(), pytest.raises(UserError, match="names is"):
        class_names.numbered(names, tmp_path / "data.yaml")


def test_categories_of_coco(made, read):
    categories = [{"id": number, "name": f"class {number}"} for number in range(40_000)]
    document = json.loads(coco_json("a.jpg")) | {"categories": categories}
    root = made(["a.jpg"], {"set.json": json.dumps(document)})
    with in_time():
        assert len(read(root).categories) == 40_000


def test_ids_of_coco_that_collide(made, read):
    numbers = [number * (2**61 - 1) for number in range(20_000)]
    document = json.loads(coco_json("a.jpg"))
    document["images"] = [{"id": number, "file_name": "a.jpg"} for number in numbers]
    root = made(["a.jpg"], {"set.json": json.dumps(document)})
    with in_time():
        assert len(read(root).images) == 1  # one file, listed 20,000 times


@pytest.mark.parametrize("text", ["o" * 400_000, "0" * 12 + "o" * 400_000 + "0"])
def test_run_length_encoding(text):
    with in_time(), pytest.raises(ValueError, match="no number of pixels"):
        segmentations.box_xyxy({"size": [48, 64], "counts": text})


def test_large_numbers_in_a_run_length_encoding():
    """A sum with thousands of digits would be kept for each run: gigabytes for a file of megabytes."""
    with in_time(), pytest.raises(ValueError, match="no number of pixels"):
        segmentations.box_xyxy({"size": [48, 64], "counts": [10**4000, *[1] * 300_000]})


def test_run_length_encodings_are_read_as_before():
    """The longest run that COCO's own code writes has 13 characters (64 bits)."""
    assert segmentations.box_xyxy({"size": [4, 4], "counts": "521"}) == (1.0, 1.0, 2.0, 3.0)
    assert len(segmentations._runs_from_text("o" * 12 + "0")) == 1


def test_listings_that_grow(tmp_path):
    """One image, listed 20,000 times in the second file, each time with another object."""

    def image(number: int) -> Image:
        return Image(tmp_path / "a.jpg", "a.jpg", (Object("cat", (number, 0, number + 1, 1)),))

    with in_time():
        images, _ = merge_annotations.merge_listings([[image(-1)], list(map(image, range(20_000)))], "csv")
    assert [len(one.objects) for one in images] == [20_001]


def test_listings_that_disagree(tmp_path):
    one, other = ([Image(tmp_path, "a.jpg", size=(side, n)) for n in range(1, 10_000)] for side in (1, 2))
    with in_time():
        assert len(merge_annotations.merge_listings([one, other], "csv")[0]) == 2 * 9_999


@pytest.mark.parametrize("entry", ["elsewhere/{}/a.jpg", "a.jpg"])
def test_images_of_one_name(entry):
    """Each of 10,000 folders has an image of this name, and no entry says which."""
    names = [(entry.format(number), Path("/set/set.json"), None) for number in range(10_000)]
    with in_time():
        locator = ImageLocator(listing([f"{number}/a.jpg" for number in range(10_000)]), names)
        assert {locator.find(*name[:2]).parts[1] for name in names} == {"set"}


@pytest.mark.parametrize(
    ("entry", "file"), [("x{}/A.jpeg", "{}/a.JPG"), ("x{}/" + "d/" * 30 + "A", "d/" * 30 + "{}/a.JPG")]
)
def test_spellings_of_one_name(entry, file):
    """Each of 10,000 folders has an image that fits each of 10,000 entries in another spelling."""
    names = [(entry.format(number), Path("/set/set.json"), None) for number in range(10_000)]
    with in_time():
        locator = ImageLocator(listing([file.format(number) for number in range(10_000)]), names)
        assert {locator.find(*name[:2]).parts[2][0] for name in names} == {"x"} and locator.notices() == []


def test_voc_files_of_one_name(tmp_path, read):
    """1,000 xml and 1,000 images of one name, in folders beside each other."""
    for number in range(1_000):
        for name, text in ((f"x{number}/a.xml", VOC), (f"y{number}/a.jpg", "")):
            (tmp_path / "set" / name).parent.mkdir(parents=True)
            (tmp_path / "set" / name).write_text(text)
    with in_time():
        assert len(read(tmp_path / "set").images) == 2_000


def test_records_of_one_name():
    taken: dict[str, int] = {}
    with in_time():
        names = [tfrecord._free_name("a.jpg", taken) for _ in range(50_000)]
    assert names[:2] == ["a.jpg", "a~2.jpg"] and len(set(names)) == 50_000


def test_words_of_digits():
    with in_time():
        assert split_names.split_from_word("1" * 200_000 + "x") is None
        assert split_names.split_from_folders("1" * 200_000 + "x/a.jpg") is None


def test_paths_of_many_folders(tmp_path, made):
    folder = files.list_folder(made(["images/a.jpg"], {}))
    with in_time():
        for start in ("/", "C:/", "../", ""):
            found = paths.locate_image(start + "a/" * 50_000 + "b.jpg", folder.root, folder)
            paths.path_inside(found.parent, folder.root)


def test_list_of_long_paths(made, read):
    lines = "".join(f"/{number}/{'a/' * 2_000}b.jpg\n" for number in range(100))
    root = made(["images/a.jpg"], {"classes.txt": "cat", "labels/a.txt": LABEL, "train.txt": lines})
    with in_time():
        assert len(read(root).images) == 101


@pytest.mark.parametrize("row", ["1" * 4090, "a" + " " * 4000, "a " + "1" * 4000 + "x", "a" + " 1" * 2000 + "x"])
def test_rows_of_kitti(row):
    with in_time():
        for pattern in (kitti._UP_TO_BOX, kitti._CUT_OFF):
            for _ in range(20):
                pattern.search(row)


def test_stratification_of_rare_classes():
    """Each of 20,000 images has a class of its own; then 100 images have 200 each."""
    alone = [frozenset([f"class {number}"]) for number in range(20_000)]
    many = [frozenset(f"class {row} {number}" for number in range(200)) for row in range(100)]
    with in_time():
        for classes in (alone, many):
            splits = stratify.stratified(classes, {"train": 0.7, "val": 0.15, "test": 0.15}, 0)
            assert set(splits) == {"train", "val", "test"}
