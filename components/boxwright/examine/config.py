"""Examines a detector that Boxwright did not make: how good it is on this data, what it misses and why, and whether it is used
in the right way.

It tries other ways to feed the detector and to read its numbers on a few dozen images: red and blue exchanged, another range of
pixels, class numbers shifted by one or in another order, boxes in another order or unit, a cap of detections. If one of them is
better beyond its noise, the detector may be fine, and what stands around it is wrong.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Bounds, Input, Output, StepConfig

FED = {
    "RGB": "channels", "BGR": "channels", "-1..1": "scaling", "0..1": "scaling", "0..255": "scaling", "stretch": "fit",
    "letterbox": "fit",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    detector: Annotated[str, Input()]
    """The detector: a .tflite file of any tool, a SavedModel folder or frozen graph (.pb) of the OD API's exporters, or
    detections as COCO json. Two of them with a comma between them are compared, such as a float and an int8
    file. A model and the detections that your program made with it (.json) tell how your program feeds it."""
    records: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote. The detector is measured on its val and test images."""
    findings: Annotated[str, Input("Artifact")] = ""
    """findings.json that diagnose wrote: misses are joined with its findings. Empty: with sizes, light and anchors only."""
    labels: Annotated[str, Input()] = ""
    """File with the detector's class names in the order of its class numbers: one a line, or a label map (.pbtxt). Empty: the
    names in the detector's file, or in labels.txt or labelmap.txt beside it; if there are none, the data's order."""
    image_ids: Annotated[str, Input()] = ""
    """For detections as json: the COCO file that their image ids are of. Empty: the ids are the file names, or the numbers in
    them."""
    fed: str = ""
    """How your program feeds the detector, as words with commas between them: RGB or BGR, -1..1, 0..1 or 0..255, stretch or
    letterbox. What is left out is taken as usual for this kind of file."""
    threads: Annotated[int, Bounds(1, 64)] = 1
    """Threads that your program gives LiteRT."""
    trial_images: Annotated[int, Bounds(8, 1000)] = 48
    """Images on which other ways to use the detector are tried."""
    most_images: Annotated[int, Bounds(8)] = 1000
    """Images of each split on which it is measured."""
    examination: Annotated[Path, Output("Artifact")] = Path("examination")
    """Output folder: examination.json, detections.json and groundtruth.json (COCO), misses.csv (one row for each missed object
    and each false alarm, with what may explain it)."""
    page: Annotated[Path, Output("HTML")] = Path("examination.html")
    """Output: the same as one page."""

    def __post_init__(self) -> None:
        """Raises UserError for an unknown word in `fed`, and for two that contradict each other."""
        super().__post_init__()
        kinds = [FED.get(word, "") for word in self.fed_words]
        if "" in kinds or len(set(kinds)) < len(kinds):
            raise UserError(
                f"--fed {self.fed}: expected words of {', '.join(FED)}, at most one of each kind, with commas between them"
            )

    @property
    def fed_words(self) -> list[str]:
        return [word.strip() for word in self.fed.split(",") if word.strip()]
