"""Errors of the trained detector: types of errors, missed objects, training curves, and calibration of the scores."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from boxwright.core.artifacts.errors import Axis, Calibration, Confusion, Errors, ErrorType, Recall
from boxwright.core.artifacts.training import Evaluated, History, Logged
from boxwright.core.findings import Evidence, Finding
from boxwright.core.html import page_base

# TIDE's types of error (Bolya et al. 2020): a plain name, the meaning, and the remedy.
TYPES: dict[ErrorType, tuple[str, str, str]] = {
    "Cls": (
        "wrong class",
        "a box on an object of another class",
        "more examples of the classes that are confused; check the suspected labels",
    ),
    "Loc": (
        "inexact box",
        "the right class, but IoU only 0.1 to 0.5",
        "a finer grid or fitted anchors; boxes that are all drawn by the same rule",
    ),
    "Both": ("wrong class, inexact box", "another class and IoU 0.1 to 0.5", "the remedies of both"),
    "Dupe": (
        "found twice",
        "another detection already matches the object",
        "a lower IoU threshold of the non-maximum suppression",
    ),
    "Bkg": (
        "nothing there",
        "IoU below 0.1 with every object",
        "labels for unlabelled objects; more training images without objects",
    ),
    "Miss": ("missed", "an object without a detection near it", "see below: size, light or anchors"),
}
AXES: dict[Axis, str] = {"size": "Size in the image", "light": "Brightness of the image", "anchors": "Anchor fit"}
MOST = 5  # how many confusions a finding lists
OUT_OF_REACH = "out of reach"
# A change of AP50 above this is a rise or fall of the validation curve. Smaller changes are noise on a hundred images.
CLEARLY = 0.02


@dataclass(frozen=True)
class ErrorRow:
    """A type of error. gain: AP50 in 0..1 if all of them were corrected; None: not measured."""

    name: str
    means: str
    remedy: str
    number: int
    gain: float | None


def error_rows(errors: Errors) -> list[ErrorRow]:
    """One row for each type of error, the one with the greatest gain first."""
    rows = [ErrorRow(*TYPES[one.type], number=one.number, gain=one.dAP) for one in errors.tide]
    return sorted(rows, key=lambda row: -(row.gain or 0))


@dataclass(frozen=True)
class RecallRow:
    """class_name: None for all classes. cells: one for each bucket; None where it has no object."""

    class_name: str | None
    cells: tuple[Recall | None, ...]


@dataclass(frozen=True)
class RecallTable:
    title: str
    buckets: tuple[str, ...]
    rows: tuple[RecallRow, ...]


def recall_tables(errors: Errors) -> list[RecallTable]:
    """One table for each axis that was measured."""
    tables = []
    for axis, title in AXES.items():
        if found := [one for one in errors.recall if one.axis == axis]:
            cells = {(one.class_name, one.bucket): one for one in found}
            buckets = tuple(dict.fromkeys(one.bucket for one in found if one.class_name == found[0].class_name))
            classes = dict.fromkeys(one.class_name for one in found)
            rows = (RecallRow(name, tuple(cells.get((name, bucket)) for bucket in buckets)) for name in classes)
            tables.append(RecallTable(title, buckets, tuple(rows)))
    return tables


def findings(errors: Errors, history: History) -> tuple[Finding, ...]:
    """The error table and the curves as findings. They are `info`, because they describe errors and not causes."""
    found = [curve(history), confusions(errors.confusions), suspects(errors), *out_of_reach(errors)]
    return tuple(finding for finding in found if finding)


def confusions(found: Sequence[Confusion]) -> Finding | None:
    """The most frequent confusions in one sentence."""
    if not found:
        return None
    named = ", ".join(f"{one.class_name} as {one.taken_for} ({one.number} of {one.objects})" for one in found[:MOST])
    first = found[0]
    return _finding(
        "classes_confused",
        title="Some objects are detected as another class",
        claim=f"Detected as another class: {named}{', and others' if len(found) > MOST else ''}.",
        evidence=Evidence(
            metric=f"{first.class_name} detected as {first.taken_for}",
            value=first.number,
            n=first.objects,
            where="evaluation/errors.json: confusions",
        ),
        remedy="Add examples of these classes, and check their labels.",
    )


def suspects(errors: Errors) -> Finding | None:
    """A finding about detections that contradict the labels, or none."""
    number = errors.suspects.number
    if not number:
        return None
    return _finding(
        "suspected_labels",
        title="Some labels may be wrong",
        claim=f"{number} confident detections contradict the labels: either the detector is wrong, or the label.",
        evidence=Evidence(
            metric="detections", value=number, n=errors.calibration.number, where="evaluation/errors.json: suspects"
        ),
        remedy="Check these labels in the report, correct the wrong ones, and evaluate again.",
    )


def out_of_reach(errors: Errors) -> Iterator[Finding]:
    """One finding for each class with missed objects that no anchor reaches. It gives their share of the class's misses."""
    rows = [one for one in errors.recall if one.axis == "anchors"]
    for row in rows:
        missed_here = row.objects - row.found
        if row.bucket.startswith(OUT_OF_REACH) and missed_here:
            others = [other for other in rows if other.class_name == row.class_name and other is not row]
            yield _missed(row, others, missed_here)


