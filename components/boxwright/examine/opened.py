"""Opens a foreign detector, whatever its file is, with its class names."""

from collections.abc import Sequence
from pathlib import Path

from boxwright.core.runtime.errors import UserError
from boxwright.examine.running.detections_json import JsonSource, image_names
from boxwright.examine.running.graph_source import GraphSource
from boxwright.examine.running.tflite_source import TfliteSource
from boxwright.examine.trial import Source

_EXPECTED = "expected a .tflite file, a SavedModel folder, a frozen graph (.pb), or detections as COCO json (.json)"


def open_detector(path: Path, files: Sequence[str], classes: int, image_ids: str) -> Source:
    """The detector. files: names of the data's images. classes: number of the data's classes.

    Raises UserError if the file is missing, of another kind, or damaged. What decides is the content, not the name.
    """
    if path.is_dir():
        return GraphSource(path)
    if not path.is_file():
        raise UserError(f"{path} does not exist; {_EXPECTED}")
    with path.open("rb") as file:
        start = file.read(64)
    if start[4:8] == b"TFL3":
        return TfliteSource(path, classes)
    if start.lstrip()[:1] in (b"[", b"{"):
        return JsonSource(path, files, image_names(Path(image_ids)) if image_ids else {})
    if path.suffix.lower() == ".pb":
        return GraphSource(path)
    raise UserError(f"{path} is not a detector that can be examined; {_EXPECTED}")
