"""Names the files that come near a missing image. They may be other pictures, so they are not used."""

import difflib
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from boxwright.convert.reading.files import Folder, relative_name
from boxwright.convert.reading.names import spellings
from boxwright.convert.reading.source import Fault, Image

NEAR = "; near: "
_MISSING = "missing"
_MOST_NEAR = 3
# Comparing the letters of two names takes up to a millisecond. A person looks at the first images only.
_MOST_COMPARED, _MOST_LOOKED_AT, _LONGEST_COMPARED = 1_000, 3, 60
_LIKENESS = 0.75
_LONGEST = 200


def explain(folder: Folder, images: list[Image]) -> list[Image]:
    """The images, of which those that are missing name what comes near."""
    lost = [number for number, image in enumerate(images) if _is_missing(image, folder)]
    if not lost:
        return images
    explained, near = list(images), _Near(folder.image_files)
    for count, number in enumerate(lost):
        names = near.of(images[number], by_letters=count < _MOST_LOOKED_AT)
        if names:
            why = images[number].fault or Fault(_MISSING, "no such file")
            text = ", ".join(relative_name(file, folder.root)[:_LONGEST] for file in names)
            explained[number] = images[number].with_fault(_MISSING, f"{why.value}{NEAR}{text}")
    return explained


def _is_missing(image: Image, folder: Folder) -> bool:
    if image.fault:
        return image.fault.reason == _MISSING
    return str(image.file) not in folder.listed and not os.path.exists(image.file)


class _Near:
    def __init__(self, files: Iterable[Path]):
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        for file in files:
            self._by_name[spellings.without_prefix(file.name)].append(file)
        self._names = [name for name in self._by_name if len(name) <= _LONGEST_COMPARED][:_MOST_COMPARED]

    def of(self, image: Image, *, by_letters: bool) -> list[Path]:
        """The files with the name of an image in any spelling, else one whose name has nearly the same letters."""
        last = (spellings.parts(image.filename) or ("",))[-1]
        name = spellings.without_prefix(last.removesuffix(".txt"))
        if name not in self._by_name and by_letters and len(name) <= _LONGEST_COMPARED:
            name = next(iter(difflib.get_close_matches(name, self._names, 1, _LIKENESS)), "")
        return self._by_name.get(name, [])[:_MOST_NEAR]
