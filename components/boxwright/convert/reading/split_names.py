"""Which split a word, a folder or a file name stands for."""

import re
from functools import lru_cache
from pathlib import Path

_SPLITS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val"}
_SPLITS |= {"dev": "val", "test": "test", "testing": "test"}
# As in `train2017` and `training_set`.
_ENDING = re.compile(r"([ _-]?set)?\d*$")


# Characters. No longer word stands for a split, and the pattern takes quadratic time for thousands of digits.
_LONGEST_WORD = 40


@lru_cache(maxsize=1024)
def split_from_word(word: str) -> str | None:
    """The split that a word stands for: `train2017` and `training_set` are train."""
    return _SPLITS.get(_ENDING.sub("", word.lower())) if len(word) <= _LONGEST_WORD else None


def split_from_folders(filename: str) -> str | None:
    """The split that a folder of a relative file name stands for. The innermost such folder counts."""
    return next(filter(None, map(split_from_word, reversed(Path(filename).parts[:-1]))), None)


def split_from_stem(stem: str) -> str | None:
    """The split that a file's name stands for: `instances_val2017` is val."""
    return next(filter(None, map(split_from_word, re.split(r"[^a-z]+", stem.lower()))), None)
