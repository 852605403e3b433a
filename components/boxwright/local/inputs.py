"""The input files of a run, local or at a URI: where they are, whether they exist, whether they changed."""

import glob
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from boxwright import environments, graph_flags
from boxwright.core.foreign_files import weight_files
from boxwright.core.foreign_files.walk import files_below
from boxwright.core.pretrained import pretrained_model, zoo
from boxwright.core.runtime import digests
from boxwright.core.runtime.environments import HOST, image
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Fetched, Flag, Input
from boxwright.core.storage import fetch, lookup, upload, uri
from boxwright.local import docker_engine
from boxwright.local.arguments import Run, check_flags

REMOTE = ("https://", "gs://", "s3://", "minio://")


def places() -> list[Flag]:
    """The parameters of the graphs, apart from `data`, that are paths or URIs."""
    return [flag for flag in graph_flags.known().values() if flag.mark(Fetched) or flag.mark(Input)]


def schemes(flag: Flag) -> tuple[str, ...]:
    """The schemes of the URIs that a flag takes."""
    return flag.mark(Fetched).schemes if flag.mark(Fetched) else uri.BUCKETS


def is_local(path: str) -> bool:
    """Whether a value is a path on this machine. An empty value, a keyword such as `auto`, and a URI are not."""
    return path not in ("", "auto", "none") and not path.startswith(REMOTE)


def absolute(path: str) -> str:
    """The absolute path of a local path; any other value unchanged."""
    return str(Path(path).expanduser().resolve()) if is_local(path) else path


def local_copy(path: str) -> str:
    """The path of the local copy of a URI; any other value unchanged."""
    return str(fetch.file(path).resolve()) if path.startswith(REMOTE) else path


def data_places(data: str) -> list[str]:
    """The data sets of `--data a,b`, with absolute paths."""
    return [absolute(place) for place in uri.data_sets(data)]


def data_folders(data: str) -> list[Path]:
    """The local folders that convert searches. For a single COCO json it is the folder of the json, which has its images."""
    paths = [Path(place) for place in data_places(data) if is_local(place)]
    return [path.parent if path.is_file() else path for path in paths]


def paths_read(data: str, *others: str) -> list[Path]:
    """The local folders of the data, and the files and folders of other flags. Nothing beside these files is read."""
    found = [Path(absolute(other)) for other in others if is_local(other)]
    return [*data_folders(data), *(file for path in found for file in _files_of(path))]


def _files_of(path: Path) -> list[Path]:
    """The path; for the prefix of a checkpoint, its files."""
    checkpoint = path.with_name(path.name + ".index").is_file()
    return [file for file in weights_files(path) if file.exists()] if checkpoint else [path]


def weights_files(init: Path) -> list[Path]:
    """The files of local weights: one file, all files of a folder, or all files with a checkpoint's prefix."""
    beside = sorted(init.parent.glob(glob.escape(init.name) + ".*"))
    return _files(init.resolve()) if init.is_dir() else [init, *beside]


def _files(folder: Path, follow_links: bool = False) -> list[Path]:
    """The files below a folder. A link to a file counts, wherever it leads; a link to a folder outside, if links are followed."""
    found = files_below(folder, follow_links)
    return found.files + [Path(link) for link in found.left_out]


def fingerprint(data: str, init: str, *others: str, zoo_model: str = "", follow_links: bool = False) -> str:
    """A digest that changes when a file of the data, of the initial weights or of the others changes.

    Local files are compared by name, size and times of change (mtime and ctime), objects in buckets by name and version, web
    addresses by ETag. No content is read. zoo_model: name of a model whose zoo checkpoint also counts: whether it can be reached,
    and its ETag. follow_links: files outside of the data count, where links in the data lead.
    Raises UserError if nothing exists at a URI.
    """
    files = [file for folder in data_folders(data) for file in _files(folder, follow_links)]
    files += weights_files(Path(init)) if is_local(init) else []
    for other in (Path(absolute(other)) for other in others if is_local(other)):
        files += _files(other) if other.is_dir() else [other]
    facts: dict[str, Any] = {
        str(file): (s.st_size, s.st_mtime_ns, s.st_ctime_ns) for file in files if file.is_file() for s in [file.stat()]
    }
    facts |= versions(data, init, *others)
    facts |= {zoo.uri(zoo_model): zoo.version(zoo_model)} if zoo_model else {}
    return digests.of_json(facts)


