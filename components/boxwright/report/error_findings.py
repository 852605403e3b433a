"""Findings after training: what kind of errors there are, which objects are missed, how honest the scores are."""

from collections.abc import Mapping, Sequence
from typing import Any

from boxwright.core.html import page_base

# Of TIDE (Bolya et al. 2020): name for people, what it means, what to do about it.
TYPES = {
    "Cls": (
        "wrong class",
        "on an object of another class",
        "examples of the classes that are confused; see the suspected labels",
    ),
    "Loc": (
        "badly placed",
        "right class, IoU 0.1 to 0.5",
        "a finer grid or fitted anchors; edges that are labelled alike",
    ),
    "Both": ("wrong class and place", "another class, IoU 0.1 to 0.5", "what helps against both of them"),
    "Dupe": (
        "found twice",
        "an object that has its detection already",
        "a lower IoU threshold of the non-maximum suppression",
    ),
    "Bkg": ("nothing there", "IoU below 0.1 with every object", "labels that were forgotten; pictures without objects"),
    "Miss": ("missed", "an object with no detection near it", "see below: size, light or anchors"),
}
AXES = {"size": "Size in the picture", "light": "Light of the picture", "anchors": "Reach of the anchors used"}
MOST = 5  # confusions
STARVED = "out of reach"
# Points of AP50 by which validation has to fall behind its best, or rise to its end, to be called so; noise of one evaluation
# of a hundred images.
CLEARLY = 0.02


def types(errors: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a type of error, the one whose repair wins most first; `dAP` None: not measured."""
    rows = [row | dict(zip(("name", "means", "remedy"), TYPES[row["type"]], strict=True)) for row in errors["tide"]]
    return sorted(rows, key=lambda row: -(row["dAP"] or 0))


def confused(errors: Mapping[str, Any]) -> str:
    """The most frequent confusions in one sentence; empty where there are none."""
    rows = errors["confusions"]
    listed = ", ".join(
        f"{row['class']} for {row['taken_for']} ({row['number']} of {row['objects']})" for row in rows[:MOST]
    )
    return f"Taken for another class: {listed}{', and others' if len(rows) > MOST else ''}." if rows else ""


def recalls(errors: Mapping[str, Any]) -> list[dict[str, Any]]:
    """[{"title", "buckets", "rows": [{"class": None for all, "cells": a row of errors.json or None by bucket}]}], one for
    each axis."""
    tables = []
    for axis, title in AXES.items():
        rows = [row for row in errors["recall"] if row["axis"] == axis]
        cells = {(row["class"], row["bucket"]): row for row in rows}
        buckets = list(dict.fromkeys(row["bucket"] for row in rows if row["class"] == rows[0]["class"]))
        classes = dict.fromkeys(row["class"] for row in rows)
        lines = [{"class": name, "cells": [cells.get((name, bucket)) for bucket in buckets]} for name in classes]
        tables += [{"title": title, "buckets": buckets, "rows": lines}] if rows else []
    return tables


def starved(errors: Mapping[str, Any]) -> list[str]:
    """A sentence for each class with missed objects that no anchor reaches: how many of its misses those are."""
    rows = [row for row in errors["recall"] if row["axis"] == "anchors"]
    sentences = []
    for row in rows:
        lost = row["objects"] - row["found"]
        if not (row["bucket"].startswith(STARVED) and lost):
            continue
        same = [other for other in rows if other["class"] == row["class"]]
        missed = sum(other["objects"] - other["found"] for other in same)
        found, reached = (sum(other[key] for other in same if other is not row) for key in ("found", "objects"))
        against = f", of the others {_share(found, reached)}" if reached else ""
        sentences.append(
            f"{row['class'] or 'All classes'}: {lost} of {missed} missed objects are out of the anchors' reach; of those out of "
            f"reach {_share(row['found'], row['objects'])} are found{against}."
        )
    return sentences


def _share(found: int, objects: int) -> str:
    return f"{found} of {objects} ({found / objects:.0%})"


def fit(history: Mapping[str, Any]) -> tuple[str, str] | None:
    """(overfit, underfit or level; a sentence with the numbers) from the curves; None with fewer than three evaluations."""
    evaluations, steps = history["evaluations"], history["steps"]
    if len(evaluations) < 3 or not steps:
        return None
    best = next(e for e in evaluations if e["step"] == history["best_step"])
    last, middle = evaluations[-1], evaluations[len(evaluations) // 2]
    at_best, at_end = _loss(steps, best["step"]), _loss(steps, last["step"])
    curve = f"validation AP50 {_points(best)} at step {best['step']}, {_points(last)} at step {last['step']}"
    loss = f"training loss {at_best:.3g}, then {at_end:.3g}"
    if not best["AP50"] and best is last:
        return "underfit", (
            f"Nothing found yet: validation AP50 is 0 at each of {len(evaluations)} evaluations, the last at step "
            f"{last['step']}; training loss {_loss(steps, evaluations[0]['step']):.3g} at the first of them, {at_end:.3g} at the "
            "last. Train longer; if the loss does not fall, see with --preflight 200 whether anything can be learned."
        )
    if best["AP50"] - last["AP50"] > CLEARLY and at_end < at_best:
        return "overfit", (
            f"Overfit from step {best['step']} on: {curve}, while the training pictures were still learned ({loss}). The best "
            "weights are kept; more, or more varied, pictures or stronger augmentation would help."
        )
    if best is last and last["AP50"] - middle["AP50"] > CLEARLY:
        return "underfit", (
            f"Not finished: validation AP50 rose from {_points(middle)} at step {middle['step']} to {_points(last)} at the last "
            f"step, {last['step']}: train longer."
        )
    return "level", f"Levelled off: {curve} ({loss}): more steps alone will not help."


def _loss(steps: Sequence[Mapping[str, float]], at: int) -> float:
    """Classification and localisation loss around a step: the mean of the five logged last before it."""
    until = [entry for entry in steps if entry["step"] <= at][-5:] or steps[:1]
    return sum(entry["classification_loss"] + entry["localization_loss"] for entry in until) / len(until)


def _points(evaluation: Mapping[str, float]) -> str:
    return f"{100 * evaluation['AP50']:.1f}"


def reliability(calibration: Mapping[str, Any]) -> str:
    """The reliability diagram as SVG; empty where nothing was detected."""
    from matplotlib.figure import Figure

    bins = calibration["bins"]
    if not bins:
        return ""
    figure = Figure(figsize=(4.2, 3.2))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#98a2b3", lw=1, ls="--", label="honest")
    scores, right = ([one[key] for one in bins] for key in ("score", "right"))
    axes.plot(scores, right, color="#0b6e99", marker="o", ms=4, label="this detector")
    for one in bins:
        axes.annotate(
            f"{one['number']:,}",
            (one["score"], one["right"]),
            (0, 6),
            textcoords="offset points",
            fontsize=6,
            ha="center",
        )
    axes.set(xlim=(0, 1), ylim=(0, 1.05), xlabel="score", ylabel="share that is right at IoU 0.5")
    axes.legend(fontsize=7, frameon=False, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)
    return page_base.svg(figure)
