"""Runs the step: see config.py."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from boxwright.core import coco_eval
from boxwright.core.artifacts import coco, diagnosis, examination
from boxwright.core.artifacts.examination import Comparison, Examination
from boxwright.core.records import tfrecords
from boxwright.core.records.tfrecords import Record
from boxwright.core.runtime import atomic_dirs, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.evaluate import label_files
from boxwright.examine import comparison, examination_page, findings, measure, misses, opened, program, trial, words
from boxwright.examine.config import FED, Config
from boxwright.examine.measure import Measured
from boxwright.examine.misses import Context
from boxwright.examine.program import Fed
from boxwright.examine.reading import class_names
from boxwright.examine.reading.reading import Feeding, Reading
from boxwright.examine.running.detections_json import JsonSource
from boxwright.examine.running.raw import Detector
from boxwright.examine.trial import Source, Trial, Tried

_SIDE = 300  # of the zoo's detectors, for detections from a file
_SCALINGS = {"-1..1": "symmetric", "0..1": "unit", "0..255": "pixels"}


class Held(NamedTuple):
    """The held-out images by split, and the names of the classes."""

    splits: dict[str, list[Record]]
    classes: list[str]

    @property
    def every(self) -> list[Record]:
        return [record for records in self.splits.values() for record in records]


class Tries(NamedTuple):
    """reading: the best. images: of the trial."""

    first: Reading
    reading: Reading
    before: float
    after: float
    corrections: list[Tried]
    lost: list[Tried]
    images: int
    trial: Trial


def run(config: Config) -> Result:
    """Examines the detector and writes the outputs.

    Raises UserError if the detector is missing, damaged or of another kind, if no class is the same, or if val and test have no
    object.
    """
    held = read_held(config)
    first, *others = (Path(one.strip()) for one in config.detector.split(",") if one.strip())
    if len(others) > 1:
        raise UserError(f"--detector {config.detector}: expected one detector, or two with a comma between them")
    files = [record.filename for record in held.every]
    source = opened.open_detector(first, files, len(held.classes), config.image_ids)
    labels = label_files.names_of(first, config.labels, source.detector.labels)
    tried = try_ways(config, source, labels, held)
    second, theirs = beside(config, others, source, tried, held)
    measured = {split: measure.run(source, tried.reading, rows, held.classes) for split, rows in held.splits.items()}
    whole, objects, alarms = examined(config, source, labels, held, tried, measured, second, theirs)
    write(config, whole, measured, objects, alarms)
    return result(whole)


def beside(
    config: Config, others: Sequence[Path], source: Source, tried: Tries, held: Held
) -> tuple[Comparison | None, Fed | None]:
    """What a second file tells: another file of the detector, or the detections of the user's program."""
    if not others:
        return None, None
    if program.is_json(config.detector.split(",")):
        names = [record.filename for record in held.every]
        written = opened.open_detector(others[0], names, len(held.classes), config.image_ids)
        assert isinstance(written, JsonSource)
        return None, program.fed(tried.trial, written, tried.reading)
    return comparison.compare(others[0], source, tried.reading, tried.trial, held.classes), None


def read_held(config: Config) -> Held:
    """Raises UserError if val and test have no object."""
    classes = tfrecords.classes(config.records)
    splits = {
        split: list(islice(tfrecords.read(config.records, split), config.most_images)) for split in tfrecords.HELD_OUT
    }
    filled = {split: rows for split, rows in splits.items() if any(not c for row in rows for c in row.is_crowd)}
    if not filled:
        raise UserError(
            f"{config.records}: val and test have no object to measure a detector on; convert data with objects there"
        )
    return Held(filled, classes)


def try_ways(config: Config, source: Source, labels: Sequence[str], held: Held) -> Tries:
    """The trial on a few dozen images of val and test."""
    groundtruth = coco_eval.groundtruth(held.every, held.classes)
    chosen = trial.first_images(groundtruth, config.trial_images)
    part, _ = trial.of_images(groundtruth, chosen)
    images = list(measure.decoded(held.every, chosen))
    one = Trial(source, images, part, held.classes)
    first = first_reading(config, source.detector, labels, held.classes, one)
    best, corrections, lost = trial.faults(one, first)
    return Tries(first, best, one.ap(first), one.ap(best), corrections, lost, len(images), one)


