"""Reads the files of a run; what a run did not get to is None or empty."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boxwright.core import findings as diagnoses
from boxwright.core import recipe as recipes
from boxwright.core import records
from boxwright.core.errors import UserError
from boxwright.report import forgetting


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
class Gathered:
    """manifest and validation are always there; the rest from training on only when the data was ready."""

    manifest: dict[str, Any]
    validation: dict[str, Any]
    diagnosis: diagnoses.Diagnosis | None = None
    recipe: recipes.Recipe | None = None
    history: dict[str, Any] | None = None
    restored: dict[str, Any] | None = None
    curves: str = ""
    trained: Evaluation | None = None
    int8: Evaluation | None = None
    parity: dict[str, Any] | None = None
    tflite_bytes: dict[str, int] | None = None
    edgetpu: dict[str, Any] | None = None

    @property
    def findings(self) -> tuple[diagnoses.Finding, ...]:
        """Those of the diagnosis and those after training, most important first."""
        before = self.diagnosis.findings if self.diagnosis else ()
        return diagnoses.ranked([*before, *forgetting.findings(self.history, self.recipe)])

    @property
    def loud(self) -> list[str]:
        """What train, export and evaluate want a person to know."""
        said = (self.history, self.parity, self.trained and self.trained.metrics)
        return [notice for one in said if one for notice in one.get("notices", [])]

    @property
    def notices(self) -> list[str]:
        """What convert says about the data, then `loud`."""
        return [notice["text"] for notice in self.manifest["notices"]] + self.loud


def gather(config) -> Gathered:
    """Reads every folder that the step was given (`components/report/step.py`, Config). Raises UserError for a file that is not
    where its step writes it."""
    model, tflite = Path(config.model), Path(config.tflite)
    return Gathered(
        manifest=records.manifest(config.records),
        validation=_json(config.anomalies / "validation.json"),
        diagnosis=diagnoses.read(Path(config.findings)) if config.findings else None,
        recipe=recipes.read(Path(config.recipe)) if config.recipe else None,
        history=_json(model / "history.json") if config.model else None,
        restored=_json(model / "restored.json") if config.model else None,
        curves=_svg(model / "curves.svg") if config.model else "",
        trained=_evaluation(config.evaluation_float),
        int8=_evaluation(config.evaluation_int8),
        parity=_json(tflite / "parity.json") if config.tflite else None,
        tflite_bytes={f.name: f.stat().st_size for f in sorted(tflite.glob("*.tflite"))} if config.tflite else None,
        edgetpu=_json(Path(config.edgetpu) / "edgetpu.json") if config.edgetpu else None,
    )


def _evaluation(folder: str) -> Evaluation | None:
    if not folder:
        return None
    path = Path(folder)
    return Evaluation(
        metrics=_json(path / "metrics.json"),
        groundtruth=_json(path / "groundtruth.json"),
        detections=_json(path / "detections.json"),
        precision_recall=_svg(path / "precision_recall.svg"),
        errors=_json(path / "errors.json"),
    )


def _json(path: Path) -> Any:
    return json.loads(_text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; give the folder as its step wrote it") from None


def _svg(path: Path) -> str:
    """The <svg> element of a file, without the XML declaration that HTML does not take."""
    text = _text(path)
    return text[text.index("<svg") :]
