"""What a run is made from, on this machine or at a URI: where it lies, whether it is there, whether it changed."""

import glob
from pathlib import Path

from boxwright.convert.source import files_below
from boxwright.core import buckets, digests, storage
from boxwright.core.errors import UserError

REMOTE = ("https://", "gs://")


def is_local(path: str) -> bool:
    """Whether a flag names a file here; nothing, a word or a URI does not."""
    return path not in ("", "auto", "none") and not path.startswith(REMOTE)


def absolute(path: str) -> str:
    return str(Path(path).expanduser().resolve()) if is_local(path) else path


def here(path: str) -> str:
    """The same, and of a URI the copy on this machine."""
    return str(storage.fetch(path).resolve()) if path.startswith(REMOTE) else path


def data_places(data: str) -> list[str]:
    """The data sets of `--data a,b`: absolute paths, and URIs as they are."""
    return [absolute(place) for place in storage.places(data)]


def data_folders(data: str) -> list[Path]:
    """The folders on this machine that convert searches; of one COCO json the one it lies in, since its images are beside it."""
    paths = [Path(place) for place in data_places(data) if is_local(place)]
    return [path.parent if path.is_file() else path for path in paths]


def reading(data: str, *others: str) -> list[Path]:
    """The folders on this machine in which the data and the files of other flags lie."""
    return [*data_folders(data), *(Path(absolute(other)).parent for other in others if is_local(other))]


def weights_files(init: Path) -> list[Path]:
    """The files of local weights: one file, all in a folder, or those whose names begin with a checkpoint's prefix."""
    beside = sorted(init.parent.glob(glob.escape(init.name) + ".*"))
    return files_below(init) if init.is_dir() else [init, *beside]


def fingerprint(data: str, init: str, *others: str) -> str:
    """Changes when a file of the data, of the initial weights or one of the others does: by names, sizes and times, which is
    quick; in buckets by names and generations, of https by ETag. Raises UserError for a URI at which there is nothing."""
    files = [file for folder in data_folders(data) for file in files_below(folder)]
    files += weights_files(Path(init)) if is_local(init) else []
    files += [Path(absolute(other)) for other in others if is_local(other)]
    facts: dict = {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()}
    facts |= {uri: storage.version(uri) for uri in (init, *others) if uri.startswith(REMOTE)}
    facts |= {uri: buckets.find(uri).version for uri in data_places(data) if storage.in_bucket(uri)}
    return digests.of_json(facts)


def check_places(data: str, out: str) -> None:
    """Raises UserError unless there is data, a bucket for OUT answers, and OUT is not among the data."""
    for place in data_places(data):
        if storage.in_bucket(place):
            buckets.find(place)
        elif not Path(place).exists():
            raise UserError(
                f"--data {place}: there is nothing there; give the folder that holds images and annotations"
            )
    if storage.in_bucket(out):
        buckets.require(out)
    folders = [place.rstrip("/") for place in data_places(data) if storage.in_bucket(place)]
    for folder in [*folders, *map(str, data_folders(data))]:
        if f"{absolute(out).rstrip('/')}/".startswith(f"{folder}/"):
            raise UserError(
                f"--out {out}: this is inside {folder}, where convert looks for images, and would find the run's own; choose a "
                "folder outside of it"
            )