def _missed(row: Recall, others: Sequence[Recall], missed_here: int) -> Finding:
    """row: recall of the objects of a class that no anchor reaches. others: recall of its other objects."""
    missed = missed_here + sum(other.objects - other.found for other in others)
    found, reached = sum(other.found for other in others), sum(other.objects for other in others)
    against = f", but {_share(found, reached)} of the others" if reached else ""
    return _finding(
        "missed_out_of_reach",
        subject=row.class_name or "",
        title="Some missed objects are out of reach of all anchors",
        claim=f"{row.class_name or 'All classes'}: no anchor reaches {missed_here} of the {missed} missed objects. The detector "
        f"finds {_share(row.found, row.objects)} of the objects that no anchor reaches{against}.",
        evidence=Evidence(
            metric="missed objects out of reach",
            value=missed_here,
            n=missed,
            where="evaluation/errors.json: recall by anchors",
        ),
        remedy="Train with anchors that are fitted to the objects (diagnose plans them), or with a larger input.",
    )


def _share(found: int, objects: int) -> str:
    return f"{found} of {objects} ({found / objects:.0%})"


def _finding(id: str, *, title: str, claim: str, evidence: Evidence, remedy: str, subject: str = "") -> Finding:
    return Finding(
        id=id,
        subject=subject,
        cause="model_errors",
        severity="info",
        title=title,
        claim=claim,
        evidence=(evidence,),
        remedy=remedy,
    )


def curve(history: History) -> Finding | None:
    """`underfit`, `overfit` or `curve_flat`, with the numbers. None with fewer than three evaluations."""
    evaluations, steps = history.evaluations, history.steps
    if len(evaluations) < 3 or not steps:
        return None
    best = next(one for one in evaluations if one.step == history.best_step)
    last, middle = evaluations[-1], evaluations[len(evaluations) // 2]
    if not best.AP50 and best is last:
        return _nothing_found(evaluations, steps)
    if best.AP50 - last.AP50 > CLEARLY and _loss(steps, last.step) < _loss(steps, best.step):
        return _overfit(best, last, steps)
    if best is last and last.AP50 - middle.AP50 > CLEARLY:
        return _rising(middle, last)
    return _flat(best, last, steps)


def _nothing_found(evaluations: Sequence[Evaluated], steps: Sequence[Logged]) -> Finding:
    first, last = evaluations[0], evaluations[-1]
    what = "The detector finds nothing yet"
    return _finding(
        "underfit",
        title=what,
        claim=f"{what}: validation AP50 is 0 at all {len(evaluations)} evaluations, the last one at step {last.step}. The "
        f"training loss was {_loss(steps, first.step):.3g} at the first and {_loss(steps, last.step):.3g} at the last.",
        evidence=_ap50(last),
        remedy="Train longer (--steps). If the loss does not fall, `--preflight 200` shows whether anything can be learned.",
    )


def _overfit(best: Evaluated, last: Evaluated, steps: Sequence[Logged]) -> Finding:
    what = f"The detector overfits from step {best.step} on"
    return _finding(
        "overfit",
        title=what,
        claim=f"{what}: {_change(best, last)}, while the loss on the training images still fell ({_losses(best, last, steps)}). "
        "The best weights are kept.",
        evidence=_ap50(best),
        remedy="Add more images, add more varied images, or use stronger augmentation.",
    )


def _rising(middle: Evaluated, last: Evaluated) -> Finding:
    what = "Training ended too early"
    return _finding(
        "underfit",
        title=what,
        claim=f"{what}: validation AP50 rose from {_points(middle)} at step {middle.step} to {_points(last)} at the last step, "
        f"{last.step}.",
        evidence=_ap50(last),
        remedy="Train longer (--steps).",
    )


def _flat(best: Evaluated, last: Evaluated, steps: Sequence[Logged]) -> Finding:
    what = "Training has levelled off"
    return _finding(
        "curve_flat",
        title=what,
        claim=f"{what}: {_change(best, last)} ({_losses(best, last, steps)}).",
        evidence=_ap50(best),
        remedy="Do not train longer: more steps alone will not help.",
    )


def _ap50(at: Evaluated) -> Evidence:
    return Evidence(
        metric=f"validation AP50 at step {at.step}", value=at.AP50, n=1, where="model/history.json: evaluations"
    )


def _change(best: Evaluated, last: Evaluated) -> str:
    return f"validation AP50 is {_points(best)} at step {best.step} and {_points(last)} at step {last.step}"


def _losses(best: Evaluated, last: Evaluated, steps: Sequence[Logged]) -> str:
    return f"training loss {_loss(steps, best.step):.3g}, then {_loss(steps, last.step):.3g}"


def _loss(steps: Sequence[Logged], at: int) -> float:
    """Classification and localisation loss around a step: the mean of the last five logged up to it."""
    until = [entry for entry in steps if entry.step <= at][-5:] or steps[:1]
    return sum(entry.classification_loss + entry.localization_loss for entry in until) / len(until)


def _points(evaluation: Evaluated) -> str:
    return f"{100 * evaluation.AP50:.1f}"


def reliability(calibration: Calibration) -> Markup:
    """The reliability diagram as SVG; empty without detections."""
    if not calibration.bins:
        return Markup()
    figure = Figure(figsize=(4.2, 3.2))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#98a2b3", lw=1, ls="--", label="a score that says how often it is right")
    points = [(one.score, one.right) for one in calibration.bins]
    axes.plot(*zip(*points, strict=True), color="#0b6e99", marker="o", ms=4, label="this detector")
    for one, point in zip(calibration.bins, points, strict=True):
        axes.annotate(f"{one.number:,}", point, (0, 6), textcoords="offset points", fontsize=6, ha="center")
    axes.set(xlim=(0, 1), ylim=(0, 1.05), xlabel="score", ylabel="share that is right at IoU 0.5")
    axes.legend(fontsize=7, frameon=False, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)
    return page_base.svg(figure)
