"""The page: rows and pictures for report.html.j2."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from boxwright.core.artifacts.dataset import Dataset
from boxwright.core.artifacts.diagnosis import Coverage, Diagnosis
from boxwright.core.artifacts.errors import Calibration
from boxwright.core.artifacts.metrics import Bounds
from boxwright.core.findings import CAUSES, Finding
from boxwright.core.html import class_rows as rows_by_class
from boxwright.core.html import page_base
from boxwright.core.recipe_diff import plain
from boxwright.report import error_findings, suspects, worst_images
from boxwright.report import verdict as verdicts
from boxwright.report.artifacts import Artifacts, Training
from boxwright.report.error_findings import ErrorRow, RecallTable
from boxwright.report.suspects import Cutout
from boxwright.report.verdict import Verdict
from boxwright.report.worst_images import Judged


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """Numbers of one class, or of all, in 0..1. float_, int8: AP50 and AP of the trained model and of its int8 file."""

    name: str
    objects: int
    float_: tuple[float | None, float | None]
    int8: tuple[float | None, float | None]
    interval: Bounds | None


@dataclass(frozen=True)
class SizeRow:
    """AP of the objects of one size in the original image, in 0..1."""

    name: str
    float_: float | None
    int8: float | None


Where = Literal["below", "inside", "above", "not measured"]


@dataclass(frozen=True)
class PredictionRow:
    """AP50 in 0..1: predicted, with its interval, and measured. where: the measured value against the interval."""

    name: str
    predicted: float
    interval: Bounds
    measured: float | None
    where: Where


@dataclass(frozen=True, kw_only=True)
class ErrorAnalysis:
    """The errors of the trained model.

    reliability: an SVG element; empty if nothing was detected. none_found: no object is found at `score`.
    """

    types: list[ErrorRow]
    recall: list[RecallTable]
    findings: tuple[Finding, ...]
    calibration: Calibration
    reliability: Markup
    suspects: list[Cutout]
    suspected: int
    score: float
    none_found: bool


@dataclass(frozen=True, kw_only=True)
class Results:
    """The parts of the page that only a trained run has."""

    acted_on: set[str]
    acted_on_in_part: set[str]
    classes: list[ClassRow]
    sizes: list[SizeRow]
    coverage: list[Coverage]
    predictions: list[PredictionRow]
    worst: list[Judged]
    errors: ErrorAnalysis
    curve: Finding | None
    int8_loss: float


def render(found: Artifacts, verdict: Verdict, records: Path) -> str:
    """The whole report as one HTML text. records: the folder with the images."""
    return page_base.render(
        "report.html.j2",
        "boxwright.report",
        found=found,
        verdict=verdict,
        training=found.training,
        results=results(found.training, records) if found.training else None,
        splits={name: split for name, split in found.dataset.splits.items() if split.images},
        quarantined=quarantined(found.dataset),
        causes=CAUSES,
        table=rows_by_class.table,
        plain=plain,
        compared=compared,
        score=worst_images.SCORE,
        iou=worst_images.IOU,
    )


def results(made: Training, records: Path) -> Results:
    return Results(
        acted_on=verdicts.acted_on(made.recipe),
        acted_on_in_part={key for change in made.recipe.changes for key in change.partly},
        classes=class_rows(made),
        sizes=size_rows(made),
        coverage=coverage(made.diagnosis),
        predictions=list(predictions(made)),
        worst=worst_images.worst(made.trained, records),
        errors=error_analysis(made, records),
        curve=error_findings.curve(made.history),
        int8_loss=verdicts.int8_loss(made),
    )


def error_analysis(made: Training, records: Path) -> ErrorAnalysis:
    trained = made.trained
    return ErrorAnalysis(
        types=error_findings.error_rows(trained.errors),
        recall=error_findings.recall_tables(trained.errors),
        findings=made.errors,
        calibration=trained.errors.calibration,
        reliability=error_findings.reliability(trained.errors.calibration),
        suspects=suspects.cutouts(trained, records),
        suspected=trained.errors.suspects.number,
        score=trained.errors.score,
        none_found=bool(trained.errors.recall) and not any(one.found for one in trained.errors.recall),
    )


def class_rows(made: Training) -> list[ClassRow]:
    """A row for all classes, then one for each class."""
    trained, int8 = made.trained.metrics, made.int8.metrics
    bounds = trained.interval.bounds if trained.interval else lambda name: None
    whole = ClassRow(
        name="all classes",
        objects=trained.objects,
        float_=(trained.AP50, trained.AP),
        int8=(int8.AP50, int8.AP),
        interval=bounds("AP50"),
    )
    return [whole] + [
        ClassRow(
            name=name,
            objects=one.objects,
            float_=(one.AP50, one.AP),
            int8=(int8.per_class[name].AP50, int8.per_class[name].AP),
            interval=bounds(f"AP50 {name}"),
        )
        for name, one in trained.per_class.items()
    ]


def size_rows(made: Training) -> list[SizeRow]:
    """AP by the size of the objects in the original image, for the sizes that occur."""
    trained, int8 = made.trained.metrics, made.int8.metrics
    rows = (
        SizeRow("small (below 32² px)", trained.APs, int8.APs),
        SizeRow("medium (to 96² px)", trained.APm, int8.APm),
        SizeRow("large", trained.APl, int8.APl),
    )
    return [row for row in rows if row.float_ is not None]


def coverage(diagnosis: Diagnosis) -> list[Coverage]:
    """For each class a row, and then a row without name for each size. Shares are those of objects that no anchor reaches."""
    stock, used = diagnosis.unreachable["stock"], diagnosis.unreachable["used"]
    rows = []
    for name, share in stock.items():
        sized = [row for row in diagnosis.coverage if row.class_name == name]
        n = sum(row.n for row in sized)
        rows.append(Coverage(class_name=name, size="all sizes", n=n, stock=share, used=used[name]))
        rows += [row.model_copy(update={"class_name": ""}) for row in sized]
    return rows


def predictions(made: Training) -> Iterator[PredictionRow]:
    """Predicted beside measured AP50, for the mean and then for each class."""
    prediction, metrics = made.diagnosis.prediction, made.trained.metrics
    if prediction is None:
        return
    measured = {name: one.AP50 for name, one in metrics.per_class.items()}
    yield _prediction("all classes", prediction.mean, prediction.mean_interval, metrics.AP50)
    for name, value in prediction.ap50.items():
        yield _prediction(name, value, prediction.interval[name], measured.get(name))


def _prediction(name: str, predicted: float, interval: Bounds, measured: float | None) -> PredictionRow:
    return PredictionRow(name, predicted, interval, measured, against(measured, *interval))


def against(measured: float | None, low: float, high: float) -> Where:
    """Where a measured value lies against an interval."""
    if measured is None:
        return "not measured"
    return "below" if measured < low else "above" if measured > high else "inside"


def compared(name: str, value: float | None) -> str:
    """A number of parity.json as the page shows it; a share in percent, a dash if there was nothing to measure."""
    if value is None:
        return "\u2013"
    return f"{100 * value:.1f} %" if name in ("matched", "same") else plain(value)


def quarantined(dataset: Dataset) -> list[tuple[str, str, int]]:
    """(images or objects, reason, number) of everything that convert quarantined."""
    kinds = (("images", dataset.quarantined.images), ("objects", dataset.quarantined.objects))
    return [(kind, reason, n) for kind, reasons in kinds for reason, n in reasons.items()]
