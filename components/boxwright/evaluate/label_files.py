"""The class names of a detector: from a file that the user names, from inside the detector, or from a file beside it."""

from collections.abc import Sequence
from pathlib import Path

from boxwright.core import labels as label_maps
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError

# Files beside a detector that hold its class names.
_BESIDE = ("labels.txt", "labelmap.txt", "label_map.pbtxt", "labelmap.pbtxt")


def names_of(path: Path, given: str, inside: Sequence[str]) -> list[str]:
    """Class names in the order of the detector's class numbers: from the file that the user named, from inside the detector, or
    from a file beside it; empty if there are none. Raises UserError if a named file is missing or damaged."""
    if given:
        return read(Path(given))
    if inside:
        return list(inside)
    folder = path if path.is_dir() else path.parent
    beside = next((folder / name for name in _BESIDE if (folder / name).is_file()), None)
    return read(beside) if beside else []


def read(file: Path) -> list[str]:
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
