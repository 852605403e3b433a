# environment: data
"""Plants mistakes of whole data sets into small clean ones: lost files, foreign splits, second annotations, other spellings."""

import unicodedata
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import misread_boxes
import misread_files
import numpy as np
from misread_boxes import RIGHT, Picture
from PIL import Image

IMAGES = 20


class Outcome(NamedTuple):
    """refused: the sentence, or empty. boxes: the stored objects by file. splits: the files of each. told: ids of findings and
    notices above info. stopping: ids of the findings for which the pipeline stops."""

    refused: str
    boxes: dict[str, list[tuple]]
    splits: dict[str, list[str]]
    told: frozenset[str]
    stopping: frozenset[str]

    def has_all(self, pictures: list[Picture]) -> bool:
        """Whether every object of every picture is stored, where it was drawn."""
        return sorted(self.boxes.values()) == sorted(sorted(map(tuple, each.objects)) for each in pictures)


class Mistake(NamedTuple):
    """plant: makes the set in a folder from a seed, and gives its true pictures. recognised: judges what was made of it."""

    plant: Callable[[Path, int], list[Picture]]
    recognised: Callable[[Outcome, list[Picture]], bool]
    flags: dict[str, str] | None = None


def clean(folder: Path, seed: int, format: str) -> list[Picture]:
    """A set without a mistake. The pictures do not resemble each other."""
    pictures = misread_boxes.draw(seed, IMAGES)
    misread_files.write(folder, pictures, RIGHT[format])
    random = np.random.default_rng(seed)
    for each in pictures:
        cells = Image.fromarray(random.integers(0, 256, (9, 12, 3), np.uint8))
        cells.resize((each.width, each.height), Image.Resampling.NEAREST).save(folder / each.name)
    return pictures


def _ids_from_one(folder: Path, seed: int) -> list[Picture]:
    pictures = clean(folder, seed, "yolo")
    for label in _labels(folder, pictures, ".txt"):
        rows = [row.split(" ", 1) for row in label.read_text().splitlines()]
        label.write_text("\n".join(f"{int(number) + 1} {rest}" for number, rest in rows))
    return pictures


