"""The outputs of evaluate about one detector, and the pictures that the steps drew."""

from dataclasses import dataclass
from pathlib import Path

from boxwright.core.artifacts import coco, errors, metrics
from boxwright.core.artifacts.coco import Detection, GroundTruth
from boxwright.core.artifacts.errors import Errors
from boxwright.core.artifacts.metrics import Metrics
from boxwright.core.html import page_base
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError

# A plot of precision and recall of 1,000 classes has 2.5 MiB.
SVG_BYTES = 64 * limits.MIB


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What evaluate wrote about one detector. precision_recall: the SVG file as a data URI."""

    metrics: Metrics
    groundtruth: GroundTruth
    detections: list[Detection]
    precision_recall: str
    errors: Errors

    @property
    def images(self) -> int:
        return len(self.groundtruth["images"])


def read(folder: Path) -> Evaluation:
    return Evaluation(
        metrics=metrics.read(folder / metrics.FILE),
        groundtruth=coco.read_groundtruth(folder / coco.GROUNDTRUTH),
        detections=coco.read_detections(folder / coco.DETECTIONS),
        precision_recall=read_svg(folder / "precision_recall.svg"),
        errors=errors.read(folder / errors.FILE),
    )


def read_svg(path: Path) -> str:
    """A picture as a data URI. The page shows it as an image, because the folder may be a stranger's: see `page_base.svg_uri`."""
    try:
        with path.open("rb") as file:
            picture = limits.read_at_most(file, SVG_BYTES, path)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; give the folder as its step wrote it") from None
    if b"<svg" not in picture:
        raise UserError(f"{path} is damaged: run the step that wrote it again")
    return page_base.svg_uri(picture)
