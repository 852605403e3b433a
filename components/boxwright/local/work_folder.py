"""The folder that a run works in. Only one run at a time uses it, and results of an earlier run are removed first."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from boxwright.core.runtime import digests, limits, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage.uri import in_bucket
from boxwright.lineage import records
from boxwright.local import publish

# Written when a run ends, and removed when the next one starts: if that one fails, no old results may remain.
FINAL_FILES = ("report.html", "summary.json", records.FILE)
# Locked while a run is active. The file stays in the folder afterwards.
LOCK = ".lock"
# The digests of the results, by name: a result with another digest is somebody's own file.
WRITTEN = ".written_by_boxwright"
# Other files and folders that a run writes to.
_WRITTEN_TO = (LOCK, WRITTEN, "logs", "steps", "cache", "resume")


@contextmanager
def opened(out: str) -> Iterator[Path]:
    """The local folder of --out, locked and without the results of an earlier run. If `out` is in a bucket, the results are
    published at the end. Raises UserError if the folder is in use, is not the folder of a run, or cannot be written."""
    folder = publish.local_folder(out)
    require_run_folder(folder)
    refuse_links(folder)
    with locked(folder):
        require_unchanged(folder)
        remove(folder, (*FINAL_FILES, WRITTEN))
        with recorded(folder), publish.publishing(out, folder) if in_bucket(out) else nullcontext():
            yield folder


def require_run_folder(folder: Path) -> None:
    """Raises UserError for `/` and the home folder, and if a folder that no run has used has a file with the name of a result."""
    if folder.resolve() in (Path("/"), Path(os.path.expanduser("~")).resolve()):
        raise UserError(
            f"--out {folder}: a run makes files and folders there; choose a folder of its own, such as runs/first"
        )
    foreign = [name for name in publish.RESULTS if (folder / name).exists()]
    if foreign and not any((folder / name).exists() for name in (LOCK, records.FILE)):
        raise UserError(
            f"--out {folder}: this run would overwrite {foreign[0]}, which no run has written; choose another folder, or move "
            "the file"
        )


def refuse_links(folder: Path) -> None:
    """Raises UserError for a link where a run writes: in a stranger's folder it may lead to any file of the user."""
    below = [folder / name for name in (*_WRITTEN_TO, *FINAL_FILES, *publish.RESULTS)]
    below += [path for name in ("logs", "cache", "resume") for path in (folder / name).rglob("*")]
    if link := next((path for path in below if path.is_symlink()), None):
        raise UserError(
            f"--out {folder}: {link} is a link, and a run writes through none; remove the link, or choose another folder"
        )


def require_unchanged(folder: Path) -> None:
    """Raises UserError for a result that somebody changed or added after a run had ended: this run would overwrite it."""
    if not (folder / WRITTEN).is_file():  # the last run was killed, or an earlier version wrote the results
        return
    wrote = _read_written(folder)
    for name in publish.RESULTS:
        file = folder / name
        if name != records.FILE and file.is_file() and wrote.get(name) != digests.of_file(file):
            raise UserError(
                f"--out {folder}: this run would overwrite {name}, which was changed after the last run; move the file away, or "
                "choose another folder"
            )


def _read_written(folder: Path) -> Mapping[str, str]:
    try:
        with (folder / WRITTEN).open("rb") as file:
            found = json.loads(limits.read_at_most(file, limits.MIB, folder / WRITTEN))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def recorded(folder: Path) -> Iterator[None]:
    """Records the digests of the results when the run ends, so that the next run knows which files it may replace."""
    try:
        yield
    finally:
        wrote = {name: digests.of_file(folder / name) for name in publish.RESULTS if (folder / name).is_file()}
        with suppress(UserError):  # a full disk; the run's own error says so
            text_files.write(folder / WRITTEN, json.dumps(wrote))


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
