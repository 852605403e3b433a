"""Notices about names of splits: which uncommon names were taken, and which names that look like splits were not."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from boxwright.convert import notices
from boxwright.convert.reading.files import Folder, relative_name
from boxwright.convert.reading.source import Image, Reject
from boxwright.convert.reading.split_names import is_certain, split_from_stem
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import few

# The beginnings of words for a split in other languages, and words of tools. Such names are only mentioned, not taken: they may
# name anything else. A folder is mentioned only if one beside it means another split.
_LIKE = {
    "train": (
        *(
            "entren",
            "entrain",
            "apprenti",
            "addestr",
            "allenam",
            "treina",
            "treino",
            "antrenam",
            "egitim",
            "uczen",
            "trening",
        ),
        *("latih", "обуч", "трен", "训练", "訓練", "学習", "훈련", "학습", "learn"),
    ),
    "val": (
        *(
            "valida",
            "validi",
            "validierung",
            "konvalid",
            "convalid",
            "walid",
            "dogrula",
            "валид",
            "провер",
            "验证",
            "驗證",
        ),
        *("検証", "검증", "tuning"),
    ),
    "test": (
        *(
            "prueba",
            "teste",
            "testow",
            "testy",
            "essai",
            "prufung",
            "pruefung",
            "prova",
            "pengujian",
            "тест",
            "测试",
            "測試",
        ),
        *("テスト", "評価", "시험", "테스트", "unseen", "benchmark", "blind"),
    ),
}
_LISTS = (".txt", ".csv", ".json", ".xml", ".record", ".tfrecord", ".records")
_LETTERS = re.compile(r"[\W\d_]+")
_FOLDER = re.compile(r"[^/]+")
# Names that a notice shows one by one, characters of a name, and folders of a path that are looked at.
_NAMED, _LONGEST, _MOST_FOLDERS = 5, 200, 32
# Lists of images that a data set has at most; more files are the labels of single images.
_MOST_LISTS = 100


def build(folder: Folder, annotations: Sequence[Path], images: Sequence[Image]) -> list[Finding]:
    """annotations: the files that were read. images: all of the data set."""
    found = _taken(folder, annotations, images)
    without = [image for image in images if image.split is None and image.fault is None and image.objects]
    names = [*_unknown_folders(folder, without), *_unknown_lists(folder)] if without else []
    return [*found, _unknown_notice(names, len(without), len(images))] if names else found


def missing(rejects: Iterable[Reject], images: Iterable[Image]) -> list[Finding]:
    """A notice for each split with images that have no file: without them, a test split can vanish."""
    lost: dict[str, list[str]] = defaultdict(list)
    for reject in rejects:
        if reject.reason == "missing" and reject.object is None and reject.split:
            lost[reject.split].append(reject.file)
    totals = Counter(image.split for image in images) if lost else Counter()
    return [
        notices.build(
            "missing_images", "Images that lists or annotations name are missing",
            f"{len(names)} of {plurals.count(totals[split], 'image')} of {split} are not there (first: "
            f"{few(names, _NAMED)})",
            count=len(names), of=totals[split], severity="medium", subject=split, items=tuple(names),
            remedy=f"Copy the images into the data, or correct the list or the annotations of {split}.",
        )
        for split, names in sorted(lost.items())
    ]  # fmt: skip


def _taken(folder: Folder, annotations: Sequence[Path], images: Sequence[Image]) -> list[Finding]:
    """A notice about folders and files whose names may also mean something else, if images have their split."""
    taken = folder.splits.uncommon()
    for file in annotations if len(annotations) < _MOST_LISTS else ():
        if not is_certain(file.stem) and (split := folder.split_of_list(file)) == split_from_stem(file.stem) and split:
            taken[relative_name(file, folder.root)] = split
    have = Counter(image.split for image in images if image.fault is None) if taken else Counter()
    texts = [f"{name[:_LONGEST]} as {split}" for name, split in sorted(taken.items()) if have[split]]
    if not texts:
        return []
    return [
        notices.build(
            "split_names", "Splits were recognised by uncommon names", f"taken as splits: {few(texts, _NAMED)}",
            count=len(texts), of=len(texts), what="folders and lists", cause="split", items=tuple(texts),
            remedy="If one of them is meant otherwise, rename it to train, val or test, or move it out of the data.",
        )
    ]  # fmt: skip


def _unknown_folders(folder: Folder, images: Iterable[Image]) -> list[str]:
    """The folders of images without a split that look like one, or that lie beside one, with what they may mean."""
    places = {image.filename.rpartition("/")[0] for image in images}
    inside = {place[:end] for place in places for end in _ends(place)}
    above = {path.rpartition("/")[0] for path in inside}
    found = {
        f"{each}/{name}" if each else name: meaning
        for each in above
        for name, meaning in folder.splits.beside_splits(each, looks_like).items()
    }
    return [_with_meaning(path, meaning) for path, meaning in sorted(found.items()) if path in inside]


def _ends(path: str) -> list[int]:
    """Where the folders in a path end. Only the first few are looked at: a stranger's path may have thousands."""
    return [found.end() for found in islice(_FOLDER.finditer(path), _MOST_FOLDERS)]


def _unknown_lists(folder: Folder) -> list[str]:
    """The names of lists that look like splits, if they mean different ones. Files of single images are not looked at."""
    lists = [file for file in folder.other_files if file.suffix.lower() in _LISTS]
    if len(lists) > _MOST_LISTS:
        return []
    unknown = [file for file in lists if split_from_stem(file.stem) is None]
    meant = {file: meaning for file in unknown if (meaning := looks_like(file.stem))}
    others = {split_from_stem(file.stem) for file in lists} - {None}
    if len({*meant.values(), *others}) < 2:
        return []
    return [_with_meaning(relative_name(file, folder.root), meaning) for file, meaning in meant.items()]


def looks_like(name: str) -> str | None:
    """The split that a word in a name may mean in another language: `entrenamiento` is train."""
    words = _LETTERS.split(_plain(name[:_LONGEST]))
    return next((split for split, starts in _PLAIN.items() if any(word.startswith(starts) for word in words)), None)


def _plain(text: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


_PLAIN = {split: tuple(map(_plain, starts)) for split, starts in _LIKE.items()}


def _with_meaning(path: str, meaning: str | None) -> str:
    return f"{path[:_LONGEST]} ({meaning}?)" if meaning else path[:_LONGEST]


def _unknown_notice(names: list[str], count: int, total: int) -> Finding:
    verb = "looks like a split or lies beside one" if len(names) == 1 else "look like splits or lie beside one"
    return notices.build(
        "unknown_splits", "Folders or lists that look like splits were not taken as splits",
        f"{few(names, _NAMED)} {verb}, but convert does not know the name: {plurals.count(count, 'image')} with objects "
        f"{'has' if count == 1 else 'have'} no split of {'its' if count == 1 else 'their'} own",
        count=count, of=total, severity="medium", cause="split", items=tuple(names),
        remedy="To have them taken, rename them to train, val and test. If they are no splits, nothing is wrong.",
    )  # fmt: skip
