# environment: data
"""Which folders and files stand for a split."""

import pytest

from boxwright.convert.reading.split_names import split_from_stem, split_from_word
from boxwright.convert.splits.folder_splits import FolderSplits
from boxwright.convert.splits.split_notices import looks_like

WORDS = {
    "train": (
        "train",
        "Training",
        "train2017",
        "training_set",
        "trainImages",
        "train_images",
        "images_train",
        "trn",
        "TRAIN-1",
    ),
    "val": (
        "val",
        "valid",
        "validate",
        "Validation",
        "validation_set",
        "eval",
        "evaluation",
        "dev",
        "valid_labels",
        "minival",
    ),
    "test": ("test", "testing", "testset", "test_data", "tst", "holdout", "hold-out", "held_out"),
    None: (
        "device",
        "retrained",
        "latest",
        "invalid",
        "test_station",
        "contest",
        "trains",
        "images",
        "set",
        "tr",
        "protest",
        "",
    ),
}


@pytest.mark.parametrize(("split", "words"), WORDS.items())
def test_words_of_splits(split, words):
    assert {word: split_from_word(word) for word in words} == dict.fromkeys(words, split)


def test_file_names_of_splits():
    names = {
        "instances_val2017": "val", "trainLabels": "train", "eval_labels": "val", "dev_train": "train", "device_labels": None,
        "image_info_test-dev2017": "test", "_annotations.coco": None, "coco_holdout": "test", "retrained": None,
    }  # fmt: skip
    assert {name: split_from_stem(name) for name in names} == names


@pytest.mark.parametrize(
    ("folders", "splits"),
    [
        # A class that is named `test`, and one that is named `evaluation`.
        (("train/bolt", "train/test", "test/bolt"), ("train", "train", "test")),
        (("train", "train/evaluation", "val"), ("train", "train", "val")),
        # Splits in a folder that is named like one.
        (("test/train", "test/val"), ("train", "val")),
        (("train/images", "train/valid"), ("train", "val")),
        # Names that mean a split only beside others.
        (("WIDER_train/images", "WIDER_val/images"), ("train", "val")),
        (("VOC_trainval", "VOC_test"), ("train", "test")),
        (("tr", "te"), ("train", "test")),
        (("tr", "en"), (None, None)),
        (("express_train", "freight_train"), (None, None)),
        (("crash_test", "drive_test"), (None, None)),
    ],
)
def test_folders_beside_one_decide(folders, splits):
    found = FolderSplits(folders, set(folders))
    assert tuple(found.of(f"{folder}/a.jpg") for folder in folders) == splits


def test_folders_of_a_stranger_are_read_in_linear_time():
    folders = [f"test/train{n}/nut" for n in range(20_000)] + [f"test/x{n}" for n in range(20_000)]
    found = FolderSplits(folders, set(folders))
    assert {found.of_folder(folder) for folder in folders} == {"test"}


@pytest.mark.parametrize("word", ["Allen_key", "tester", "blinds", "fittings", "evaluated", "bolt", "cam1", "verified"])
def test_words_that_look_like_no_split_in_any_language(word):
    assert looks_like(word) in (None, "test" if word in ("tester", "blinds") else None)
