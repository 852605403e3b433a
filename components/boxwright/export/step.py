"""Runs the step: see config.py."""

import json
import sys
import tempfile
from pathlib import Path

from boxwright.core.runtime import atomic_dirs
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.export.config import Config

PARITY_IMAGES = 24
PARITY = "parity.json"


def run(config: Config) -> Result:
    """Raises UserError when there is no model, no training image, when an output folder holds other files, or when the float32
    file disagrees with the model; in that last case the files are there for a look."""
    from boxwright.export import calibration_images, parity

    images = calibration_images.images(config.records, split="train", count=config.calibration_images)
    if not images:
        raise UserError(
            f"{config.records}: no training image to calibrate int8 with; convert data that has a train split"
        )
    with atomic_dirs.staged((config.saved_model, config.tflite), ("saved_model.pb", PARITY)) as (saved_model, tflite):
        size = write_files(config.model, images, saved_model, tflite)
        calibrated = {"images": len(images), "asked": config.calibration_images, "seed": 0}
        report = {"input_size": size, "calibration": calibrated}
        report |= parity.measure(config.model, tflite, config.records, PARITY_IMAGES)
        report["notices"] = notices(report)
        (tflite / PARITY).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for notice in report["notices"]:
        print(f"warning: {notice}", file=sys.stderr)
    if not parity.agrees(report["float32"]):
        raise UserError(disagreement(config, report["float32"]))
    return result(config, report)


def write_files(trained: Path, images: list, saved_model: Path, tflite: Path) -> int:
    """Writes SavedModel, both TFLite files and labels.txt; returns the input size in pixels."""
    from boxwright.core.od_api import detection_model as models
    from boxwright.core.od_api import saved_models
    from boxwright.core.tflite import LABELS
    from boxwright.export import tflite_conversion, tflite_metadata

    model, recipe = models.load(trained)
    saved_models.save_for_serving(model, saved_model)
    with tempfile.TemporaryDirectory() as temporary:
        graph = Path(temporary) / "graph"
        saved_models.save_for_tflite(model, recipe, graph)
        files = {
            "float32": tflite_conversion.float32(graph),
            "int8": tflite_conversion.int8(graph, images, recipe.input_size),
        }
    for name, data in files.items():
        (tflite / f"{name}.tflite").write_bytes(tflite_metadata.with_labels(data, recipe.classes))
    (tflite / LABELS).write_text(tflite_metadata.labels_text(recipe.classes), encoding="utf-8")
    return recipe.input_size


def notices(report: dict) -> list[str]:
    """What a person should know before using the files."""
    from boxwright.export import parity

    found = []
    used = report["calibration"]["images"]
    if used < 100:
        found.append(f"int8 was calibrated on {used} distinct training images; 100 and more are better")
    if report["float32"]["matched"] is None:
        found.append("the model detects nothing clearly, so there was nothing to compare the files by: has it learned?")
    if not parity.usable(report["int8"]):
        matched, least = report["int8"]["matched"], parity.MATCHED_SHARE
        found.append(
            f"only {matched:.0%} of the model's detections are in the int8 file's too (expected {least:.0%} and more)"
        )
    return found


def disagreement(config: Config, compared: dict) -> str:
    return (
        f"{config.tflite}/float32.tflite disagrees with the trained model {config.model}: of {compared['detections']} "
        f"detections only {compared['same']:.1%} have the same box and score within 0.001 (greatest difference: box "
        f"{compared['box_max']}, score {compared['score_max']}). This is a fault of the conversion, not of your data: "
        "do not ship the file, and report it with parity.json."
    )


def result(config: Config, report: dict) -> Result:
    sizes = {name: (config.tflite / f"{name}.tflite").stat().st_size for name in ("float32", "int8")}
    shares = {name: report[name]["matched"] for name in sizes}
    return Result(
        artifacts={
            "saved_model": {"input": "uint8 image", "input_size": report["input_size"]},
            "tflite": {f"{name}_bytes": size for name, size in sizes.items()}
            | {f"{name}_matched": share for name, share in shares.items() if share is not None}
            | {"calibration_images": report["calibration"]["images"]},
        },
        headline=f"exported: float32 {sizes['float32'] / 1e6:.1f} MB, int8 {sizes['int8'] / 1e6:.1f} MB"
        + (agreement(report) if None not in shares.values() else "")
        + "".join(f"; {notice}" for notice in report["notices"]),
    )


def agreement(report: dict) -> str:
    return (
        f"; of {report['float32']['detections']} clear detections of the trained model on {report['images']} "
        f"{report['split']} images float32 finds {report['float32']['matched']:.1%}, int8 {report['int8']['matched']:.1%}"
    )