def _damaged(folder: Path, seed: int) -> list[Picture]:
    """Three of ten pictures are cut in the middle."""
    pictures = clean(folder, seed, "coco")
    for each in _some(pictures, seed, 0.3):
        data = (folder / each.name).read_bytes()
        (folder / each.name).write_bytes(data[: len(data) // 2])
    return pictures


def _lost(folder: Path, seed: int) -> list[Picture]:
    pictures = clean(folder, seed, "csv")
    for each in _some(pictures, seed, 0.3):
        (folder / each.name).unlink()
    return pictures


def _unlabelled(folder: Path, seed: int, format: str) -> list[Picture]:
    """A quarter of the pictures has no label file."""
    pictures = clean(folder, seed, format)
    for label in _labels(folder, _some(pictures, seed, 0.25), {"yolo": ".txt", "voc": ".xml"}[format]):
        label.unlink()
    return pictures


def _foreign_splits(folder: Path, seed: int, format: str, names: tuple[str, str]) -> list[Picture]:
    """The first 14 pictures are in one folder, the others in another."""
    pictures = clean(folder / "all", seed, format)
    for number, each in enumerate(pictures):
        place = folder / names[number >= 14]
        place.mkdir(exist_ok=True)
        for file in (folder / "all").glob(f"{Path(each.name).stem}.*"):
            file.rename(place / file.name)
    for rest in list((folder / "all").iterdir()):
        rest.rename(folder / rest.name)
    (folder / "all").rmdir()
    return pictures


def _second_xml(folder: Path, seed: int) -> list[Picture]:
    """Every other object of a picture is in a second xml file."""
    pictures = clean(folder, seed, "voc")
    halves = [[each._replace(objects=each.objects[start::2]) for each in pictures] for start in (0, 1)]
    for name, half in zip(("first", "second"), halves, strict=True):
        (folder / name).mkdir()
        misread_files.WRITERS["voc"](folder / name, [each for each in half if each.objects], RIGHT["voc"])
    for label in _labels(folder, pictures, ".xml"):
        label.unlink()
    return pictures


def _second_list(folder: Path, seed: int, format: str, file: str) -> list[Picture]:
    """Every other object of a picture is in a second csv or json file."""
    pictures = clean(folder, seed, format)
    for number, start in enumerate((0, 1)):
        half = [each._replace(objects=each.objects[start::2]) for each in pictures]
        misread_files.WRITERS[format](folder, [each for each in half if each.objects], RIGHT[format])
        (folder / file).rename(folder / f"{number}_{file}")
    return pictures


def _resized(folder: Path, seed: int, format: str) -> list[Picture]:
    """Pictures at half the size at which they were labelled."""
    pictures = clean(folder, seed, format)
    for each in pictures:
        with Image.open(folder / each.name) as image:
            image.resize((each.width // 2, each.height // 2)).save(folder / each.name)
    return pictures


def _spelled(folder: Path, seed: int, change: Callable[[str], str]) -> list[Picture]:
    """The csv has other names than the files."""
    pictures = clean(folder, seed, "csv")
    renamed = {each.name: f"größe é {each.name}" for each in pictures}
    for old, new in renamed.items():
        (folder / old).rename(folder / new)
    changed = [each._replace(name=change(renamed[each.name])) for each in pictures]
    misread_files.WRITERS["csv"](folder, changed, RIGHT["csv"])
    return pictures


def _labels(folder: Path, pictures: list[Picture], suffix: str) -> list[Path]:
    return [(folder / each.name).with_suffix(suffix) for each in pictures]


def _some(pictures: list[Picture], seed: int, share: float) -> list[Picture]:
    chosen = np.random.default_rng(seed).permutation(len(pictures))[: round(share * len(pictures))]
    return [pictures[number] for number in chosen]


def _all_stored(outcome: Outcome, pictures: list[Picture]) -> bool:
    return outcome.has_all(pictures)


def _stops(outcome: Outcome, _: list[Picture]) -> bool:
    return bool(outcome.stopping)


def _says(word: str) -> Callable[[Outcome, list[Picture]], bool]:
    return lambda outcome, _: word in outcome.refused


def _tells(code: str) -> Callable[[Outcome, list[Picture]], bool]:
    return lambda outcome, _: code in outcome.told


def _split_14_and_6(split: str) -> Callable[[Outcome, list[Picture]], bool]:
    return lambda outcome, _: len(outcome.splits["train"]) >= 11 and len(outcome.splits[split]) == 6


def _halved(outcome: Outcome, pictures: list[Picture]) -> bool:
    """Whether the boxes were scaled to the present sizes, and that was told."""
    return "boxes_scaled" in outcome.told and sum(map(len, outcome.boxes.values())) == sum(
        len(each.objects) for each in pictures
    )


MISTAKES = {
    "YOLO ids from 1": Mistake(_ids_from_one, _says("from 1")),
    "a third of the pictures damaged": Mistake(_damaged, _stops),
    "a third of the pictures lost": Mistake(_lost, _says("are missing")),
    "a third of the pictures lost, quarantined": Mistake(_lost, _stops, {"missing": "quarantine"}),
    "YOLO pictures without labels": Mistake(partial(_unlabelled, format="yolo"), _tells("no_label_file")),
    "VOC pictures without labels": Mistake(partial(_unlabelled, format="voc"), _tells("quarantine")),
    "folders train and evaluation": Mistake(
        partial(_foreign_splits, format="yolo", names=("train", "evaluation")), _split_14_and_6("val")
    ),
    "folders trn and holdout": Mistake(
        partial(_foreign_splits, format="voc", names=("trn", "holdout")), _split_14_and_6("test")
    ),
    "a second xml for each picture": Mistake(_second_xml, _all_stored),
    "a second csv": Mistake(partial(_second_list, format="csv", file="labels.csv"), _all_stored),
    "a second json": Mistake(partial(_second_list, format="coco", file="annotations.json"), _all_stored),
    "pictures halved, sizes claimed": Mistake(partial(_resized, format="coco"), _halved),
    "pictures halved, no sizes": Mistake(partial(_resized, format="voc"), _says("--boxes-for")),
    "names with another suffix": Mistake(
        partial(_spelled, change=lambda name: name.replace(".png", ".JPG")), _all_stored
    ),
    "names without suffix": Mistake(partial(_spelled, change=lambda name: name.removesuffix(".png")), _all_stored),
    "names with a Windows path": Mistake(partial(_spelled, change=lambda name: rf"C:\Users\me\{name}"), _all_stored),
    "names decomposed": Mistake(partial(_spelled, change=lambda name: unicodedata.normalize("NFD", name)), _all_stored),
    "names quoted as in URLs": Mistake(
        partial(_spelled, change=lambda name: f"https://host.example/d/{quote(name)}"), _all_stored
    ),
}
