"""Folders that appear complete or not at all."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from boxwright.core.errors import UserError


@contextmanager
def staged(targets: Sequence[Path], marks: Sequence[str]) -> Iterator[list[Path]]:
    """Yields a folder to write in for each target and moves them into place when all went well.

    marks: the file by which a target is known as an earlier output, which is then replaced.
    Raises UserError when a target holds anything else, is named twice, or cannot be written.
    """
    targets = [target.resolve() for target in targets]
    for target, mark in zip(targets, marks, strict=True):
        _check_free(target, mark)
        if targets.count(target) > 1:
            raise UserError(f"{target} is given for two outputs of one step; choose a folder for each")
    folders: list[Path] = []
    try:
        folders += [_aside(target) for target in targets]
        yield folders
        for folder, target in zip(folders, targets, strict=True):
            if target.exists():
                shutil.rmtree(target)
            folder.rename(target)
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def _check_free(target: Path, mark: str) -> None:
    if target.is_dir() and (not any(target.iterdir()) or (target / mark).exists()):
        return
    if target.exists():
        raise UserError(
            f"{target} exists and is not an earlier output of this step (no {mark} in it); choose another folder"
        )


def _aside(target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = target.parent / f".{target.name}.partial-{os.getpid()}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder
    except OSError as error:
        raise UserError(
            f"{target} cannot be written: {error.strerror} ({error.filename}); choose a folder you have rights on"
        ) from None
