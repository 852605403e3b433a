"""Opens a foreign detector, whatever its file is, with its class names."""

from collections.abc import Sequence
from pathlib import Path

from boxwright.core import labels as label_maps
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError
from boxwright.examine.running.detections_json import JsonSource, image_names
from boxwright.examine.running.graph_source import GraphSource
from boxwright.examine.running.tflite_source import TfliteSource
from boxwright.examine.trial import Source

# Files beside a detector that hold its class names.
_BESIDE = ("labels.txt", "labelmap.txt", "label_map.pbtxt", "labelmap.pbtxt")
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


def labels(path: Path, given: str, inside: Sequence[str]) -> list[str]:
    """Class names in the order of the detector's class numbers: from the file that the user named, from inside the detector, or
    from a file beside it; empty if there are none. Raises UserError if a named file is missing or damaged."""
    if given:
        return read_labels(Path(given))
    if inside:
        return list(inside)
    folder = path if path.is_dir() else path.parent
    beside = next((folder / name for name in _BESIDE if (folder / name).is_file()), None)
    return read_labels(beside) if beside else []


def read_labels(file: Path) -> list[str]:
    """The names of a file with one a line, or of a label map. A first line `???` stands for the background, and is left out.

    A line `0 cat` or `0: cat` gives `cat`. Raises UserError if it is missing or is no text.
    """
    if not file.is_file():
        raise UserError(
            f"--labels {file} does not exist; give a file with one class name a line, or a label map (.pbtxt)"
        )
    if file.suffix == ".pbtxt":
        return [item.class_name for item in label_maps.read(file)]
    with file.open("rb") as opened:
        content = limits.read_at_most(opened, limits.NAMES_BYTES, file)
    try:
        lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise UserError(f"--labels {file} is no UTF-8 text; give a file with one class name a line") from None
    names = numbered([line for line in lines if line])
    return names[1:] if names[:1] in (["???"], ["background"]) else names


def numbered(lines: Sequence[str]) -> list[str]:
    """The names without their numbers, if each line begins with its own: `0 cat`, `1: dog`."""
    split = [line.replace(":", " ", 1).split(None, 1) for line in lines]
    if lines and all(len(one) == 2 and one[0].isdecimal() for one in split):
        return [name for _, name in split]
    return list(lines)
