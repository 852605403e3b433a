"""Annotations that no format reads, beside a data set that was read: one split or folder may be in the form of another tool."""

from collections.abc import Collection, Sequence
from pathlib import Path

from boxwright.convert import notices
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.other_tools import recognise
from boxwright.convert.reading.source import Image
from boxwright.core import plurals
from boxwright.core.findings import Finding

# Fewer images without annotation, or a smaller share, are stray files: then no file is opened.
_LEAST, _SHARE = 3, 0.02


def find(folder: Folder, images: Sequence[Image], read: Collection[Path]) -> list[Finding]:
    """images: all that were read. read: the annotation files of all formats that were found.

    Opens files only if many images have no annotation.
    """
    names = tuple(image.filename for image in images if not image.objects)
    if folder.data.is_file() or len(names) < max(_LEAST, _SHARE * len(images)):
        return []
    known = recognise.sentences(folder, read, tools_only=True)
    if not known:
        return []
    return [
        notices.build(
            "annotations_not_read", "Annotations in a form that is not read lie beside images without objects",
            f"{plurals.count(len(names), 'image', 'has')} no object (first {names[0][:200]}), and beside them: "
            f"{'; '.join(known.values())}",
            count=len(names), of=len(images), severity="medium", items=names[:1000],
            remedy="If these files hold annotations of the images, give them in a form that is read. Otherwise move them away.",
        )
    ]  # fmt: skip
