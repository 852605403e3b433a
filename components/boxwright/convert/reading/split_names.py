"""Which split a word, a folder or a file name stands for."""

import re
from functools import lru_cache
from pathlib import Path

_CERTAIN = {"train": "train", "training": "train", "minitrain": "train"}
_CERTAIN |= {"val": "val", "valid": "val", "validate": "val", "validation": "val", "minival": "val"}
_CERTAIN |= {"test": "test", "testing": "test"}
# Words that also mean other things, and short forms. The OD API calls its val split `eval`. A hold-out set is kept aside for the
# last evaluation.
_LIKELY = {
    "trn": "train",
    "vld": "val",
    "tst": "test",
    "holdout": "test",
    "heldout": "test",
    "dev": "val",
    "devel": "val",
    "eval": "val",
    "evaluate": "val",
    "evaluation": "val",
}
_SPLITS = _CERTAIN | _LIKELY
# As in `train2017` and `training_set`.
_ENDING = re.compile(r"([ _-]?set)?\d*$")
# Words that stand beside the split in a name: `train_images`, `data-val`, `test_xmls`.
_COMPANIONS = frozenset({
    *("annotation", "annotations", "annots", "data", "dataset", "files", "frames", "image", "images", "img", "imgs", "jpeg"),
    *("jpegimages", "jpg", "jpgs", "json", "label", "labels", "list", "photos", "pics", "pictures", "png", "record", "records"),
    *("samples", "set", "split", "subset", "tfrecord", "tfrecords", "txt", "xml", "xmls"),
})  # fmt: skip
_GLUED = re.compile(rf"({'|'.join(_CERTAIN)})({'|'.join(_COMPANIONS)})$")
_WORDS = re.compile(r"[^a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HOLD_OUT = re.compile(r"(?<![a-z])(hold|held)[ _-]out")

# Characters. No longer word stands for a split, and the pattern takes quadratic time for thousands of digits.
_LONGEST_WORD = 40


@lru_cache(maxsize=1024)
def split_from_word(word: str) -> str | None:
    """The split that the name of a folder or a list stands for: `train2017`, `training_set` and `trainImages` are train.

    Every other word in the name must be one that stands beside a split: `test_station` is none.
    """
    if len(word) > _LONGEST_WORD:
        return None
    if split := _SPLITS.get(_ENDING.sub("", word.lower())):
        return split
    words = [each for each in words_of(word) if not is_companion(each)]
    return _SPLITS.get(words[0]) if len(words) == 1 else None


def is_companion(word: str) -> bool:
    """Whether a word says what a folder holds, such as `images` and `labels`, and not which."""
    return word.lower() in _COMPANIONS


def is_certain(word: str) -> bool:
    """Whether the name of a folder or a list holds a word that stands for nothing but a split."""
    return not _LIKELY.keys() & set(words_of(word))


def words_of(name: str) -> list[str]:
    """The words in a name, in lower case: `TrainImages-2017` has `train` and `images`, `testlabels` has `test` and `labels`."""
    spaced = _HOLD_OUT.sub(r"\1out", _CAMEL.sub(" ", name).lower())
    words = (_ENDING.sub("", word) or word for word in _WORDS.split(spaced) if word)
    return [part for word in words for part in _parts(word)]


def _parts(word: str) -> tuple[str, ...]:
    found = _GLUED.match(word)
    return (found[1], found[2]) if found else (word,)


def split_from_folders(filename: str) -> str | None:
    """The split that a folder of a relative file name stands for. The innermost such folder counts."""
    return next(filter(None, map(split_from_word, reversed(Path(filename).parts[:-1]))), None)


def split_from_stem(stem: str) -> str | None:
    """The split that a file's name stands for: `instances_val2017` is val. `dev_train` is train: a certain word comes first."""
    words = words_of(stem)
    return next((split for known in (_CERTAIN, _LIKELY) for word in words if (split := known.get(word))), None)
