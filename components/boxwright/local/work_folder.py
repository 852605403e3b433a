"""The folder that a run works in. Only one run at a time uses it, and results of an earlier run are removed first."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from boxwright.core.runtime.errors import UserError
from boxwright.core.storage.uri import in_bucket
from boxwright.lineage import records
from boxwright.local import publish

# Written when a run ends, and removed when the next one starts: if that one fails, no old results may remain.
FINAL_FILES = ("report.html", "summary.json", records.FILE)
# Locked while a run is active. The file stays in the folder afterwards.
LOCK = ".lock"


@contextmanager
def opened(out: str) -> Iterator[Path]:
    """The local folder of --out, locked and without the results of an earlier run. If `out` is in a bucket, the results are
    published at the end. Raises UserError if the folder is in use, is not the folder of a run, or cannot be written."""
    folder = publish.local_folder(out)
    require_run_folder(folder)
    with locked(folder):
        remove(folder)
        with publish.publishing(out, folder) if in_bucket(out) else nullcontext():
            yield folder


def require_run_folder(folder: Path) -> None:
    """Raises UserError if the folder has a file with the name of a run's result, but no run has used the folder."""
    foreign = [name for name in publish.RESULTS if (folder / name).exists()]
    if foreign and not any((folder / name).exists() for name in (LOCK, records.FILE)):
        raise UserError(
            f"--out {folder}: this run would overwrite {foreign[0]}, which no run has written; choose another folder, or move "
            "the file"
        )


def remove(folder: Path, names: Sequence[str] = FINAL_FILES) -> None:
    """Removes these results of an earlier run. Its artifacts below `steps` are kept."""
    for name in names:
        (folder / name).unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder's lock. Raises UserError if the folder cannot be written or another run is using it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("w", encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"--out {folder}: this folder cannot be written ({error.strerror}); choose a folder that you can write"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                f"--out {folder}: another run is using this folder; wait for it, or choose another folder"
            ) from None
        yield
