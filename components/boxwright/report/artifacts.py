"""Reads the files of a run: all that a training leaves, or none of it where validation refused the data."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boxwright.core import findings as diagnoses
from boxwright.core import recipe as recipes
from boxwright.core.artifacts import diagnosis
from boxwright.core.artifacts import validation as validation_file
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.artifacts.validation import Validation
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError
from boxwright.report import forgetting

# Fields of the step's Config that are given together or not at all.
OF_TRAINING = ("findings", "recipe", "model", "evaluation_float", "evaluation_int8", "tflite", "edgetpu")


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """metrics: AP, AP50, ... and per_class, in 0..1; groundtruth: COCO json; detections: COCO results;
    errors: errors.json of evaluate."""

    metrics: dict[str, Any]
    groundtruth: dict[str, Any]
    detections: list[dict[str, Any]]
    precision_recall: str
    errors: dict[str, Any]

    @property
    def split(self) -> str:
        return self.metrics.get("split", "test")

    def objects(self) -> dict[str, int]:
        """Objects per class name in the split that was measured, crowds left out."""
        names = {c["id"]: c["name"] for c in self.groundtruth["categories"]}
        counts = dict.fromkeys(names.values(), 0)
        for annotation in self.groundtruth["annotations"]:
            counts[names[annotation["category_id"]]] += not annotation.get("iscrowd")
        return counts


@dataclass(frozen=True, kw_only=True)
class Training:
    """What a training left, and what was made of it; parity: parity.json of export; edgetpu: edgetpu.json."""

    diagnosis: Diagnosis
    recipe: recipes.Recipe
    history: dict[str, Any]
    restored: dict[str, Any]
    curves: str
    trained: Evaluation
    int8: Evaluation
    parity: dict[str, Any]
    tflite_bytes: dict[str, int]
    edgetpu: dict[str, Any]

    @property
    def loud(self) -> list[str]:
        """What train, export and evaluate want a person to know."""
        said = (self.history, self.parity, self.trained.metrics)
        return [notice for one in said for notice in one.get("notices", [])]


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """training is None when validation refused the data."""

    manifest: dict[str, Any]
    validation: Validation
    training: Training | None = None

    @property
    def findings(self) -> tuple[diagnoses.Finding, ...]:
        """Those of the diagnosis and those after training, most important first."""
        if (made := self.training) is None:
            return ()
        return diagnoses.ranked([*made.diagnosis.findings, *forgetting.findings(made.history, made.recipe)])

    @property
    def notices(self) -> list[str]:
        """What convert says about the data, then what the steps after it do."""
        return [n["claim"] for n in self.manifest["notices"]] + (self.training.loud if self.training else [])


def gather(config) -> Gathered:
    """Reads every folder that the step was given (`components/report/step.py`, Config). Raises UserError for a file that is not
    as its step writes it, and where a part of what a training leaves is not given."""
    manifest, validation = (
        tfrecords.manifest(config.records).model_dump(),
        validation_file.read(config.anomalies / validation_file.FILE),
    )
    lacking = [name for name in OF_TRAINING if not getattr(config, name)]
    if lacking and (len(lacking) < len(OF_TRAINING) or validation.verdict != "not_ready"):
        raise UserError(
            f"report: {_flags(lacking)} {'is' if len(lacking) == 1 else 'are'} missing: give all of {_flags(OF_TRAINING)}; only "
            "data that validation refused are reported on without them"
        )
    training = None if lacking else _training(config)
    if training:
        _check_match(training, config, manifest["splits"])
    return Gathered(manifest=manifest, validation=validation, training=training)


def _check_match(made: Training, config, splits: dict[str, Any]) -> None:
    """Raises UserError where an evaluation is of another variant, or not of the same images as the other and the records."""
    for flag, one, variant in (("float", made.trained, "trained"), ("int8", made.int8, "int8")):
        if (found := one.metrics.get("variant", variant)) != variant:
            raise UserError(
                f"--evaluation-{flag} is an evaluation of the variant {found}: give the one of --variant {variant}"
            )
    if made.trained.groundtruth != made.int8.groundtruth:
        raise UserError(
            f"{config.evaluation_float} and {config.evaluation_int8} were measured on other images: run `boxwright evaluate` for "
            "both with the same --records and --split"
        )
    stored = splits.get(made.trained.split, {}).get("images", 0)
    if stored != (measured := len(made.trained.groundtruth["images"])):
        raise UserError(
            f"{config.evaluation_float} was measured on {measured} {made.trained.split} images, {config.records} has {stored}: "
            "give the records that it was measured on, or run `boxwright evaluate` again"
        )


def _flags(names: Sequence[str]) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def _training(config) -> Training:
    model, tflite = Path(config.model), Path(config.tflite)
    return Training(
        diagnosis=diagnosis.read(Path(config.findings)),
        recipe=recipes.read(Path(config.recipe)),
        history=_json(model / "history.json", "evaluations", "steps", "best_step", "stopped_early", "seconds"),
        restored=_json(model / "restored.json", "source", "restored", "skipped", "new"),
        curves=_svg(model / "curves.svg"),
        trained=_evaluation(config.evaluation_float),
        int8=_evaluation(config.evaluation_int8),
        parity=_json(tflite / "parity.json", "float32", "int8"),
        tflite_bytes={f.name: f.stat().st_size for f in sorted(tflite.glob("*.tflite"))},
        edgetpu=_json(Path(config.edgetpu) / "edgetpu.json", "status", "reason", "rules", "ops"),
    )


def _evaluation(folder: str) -> Evaluation:
    path = Path(folder)
    return Evaluation(
        metrics=_json(path / "metrics.json", "AP", "AP50", "AR100", "per_class"),
        groundtruth=_json(path / "groundtruth.json", "images", "annotations", "categories"),
        detections=_json(path / "detections.json"),
        precision_recall=_svg(path / "precision_recall.svg"),
        errors=_json(path / "errors.json", "tide", "calibration", "suspects", "recall", "confusions", "score"),
    )


def _json(path: Path, *fields: str) -> Any:
    """What the file holds; of an object at least these fields."""
    try:
        content = json.loads(_text(path))
    except ValueError:
        raise _damaged(path) from None
    if fields and not (isinstance(content, dict) and content.keys() >= set(fields)):
        raise _damaged(path)
    return content


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise _damaged(path) from None
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; give the folder as its step wrote it") from None


def _damaged(path: Path) -> UserError:
    return UserError(f"{path} is damaged: run the step that wrote it again")


def _svg(path: Path) -> str:
    """The <svg> element of a file, without the XML declaration that HTML does not take."""
    text = _text(path)
    if (start := text.find("<svg")) < 0:
        raise _damaged(path)
    return text[start:]
