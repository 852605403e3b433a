"""Images outside of the data folder, where links in it or paths in its annotations lead: quarantined, or read on request."""

import os
from collections.abc import Sequence
from pathlib import Path

from boxwright.convert import notices
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.source import Image
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.records import losses
from boxwright.core.runtime.errors import UserError

REASON = "outside"


def settle(folder: Folder, images: Sequence[Image]) -> tuple[list[Image], list[Finding]]:
    """The images with the real paths of their files, and what is to be said about files outside of the data folder.

    An image outside gets the fault `outside`, unless links are followed. Without links, no path is resolved.
    """
    settled = [_settled(image, folder) for image in images]
    if folder.follow_links:
        texts = (path for path in map(str, folder.other_files) if not folder.is_inside(path))
        used = (str(i.file) for i in settled if i.fault is None and not folder.is_inside(str(i.file)))
        return settled, _followed_notices([*texts, *used], folder, len(images))
    lost = tuple(image.filename for image in settled if image.fault and image.fault.reason == REASON)
    return settled, [_lost_notice(lost, len(images))] if lost else []


def _settled(image: Image, folder: Folder) -> Image:
    path = str(image.file)
    real = folder.real.get(path)
    if image.fault or (real is None and (path in folder.listed or not os.path.exists(path))):
        return image
    if folder.may_read(path):
        return image._replace(file=Path(real or os.path.realpath(path)))
    return image.with_fault(REASON, "the file of the image lies outside of the data folder")


def refuse(config: Path, path: str) -> UserError:
    """The error for a configuration that names a file outside of the data folder. path: as it names it, or where it leads."""
    return UserError(
        f"{config} names {path[:200]}, outside of --data; copy it into the folder and name the copy, or pass --follow-links, if "
        "you trust whoever made the data"
    )


def _lost_notice(names: tuple[str, ...], count: int) -> Finding:
    where = (
        f"{plurals.count(len(names), 'image', 'lies')} outside of --data, where links or paths in the annotations lead"
    )
    return notices.build(
        "outside_files", "Images outside of the data folder were not read", f"{where} (first: {names[0][:200]})",
        count=len(names), of=count, severity=losses.severity(len(names), count), items=names,
        remedy="Copy them into the folder, or give --data the folder above both. If you trust whoever made the data, re-run with "
        "--follow-links, which reads files outside.",
    )  # fmt: skip


def _followed_notices(paths: Sequence[str], folder: Folder, count: int) -> list[Finding]:
    if not paths:
        return []
    first = os.path.relpath(folder.real.get(paths[0], paths[0]), folder.root)
    return [
        notices.build(
            "outside_files_read", "Files outside of the data folder were read",
            f"--follow-links: {plurals.count(len(paths), 'file', 'was')} read outside of --data, where links or paths in the "
            f"annotations lead (first: {first})", count=len(paths), of=max(count, len(paths)), what="files",
        )
    ]  # fmt: skip
