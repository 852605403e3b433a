"""The page: rows and pictures for report.html.j2."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.html import page_base
from boxwright.core.recipe_diff import plain
from boxwright.report import error_findings, forgetting, suspects, worst_images
from boxwright.report import verdict as verdicts
from boxwright.report.artifacts import Evaluation, Gathered, Training
from boxwright.report.verdict import Verdict

SIZES = {"APs": "small (below 32² px)", "APm": "medium (to 96² px)", "APl": "large"}


def render(found: Gathered, verdict: Verdict, records: Path) -> str:
    """The whole report as one HTML text; `records`: the folder that holds the images."""
    reasons = {finding.claim for finding in found.validation.findings}
    return page_base.render(
        "report.html.j2",
        __package__,
        found=found,
        verdict=verdict,
        training=found.training,
        dataset=dataset(found.manifest),
        quarantined=quarantined(found.manifest),
        notices=[n["claim"] for n in found.manifest["notices"] if n["claim"] not in reasons],
        plain=plain,
        **(of_training(found.training, records) if found.training else {}),
    )


def of_training(made: Training, records: Path) -> dict[str, Any]:
    """What the page shows only of a run that was trained."""
    return {
        "acted_on": verdicts.acted_on(made.recipe),
        "numbers": numbers(made),
        "sizes": sizes(made),
        "coverage": coverage(made.diagnosis),
        "outcome": outcome(made),
        "pictures": worst_images.pictures(made.trained, records),
        "worst": worst_images,
        "wrong": wrong(made.trained, records),
        "knew": forgetting.rows(made.history),
        "fit": error_findings.fit(made.history),
        "int8_loss": verdicts.int8_loss(made),
        "compared": compared,
    }


def wrong(trained: Evaluation, records: Path) -> dict[str, Any]:
    """What the trained model does wrong: types of errors, recall, calibration, suspected labels with their pictures."""
    return {
        "types": error_findings.types(trained.errors),
        "confused": error_findings.confused(trained.errors),
        "recalls": error_findings.recalls(trained.errors),
        "starved": error_findings.starved(trained.errors),
        "calibration": trained.errors["calibration"],
        "reliability": error_findings.reliability(trained.errors["calibration"]),
        "suspects": suspects.pictures(trained, records),
        "suspected": trained.errors["suspects"]["number"],
        "score": trained.errors["score"],
    }


def numbers(made: Training) -> list[dict[str, Any]]:
    """A row for all classes, then one a class: n objects, the 95 % interval of AP50, float and int8 side by side."""
    objects, metrics = made.trained.objects(), made.trained.metrics
    intervals = metrics.get("interval") or {}
    whole = {"name": "all classes", "n": sum(objects.values()), "float": metrics, "int8": made.int8.metrics}
    rows = [whole | {"interval": intervals.get("AP50")}]
    for name, values in metrics["per_class"].items():
        row = {"name": name, "n": objects[name], "float": values, "int8": made.int8.metrics["per_class"][name]}
        rows.append(row | {"interval": intervals.get(f"AP50 {name}")})
    return rows


def sizes(made: Training) -> list[dict[str, Any]]:
    """AP by the size of the objects in the original image, where there are any."""
    trained, int8 = made.trained.metrics, made.int8.metrics
    rows = [{"name": text, "float": trained.get(key), "int8": int8.get(key)} for key, text in SIZES.items()]
    return [row for row in rows if row["float"] is not None]


def coverage(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """A row a class, then one for each size of its objects: n, and the shares that no anchor reaches at IoU 0.5 under the
    stock and the used recipe."""
    stock, used = diagnosis.unreachable["stock"], diagnosis.unreachable["used"]
    rows = []
    for name, share in stock.items():
        sized = [row for row in diagnosis.coverage if row.class_name == name]
        rows.append(
            {"name": name, "size": "all sizes", "n": sum(row.n for row in sized), "stock": share, "used": used[name]}
        )
        rows += [row.model_dump() | {"name": ""} for row in sized]
    return rows


def outcome(made: Training) -> list[dict[str, Any]]:
    """Predicted AP50 and its interval beside the measured one, for the mean and then each class."""
    prediction = made.diagnosis.prediction
    if prediction is None:
        return []
    metrics = made.trained.metrics
    rows = [_outcome("all classes", prediction.mean, prediction.mean_interval, metrics["AP50"])]
    for name, value in prediction.ap50.items():
        measured = metrics["per_class"].get(name, {}).get("AP50")
        rows.append(_outcome(name, value, prediction.interval[name], measured))
    return rows


def _outcome(name: str, predicted: float, interval: tuple[float, float], measured: float | None) -> dict[str, Any]:
    low, high = interval
    numbers = {"predicted": predicted, "low": low, "high": high, "measured": measured}
    return {"name": name, **numbers, "where": against(measured, low, high)}


def compared(name: str, value: float | None) -> str:
    """A number of parity.json as the page has it, a share in percent; empty where there was nothing to measure."""
    if value is None:
        return ""
    return f"{100 * value:.1f} %" if name in ("matched", "same") else plain(value)


def against(measured: float | None, low: float, high: float) -> str:
    """Where a measured value lies against an interval: below, inside, above, or not measured."""
    if measured is None:
        return "not measured"
    return "below" if measured < low else "above" if measured > high else "inside"


def dataset(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Splits that have images, and a row of object counts a class over them."""
    splits = {name: split for name, split in manifest["splits"].items() if split["images"]}
    names = [c["name"] for c in manifest["classes"]]
    rows = {name: [split["per_class"].get(name, 0) for split in splits.values()] for name in names}
    return {"splits": splits, "rows": rows}


def quarantined(manifest: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """(images or objects, reason, count) for everything that convert set aside."""
    return [(kind, reason, n) for kind, reasons in manifest["quarantined"].items() for reason, n in reasons.items()]