def versions(data: str, *others: str) -> dict[str, str]:
    """The version of each URI among these: from names and versions in buckets, from the ETag for https."""
    remote = [place for place in others if place.startswith(REMOTE)]
    found = {place: fetch.version(place) or digests.of_json(uri.whole(place)) for place in remote}
    return found | {place: lookup.find(place).version for place in data_places(data) if uri.in_bucket(place)}


def check_places(data: str, out: str) -> None:
    """Raises UserError unless the data exist, `out` is outside of them, and an `out` in a bucket can be published to."""
    for flag, place in (*(("--data", place) for place in uri.data_sets(data)), ("--out", out)):
        if not place.strip():  # an empty path would be read as the current folder
            raise UserError(f"{flag} is empty; give a folder (use . for the current one)")
        uri.require_known(flag, place)
    remote = [lookup.find(place) for place in data_places(data) if uri.in_bucket(place)]
    for place in data_places(data):
        if not uri.in_bucket(place) and not Path(place).exists():
            raise UserError(
                f"--data {place}: this path does not exist; give the folder with the images and annotations"
            )
    folders = [one.uri.rpartition("/")[0] if one.file else one.uri.rstrip("/") for one in remote]
    for folder in [*folders, *map(str, data_folders(data))]:
        if f"{absolute(out).rstrip('/')}/".startswith(f"{folder}/"):
            raise UserError(
                f"--out {out}: this is inside {folder}, where convert looks for images. Convert would read the files of the run "
                "as data; choose a folder outside of it"
            )
    if uri.in_bucket(out):
        upload.require_free(out)


def check(run: Run) -> None:
    """Raises UserError for wrong inputs, as far as they can be detected before the first step starts."""
    check_text({flag_of(name): value for name, value in {**run.parameters, "out": run.out}.items()})
    check_places(run.value("data"), run.out)
    for flag in places():
        check_place(flag, run.value(flag.name))
    check_flags(run.parameters)
    check_init(run.value("init"))
    if run.engine == "docker":
        if run.value("follow_links"):
            raise UserError(
                "--follow-links does not work with --engine docker: a container sees only the folder of --data; leave out "
                "--engine, or copy the files into the folder"
            )
        return docker_engine.require(map(image, HOST))
    environments.ensure("data", "train")


def check_place(flag: Flag, place: str) -> None:
    """Raises UserError for a URI that the flag does not accept, and for a local file or folder that does not exist."""
    uri.require_known(flag.option, place, schemes(flag))
    what = flag.mark(Fetched).what if flag.mark(Fetched) else "file"
    there = {"file": Path.is_file, "folder": Path.is_dir}.get(what)
    if is_local(place) and there and not there(Path(absolute(place))):
        raise UserError(
            f"{flag.option} {place}: this {what} does not exist; correct the path, or leave {flag.option} out"
        )


def flag_of(name: str) -> str:
    """The flag of a parameter: --batch-size for batch_size."""
    return f"--{name.replace('_', '-')}"


def check_text(values: Mapping[str, Any], placeholders: Sequence[str] = ()) -> None:
    """Raises UserError for a value that Kubeflow would change before a step gets it.

    values: by flag. placeholders: how those of what runs the graph begin; KFP's own begin with {{$ everywhere.
    """
    for flag, value in values.items():
        if found := next((one for one in ("{{$", *placeholders) if one in str(value)), None):
            raise UserError(f"{flag} {value}: Kubeflow would read {found} as its own placeholder; rename it")
        try:
            str(value).encode()
        except UnicodeEncodeError:
            raise UserError(
                f"{flag} {value!a}: Kubeflow accepts only names in UTF-8; rename it, or give a link to it"
            ) from None


def check_init(init: str) -> None:
    """Raises UserError if a local `init` is not a set of weights. Train checks whether they fit the model."""
    if not is_local(init):
        return
    path = Path(init).expanduser()
    kinds = (
        "a TF1 checkpoint (a folder, its .tar.gz or the prefix of its files), a slim-named .npz, a folder that `boxwright train` "
        "wrote, `auto` or `none`"
    )
    prefix = path.with_name(path.name + ".index").is_file()
    if not path.exists() and not prefix:
        raise UserError(f"--init {init}: this path does not exist; expected {kinds}")
    folder = path.is_dir() and any(path.rglob("*.index"))
    if not (prefix or folder or (path.is_file() and weight_files.kind(path) != "unknown")):
        raise UserError(f"--init {init}: these are not initial weights; expected {kinds}")
    if folder:
        pretrained_model.read(path, init)
