"""Finds the images of annotation files that belong to one image each, such as xml and txt, under another spelling."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.names import match_names
from boxwright.convert.reading.names.match_names import Wanted


def respell(places: Mapping[Path, Path], names: Iterable[Callable[[Path], str]], folder: Folder) -> dict[Path, Path]:
    """The images that are not at their places and were found elsewhere, by annotation file.

    places: where each annotation file expects its image. names: what the image of an annotation file may be called; the first
    name counts most.
    """
    lost = [label for label, place in places.items() if str(place) not in folder.listed]
    if not lost:
        return {}
    used = {str(place) for place in places.values()}
    found: dict[Path, Path] = {}
    for name in names:
        wanted = {each: Wanted(name(each), folder.split_of(each), str(each)) for each in lost if each not in found}
        free = [file for file in folder.image_files if str(file) not in used]
        matches = match_names.match(
            wanted.values(), free, (Path(place) for place in used if place in folder.listed), folder
        )
        found |= {label: matches[each] for label, each in wanted.items() if each in matches}
        used |= {str(file) for file in found.values()}
    return found


def by_label(found: Mapping[Path, Path], folder: Folder) -> dict[str, Path]:
    """The images that were found, by the relative names of their annotation files."""
    return {str(label.relative_to(folder.root)): file for label, file in found.items()}
