"""Detects which format a folder holds, and reads it."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from boxwright.convert import formats, notices
from boxwright.convert.reading import outside
from boxwright.convert.reading.files import Folder, list_folder, relative_name
from boxwright.convert.reading.names import near_names
from boxwright.convert.reading.other_tools import beside, picture_folders, recognise
from boxwright.convert.reading.reader import Reader
from boxwright.convert.reading.source import Image, Source
from boxwright.convert.splits import split_notices
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.records import losses
from boxwright.core.runtime.errors import UserError

AUTO = "auto"
Found = dict[str, list[Path]]
# Why an image that nothing annotates is not used.
_BARE = ("unlisted", "unlabelled")


def open_folder(data: Path, follow_links: bool = False) -> Folder:
    """The files of `--data`. follow_links: files outside of it may be read, where links and annotations lead.

    Raises UserError if it does not exist, cannot be listed, or is a file that no format can be, and for links that lead outside.
    """
    if not data.exists():
        raise UserError(f"--data {data} does not exist; give the folder that holds the images and their annotations")
    if data.is_file() and not _readers_of(data):
        what = recognise.describe(data)
        do = f"it {what}" if what else f"{formats.expected()}: give their folder (unpack an archive first)"
        raise UserError(f"--data {data} is a file; {do}")
    return list_folder(data, follow_links)


def read(folder: Folder, wanted: str = AUTO, column: str = "") -> Source:
    """Reads the annotations of a folder.

    wanted: a format, or `auto`. column: the field that names an image's source, for formats that have columns. Raises UserError
    when there is nothing to read, or when the format is not certain.
    """
    found = _find(folder)
    name = _choose(folder, found, wanted)
    reader = formats.readers()[name]
    if folder.data.is_dir():
        _check_damage(reader, set(folder.other_files) - set(found[name]))
    source = reader.read(folder, found[name], column if reader.has_columns else "")
    if not reader.extracts:
        source.images, moved = outside.settle(folder, near_names.explain(folder, source.images))
        source.notices += moved
    source.notices += split_notices.build(folder, found[name], source.images)
    source.notices += _ignored_notices(name, found, source.images) + _not_a_file_notices(folder)
    source.notices += beside.find(folder, source.images, set(chain.from_iterable(found.values())))
    return source


def _readers_of(file: Path) -> dict[str, Reader]:
    """The formats in which one file of this suffix can be a whole data set."""
    return {name: r for name, r in formats.readers().items() if file.suffix.lower() in r.set_suffixes}


def _find(folder: Folder) -> Found:
    """The annotation files by format. If `--data` is a single file, only that file is looked at."""
    data = folder.data
    readers: Mapping[str, Reader] = _readers_of(data) if data.is_file() else formats.readers()
    found = {name: reader.find(folder) for name, reader in readers.items()}
    if data.is_file():
        found = {name: [file for file in files if file == folder.root / data.name] for name, files in found.items()}
    return {name: files for name, files in found.items() if files}


def _check_damage(reader: Reader, others: Iterable[Path]) -> None:
    """Raises UserError for a damaged annotation file: without it, a whole split could be missing unnoticed."""
    for file in sorted(others):
        near = reader.near_miss(file)
        if near and near.damaged:
            raise UserError(f"{file} {near.why}; repair it, or move it out of the data")


def _not_a_file_notices(folder: Folder) -> list[Finding]:
    suffixes = {suffix for reader in formats.readers().values() for suffix in reader.set_suffixes}
    lost = [f for f in folder.other_files if f.suffix.lower() in suffixes and not os.path.isfile(f)]
    if not lost:
        return []
    names = tuple(relative_name(file, folder.root) for file in lost)
    claim = f"{plurals.count(len(lost), 'file', 'was')} not read (pipes or broken links): {', '.join(names[:5])}"
    return [
        notices.build(
            "no_file", "Files that may list images could not be read", claim, count=len(lost), of=len(folder.other_files),
            what="files", severity="medium", items=names, remedy="Copy the files that the links name into the data.",
        )
    ]  # fmt: skip


def _ignored_notices(name: str, found: Found, images: Sequence[Image]) -> list[Finding]:
    """One notice for each other format. It is more than a note if the format that is read has no annotation for many images."""
    total = sum(map(len, found.values()))
    bare = sum(not image.labelled or (image.fault is not None and image.fault.reason in _BARE) for image in images)
    many = losses.matters(bare, len(images))
    hint = f", which has no annotation for {bare} of {len(images)} images" if many else ""
    return [
        notices.build(
            "ignored", f"The {kind} files were ignored" + (", while images have no annotation" if many else ""),
            f"{plurals.count(len(files), f'{kind} file', 'was')} ignored (first {files[0].name}): the data was read as "
            f"{name}{hint}",
            count=len(files), of=total, what="annotation files", subject=kind, severity="medium" if many else "info",
            remedy=f"If the {kind} files are the right ones, re-run with --format {kind}.",
        )
        for kind, files in found.items()
        if kind != name
    ]  # fmt: skip


def _choose(folder: Folder, found: Found, wanted: str) -> str:
    """The format to read. Raises UserError if there is none, or more than one."""
    data, files, readers = folder.data, folder.files, formats.readers()
    if not files:
        raise UserError(f"--data {data} is an empty folder; {formats.expected()}, with the images")
    if wanted != AUTO and wanted not in found:
        why = "; ".join([_found(files), *_why_wanted(folder, readers[wanted], found)])
        raise UserError(f"--data {data} holds no {wanted} annotations: {why}")
    if wanted != AUTO:
        return wanted
    if not found:
        why = "; ".join([_found(files), *_why_nothing(folder)])
        raise UserError(f"--data {data} holds no annotations: {why}")
    originals = {name: files for name, files in found.items() if not readers[name].derived} or found
    if len(originals) > 1:
        which = ", ".join(f"{name} ({len(files)}, first {files[0].name})" for name, files in originals.items())
        raise UserError(f"--data {data} holds annotations of several formats: {which}; choose one with --format")
    return next(iter(originals))


def _why_wanted(folder: Folder, reader: Reader, found: Found) -> list[str]:
    """Why no file has the format that the user wants, and what to do, as parts of a sentence."""
    if near := _near_misses(folder, [reader]):
        return [*near, f"{_repair(near)}, or leave --format out"]
    known = [] if found else list(recognise.sentences(folder).values())
    return [*known, "leave --format out, or correct it"]


def _why_nothing(folder: Folder) -> list[str]:
    """Why no file has any format, and what to do, as parts of a sentence. The tool that wrote the files says most, then a file
    that nearly has a format, then what the images are."""
    readers = formats.readers().values()
    damaged = _near_misses(folder, readers, damaged=True)
    if not damaged and (known := recognise.sentences(folder)):
        return list(known.values())
    if near := damaged or _near_misses(folder, readers):
        return [*near, f"{_repair(near)}, or give annotations as {formats.listed()}"]
    return [*filter(None, [picture_folders.describe(folder)]), formats.expected()]


def _repair(near: Sequence[str]) -> str:
    return "repair that file" if len(near) == 1 else "repair these files"


def _found(files: list[Path]) -> str:
    """`found 12 .jpg, 3 .csv`: what the folder holds."""
    kinds = Counter(file.suffix.lower() or "without suffix" for file in files)
    return "found " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common(6))


def _near_misses(folder: Folder, readers: Iterable[Reader], *, damaged: bool = False) -> list[str]:
    """Why the first files that look like annotations are not read. damaged: only those that are certainly annotations."""
    files = [folder.root / folder.data.name] if folder.data.is_file() else folder.other_files
    lost = ((file, "is a pipe or a broken link") for file in files if not damaged and not os.path.isfile(file))
    found = ((file, reader.near_miss(file)) for reader in readers for file in files)
    near = ((file, near.why) for file, near in found if near and near.damaged >= damaged)
    return [f"{relative_name(file, folder.root)} {why}" for file, why in islice(chain(lost, near), 3)]
