"""Runs the step: see config.py."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from boxwright.core.artifacts import parity as artifact
from boxwright.core.artifacts.parity import Calibration, Compared, Parity
from boxwright.core.od_api import detection_model, saved_models
from boxwright.core.runtime import atomic_dirs
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.core.tflite import LABELS
from boxwright.export import calibration_images, parity, tflite_conversion, tflite_metadata
from boxwright.export.config import Config

PARITY_IMAGES = 24
_ENOUGH_IMAGES = 100


def run(config: Config) -> Result:
    """Exports and writes the outputs.

    Raises UserError if the model is missing or damaged, if there is no training image or a damaged one, if an output folder
    holds other files, or if the float32 file disagrees with the model. In the last case the files are kept for inspection.
    """
    images = calibration_images.images(config.records, split="train", count=config.calibration_images)
    if not images:
        raise UserError(
            f"{config.records}: there is no training image to calibrate int8; convert data with images in its train split"
        )
    markers = ("saved_model.pb", artifact.FILE)
    with atomic_dirs.staged((config.saved_model, config.tflite), markers) as (saved_model, tflite):
        size = write_files(config.model, images, saved_model, tflite)
        measured = parity.measure(config.model, tflite, config.records, PARITY_IMAGES)
        report = Parity(
            input_size=size,
            calibration=Calibration(images=len(images), asked=config.calibration_images),
            **measured._asdict(),
            notices=tuple(notices(len(images), measured)),
        )
        artifact.write(tflite / artifact.FILE, report)
    for notice in report.notices:
        print(f"warning: {notice}", file=sys.stderr)
    if not parity.agrees(report.float32):
        raise UserError(disagreement(config, report.float32))
    return result(config, report)


def write_files(trained: Path, images: Sequence[bytes], saved_model: Path, tflite: Path) -> int:
    """Writes SavedModel, both TFLite files and labels.txt; returns the input size in pixels."""
    model, recipe = detection_model.load(trained)
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


def notices(used: int, measured: parity.Measured) -> list[str]:
    """Warnings for the user of the files. used: number of images that calibrated int8."""
    found = []
    if used < _ENOUGH_IMAGES:
        found.append(
            f"int8 was calibrated on only {used} distinct training images; {_ENOUGH_IMAGES} or more give a more accurate file"
        )
    if measured.float32.matched is None:
        found.append(
            "the model has no clear detections, so the files could not be compared with it; check its validation AP"
        )
    if not parity.usable(measured.int8):
        matched, least = measured.int8.matched, parity.MATCHED_SHARE
        found.append(f"the int8 file finds only {matched:.0%} of the model's detections (expected {least:.0%} or more)")
    return found


def disagreement(config: Config, compared: Compared) -> str:
    """The error for a float32 file that gives other detections than the trained model."""
    return (
        f"{config.tflite}/float32.tflite disagrees with the trained model {config.model}: only {compared.same:.1%} of "
        f"{compared.detections} detections have the same box and score within {parity.SAME:g} (greatest difference: box "
        f"{compared.box_max}, score {compared.score_max}). This is a bug in the conversion, not a problem with your data. "
        "Do not ship the file, and report the bug with parity.json."
    )


def result(config: Config, report: Parity) -> Result:
    """The step's metadata and headline."""
    sizes = {name: (config.tflite / f"{name}.tflite").stat().st_size for name in ("float32", "int8")}
    shares = {"float32": report.float32.matched, "int8": report.int8.matched}
    return Result(
        artifacts={
            "saved_model": {"input": "uint8 image", "input_size": report.input_size},
            "tflite": {f"{name}_bytes": size for name, size in sizes.items()}
            | {f"{name}_matched": share for name, share in shares.items() if share is not None}
            | {"calibration_images": report.calibration.images},
        },
        headline=f"exported: float32 {sizes['float32'] / 1e6:.1f} MB, int8 {sizes['int8'] / 1e6:.1f} MB"
        + (agreement(report) if None not in shares.values() else "")
        + "".join(f"; {notice}" for notice in report.notices),
    )


def agreement(report: Parity) -> str:
    """The part of the headline on the shares of matched detections."""
    return (
        f"; float32 finds {report.float32.matched:.1%} and int8 {report.int8.matched:.1%} of the trained model's "
        f"{report.float32.detections} clear detections on {report.images} {report.split} images"
    )