def first_reading(
    config: Config, detector: Detector, labels: Sequence[str], classes: Sequence[str], one: Trial
) -> Reading:
    """How the user says that the detector is used, and the usual way where they say nothing."""
    said = {FED[word]: _SCALINGS.get(word, word) for word in config.fed_words}
    feeding = Feeding(**{"scaling": detector.scaling, "threads": config.threads, **said})  # pyright: ignore[reportArgumentType]  (config checks the words)
    reading = Reading(feeding=feeding, order=detector.box_order, unit=detector.box_unit, classes=(0,))
    return replace(reading, classes=class_names.first_guess(labels, classes, one.class_numbers(reading)))


def joined(
    config: Config, source: Source, measured: dict[str, Measured], threshold: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The objects with their misses, and the false alarms, of all splits."""
    told = diagnosis.read(Path(config.findings)).findings if config.findings else ()
    side, anchors = source.detector.width or _SIDE, getattr(source, "anchors_yxyx", None)
    objects, alarms = [], []
    for split, one in measured.items():
        sure = measure.confident(one, threshold)
        context = Context(one.brightness, side, anchors, told)
        objects.append(misses.missed(one.groundtruth, sure, context).assign(split=split))
        alarms.append(misses.false_alarms(one.groundtruth, sure).assign(split=split))
    return pd.concat(objects, ignore_index=True), pd.concat(alarms, ignore_index=True)


def examined(
    config: Config, source: Source, labels: Sequence[str], held: Held, tried: Tries, measured: dict[str, Measured],
    second: Comparison | None, theirs: Fed | None,
) -> tuple[Examination, pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """The examination, the objects with their misses, and the false alarms."""
    pairs = [(one.groundtruth, one.detections) for one in measured.values()]
    threshold = float(np.mean([misses.best_threshold(*pair) for pair in pairs]))
    every, wrong = joined(config, source, measured, threshold)
    missed = misses.explanations(every.drop(columns="split"))
    differences = class_names.differences(labels, held.classes, tried.trial.class_numbers(tried.first))
    otherwise = [
        *program.finding(theirs, tried.reading, source.detector, tried.images),
        *comparison.finding(second, config.detector.partition(",")[0].rpartition("/")[2], tried.images),
    ]
    made = Examination(
        detector=config.detector.rpartition("/")[2],
        kind=type(source).__name__.removesuffix("Source"),
        labels=tuple(labels),
        classes=differences,
        trial_images=tried.images,
        used=words.way(tried.first, source.detector, held.classes),
        best=words.way(tried.reading, source.detector, held.classes),
        before=tried.before,
        after=tried.after,
        corrections=tuple(as_tried(one) for one in tried.corrections),
        tried=tuple(as_tried(one) for one in tried.lost),
        numbers={split: measure.numbers(one) for split, one in measured.items()},
        threshold=threshold,
        missed=missed,
        false_alarms=misses.counted(wrong),
        second=second,
        program=program.in_words(theirs, source.detector),
        findings=findings.of(tried.corrections, tried.images, differences, missed, otherwise),
    )
    return made, every, wrong


def as_tried(one: Tried) -> examination.Tried:
    about = {"hypothesis": one.hypothesis, "title": one.other.title, "ap": one.ap, "gain": one.gain}
    return examination.Tried.model_validate(about | {"interval": one.interval})


def write(
    config: Config, whole: Examination, measured: dict[str, Measured], objects: pd.DataFrame, alarms: pd.DataFrame
) -> None:
    with atomic_dirs.staged([config.examination], [examination.FILE]) as (folder,):
        examination.write(folder / examination.FILE, whole)
        for split, one in measured.items():
            coco.write(folder / f"{split}_{coco.GROUNDTRUTH}", one.groundtruth)
            coco.write(folder / f"{split}_{coco.DETECTIONS}", one.detections)
        rows = pd.concat([objects[objects.missed].assign(kind="missed"), alarms.assign(kind="false alarm")])
        text_files.write(folder / examination.MISSES, rows.to_csv(index=False))
    text_files.write(config.page, examination_page.render(whole))


def result(whole: Examination) -> Result:
    best = {split: round(one.coco["AP"] or 0.0, 4) for split, one in whole.numbers.items()}
    shown = ", ".join(f"AP {100 * ap:.1f} on {split}" for split, ap in best.items())
    if whole.corrections:
        first = f"{'; '.join(one.title for one in whole.corrections)}: AP {100 * whole.before:.1f} -> {100 * whole.after:.1f}"
    else:
        first = f"no other way to use the detector is better, of {len(whole.tried)} that were tried"
    about = {f"AP {split}": ap for split, ap in best.items()} | {"corrections": len(whole.corrections)}
    return Result(artifacts={"examination": about, "page": {}}, headline=f"{shown}. {first}")
