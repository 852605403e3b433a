# environment: data
"""Splits under the names that tools and people give them."""

import shutil

import parts
import pytest


def counts(read) -> dict[str, int]:
    return {split: len(read.split_of(split)) for split in ("train", "val", "test")}


@pytest.mark.parametrize("case", ["87", "87b", "87c"])
def test_eval_is_val(read_case, case):
    read = read_case(case)
    assert parts.in_records(read.converted) == parts.SORTED
    assert counts(read) == {"train": 8, "val": 4, "test": 0}
    assert read.converted.manifest["split_by"] == "given"
    assert " as val" in read.claim("split_names")


def test_trn_is_train_and_holdout_is_test(read_case):
    read = read_case("87d")
    assert read.is_right()
    assert sorted(map(len, (read.split_of("train"), read.split_of("val")))) == [1, 7]
    assert read.split_of("test") == [f"holdout/p{n}.jpg" for n in (10, 11, 8, 9)]
    assert read.claim("split_names") == "taken as splits: Trn as train, holdout as test"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("entrenamiento", "prueba"), "entrenamiento (train?), prueba (test?) look like splits"),
        (("训练", "测试"), "测试 (test?), 训练 (train?) look like splits"),
        (("train", "prueba"), "prueba (test?) looks like a split or lies beside one"),
    ],
)
def test_folders_in_other_languages_are_said(data, read_case, tmp_path, names, said):
    root = shutil.copytree(data("87d"), tmp_path / "set")
    for old, new in zip(("Trn", "holdout"), names, strict=True):
        (root / old).rename(root / new)
    read = read_case(root)
    assert read.claim("unknown_splits").startswith(said)
    assert read.converted.manifest["split_by"].startswith("seed 0")


def test_lists_of_voc_are_known_by_all_names(data, read_case, tmp_path):
    """`valid.txt` and `holdout.txt` in ImageSets/Main."""
    root = flat(data("87d"), tmp_path / "set")
    main = root / "ImageSets" / "Main"
    main.mkdir(parents=True)
    for name, numbers in (("training", range(6)), ("valid", range(6, 9)), ("holdout", range(9, 12))):
        (main / f"{name}.txt").write_text("".join(f"p{n}\n" for n in numbers))
    read = read_case(root)
    assert read.is_right()
    assert counts(read) == {"train": 6, "val": 3, "test": 3}


def test_lists_beside_the_xml_files_are_taken(data, read_case, tmp_path):
    """PaddleDetection names the image and its xml in each line. An image in no list goes to train, and this is said."""
    root = flat(data("87d"), tmp_path / "set")
    for name, numbers in (("train", range(7)), ("eval", range(8, 12))):
        (root / f"{name}.txt").write_text("".join(f"p{n}.jpg Annotations/p{n}.xml\n" for n in numbers))
    read = read_case(root)
    assert read.is_right()
    assert counts(read) == {"train": 8, "val": 4, "test": 0}
    assert {"lists_beside", "outside_splits"} <= read.notices


def flat(source, root):
    """The files of all folders of a set in one folder."""
    for file in sorted(source.glob("*/*")):
        (root / ("Annotations" if file.suffix == ".xml" else "JPEGImages")).mkdir(parents=True, exist_ok=True)
        shutil.copy(file, root / ("Annotations" if file.suffix == ".xml" else "JPEGImages") / file.name)
    return root
