"""What a run is made from, on this machine or at a URI: where it lies, whether it is there, whether it changed."""

import glob
import math
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from boxwright.convert.reading.files import files_below
from boxwright.convert.splits import grouping
from boxwright.core.pretrained import pretrained_model, zoo
from boxwright.core.recipe import ALIASES, MODELS
from boxwright.core.runtime import digests, environments
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets, cache, uri
from boxwright.local import docker_engine

REMOTE = ("https://", "gs://")
# Parameters of the graphs that are numbers: least and most.
BOUNDS: dict[str, tuple[int, float]] = {
    "steps": (0, math.inf),
    "preflight": (0, math.inf),
    "batch_size": (1, math.inf),
    "seed": (0, 2**32 - 1),  # what NumPy and TensorFlow take
    "max_objects": (0, math.inf),
    "calibration_images": (1, math.inf),
}


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What every pipeline that runs here is given."""

    data: str
    """Folder with the images and their annotations (COCO json, Pascal VOC or YOLO txt), or one COCO json: a path or gs://.
    Several, separated by commas, become one data set."""
    out: str
    """Folder for everything the run makes; the same folder again resumes. For gs://bucket/folder, the work is done in the cache,
    and report, summary, logs and artifacts are published when the run ends; those of a failed one in `failed` below it."""
    init: str = "auto"
    """Initial weights: auto (the model zoo's where they can be reached, else from scratch), none (from scratch), a TF1
    checkpoint (folder or .tar.gz; a path, https:// or gs://), a slim-named .npz, or the model folder of an earlier run."""
    model: str = MODELS[0]
    """The detector: ssd_mobilenet_v1_ppn, ssd_mobilenet_v1 or ssd_mobilenet_v2."""
    steps: int = 0
    """Training steps; 0 lets the diagnosis choose."""
    batch_size: int = 8
    """Images a training step."""
    seed: int = 0
    """Decides the split (where the data has none), initial weights, shuffling and augmentation."""
    format: Literal["auto", "coco", "voc", "yolo", "csv", "tfrecord"] = "auto"
    """Format of the annotations; auto finds out."""
    fix: Literal["clip", "drop", "fail"] = "clip"
    """What happens to a box that reaches over the edge of its image: cut it, quarantine it, or stop."""
    missing: Literal["fail", "quarantine"] = "fail"
    """What happens when the file of an image with annotated objects is missing: stop, or quarantine it and go on."""
    max_objects: int = 1000
    """An image with more objects is quarantined; 0: any number."""
    split_fractions: str = "0.7,0.15,0.15"
    """Shares of train, val and test, where the data has no split of its own."""
    group: str = ""
    """Regular expression over the files' relative names, as in `(scan[0-9]+)_`: images for which its first group (or all of it)
    matches the same are of one source and stay in one split, where splits are made. Or "column:NAME", a field of COCO's images or
    a column of the csv."""
    label_map: str = ""
    """A label_map.pbtxt (a path, https:// or gs://) whose class ids are kept; empty numbers the sorted names."""
    pixels: Literal["decode", "trust"] = "decode"
    """Decode every image while converting, which finds damage; or trust JPEG files that begin and end as they should."""
    beam_options: str = ""
    """Options of Apache Beam for the conversion, as in "--runner FlinkRunner --flink_master host:8081"."""
    accept: str = ""
    """Risks that you take, by the codes of the validation's reasons: `CODE=REASON; CODE=REASON`."""
    expected_schema: str = ""
    """TFDV schema (the schema.pbtxt of an earlier run, curated or not; a path or gs://) that the data must agree with; empty
    infers one."""
    previous_statistics: str = ""
    """Statistics of an earlier run (validate's output `statistics`; a folder or gs://): where the data has drifted is told."""
    also: str = ""
    """Augmentations to add, with commas: rotate, shear, zoom_out, mosaic, mixup, cutmix, copy_paste."""
    no_flip: str = ""
    """Classes that mean something else when mirrored or turned, with commas: no image is flipped."""
    engine: Literal["host", "docker"] = "host"
    """Where the steps run: in the environments of this checkout, or in the images that `make images` built."""


def is_local(path: str) -> bool:
    """Whether a flag names a file here; nothing, a word or a URI does not."""
    return path not in ("", "auto", "none") and not path.startswith(REMOTE)


def absolute(path: str) -> str:
    return str(Path(path).expanduser().resolve()) if is_local(path) else path


def here(path: str) -> str:
    """The same, and of a URI the copy on this machine."""
    return str(cache.fetch(path).resolve()) if path.startswith(REMOTE) else path


def data_places(data: str) -> list[str]:
    """The data sets of `--data a,b`: absolute paths, and URIs as they are."""
    return [absolute(place) for place in cache.places(data)]


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


def fingerprint(data: str, init: str, *others: str, zoo_model: str = "") -> str:
    """Changes when a file of the data, of the initial weights or one of the others does: by names, sizes and times, which is
    quick; in buckets by names and generations, of https by ETag. Raises UserError for a URI at which there is nothing.

    zoo_model: the model whose zoo checkpoint is to be followed, too: whether it can be had today, and which it is.
    """
    files = [file for folder in data_folders(data) for file in files_below(folder)]
    files += weights_files(Path(init)) if is_local(init) else []
    for other in (Path(absolute(other)) for other in others if is_local(other)):
        files += files_below(other) if other.is_dir() else [other]
    facts: dict = {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()}
    facts |= versions(data, init, *others)
    facts |= {zoo.uri(zoo_model): zoo.version(zoo_model)} if zoo_model else {}
    return digests.of_json(facts)


def versions(data: str, *others: str) -> dict[str, str]:
    """What now lies at each of the URIs among these: in buckets by names and generations, of https by ETag."""
    found = {uri: cache.version(uri) for uri in others if uri.startswith(REMOTE)}
    return found | {uri: buckets.find(uri).version for uri in data_places(data) if cache.in_bucket(uri)}


def check_places(data: str, out: str) -> None:
    """Raises UserError unless there is data, a bucket for OUT answers, and OUT is not among the data."""
    for flag, place in (*(("--data", place) for place in cache.places(data)), ("--out", out)):
        if not place.strip():  # which would be the folder that one happens to be in
            raise UserError(f"{flag} is empty; give a folder (. is this one)")
        uri.require_known(flag, place)
    far = [buckets.find(place) for place in data_places(data) if cache.in_bucket(place)]
    for place in data_places(data):
        if not cache.in_bucket(place) and not Path(place).exists():
            raise UserError(
                f"--data {place}: there is nothing there; give the folder that holds images and annotations"
            )
    folders = [one.uri.rpartition("/")[0] if one.file else one.uri.rstrip("/") for one in far]
    for folder in [*folders, *map(str, data_folders(data))]:
        if f"{absolute(out).rstrip('/')}/".startswith(f"{folder}/"):
            raise UserError(
                f"--out {out}: this is inside {folder}, where convert looks for images, and would find the run's own; choose a "
                "folder outside of it"
            )
    if cache.in_bucket(out):
        buckets.require(out)


def flag_of(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def schemes(name: str) -> tuple[str, ...]:
    """Of URIs that a parameter may be: a folder is none of the web's."""
    return uri.BUCKETS if name in ("data", "previous_statistics") else uri.WEB


def check(config: Inputs) -> None:
    """Raises UserError for everything that can be known to be wrong before the first step starts."""
    check_text({flag_of(field.name): getattr(config, field.name) for field in fields(config)})
    check_places(config.data, config.out)
    for name in ("init", "label_map", "expected_schema", "previous_statistics"):
        uri.require_known(flag_of(name), getattr(config, name), schemes(name))
    for flag, given, there, what in (
        ("--label-map", config.label_map, Path.is_file, "file; give a label_map.pbtxt"),
        ("--expected-schema", config.expected_schema, Path.is_file, "file; give the schema.pbtxt of an earlier run"),
        (
            "--previous-statistics",
            config.previous_statistics,
            Path.is_dir,
            "folder; give an earlier run's `validate/statistics`",
        ),
    ):
        if is_local(given) and not there(Path(absolute(given))):
            raise UserError(f"{flag} {given}: there is no such {what}, or leave it out")
    grouping.pattern(config.group)
    if config.model not in choices("model"):
        raise UserError(f"--model {config.model}: there is no such model; choose one of {', '.join(MODELS)}")
    check_numbers(config)
    check_init(config.init)
    if config.engine == "docker":
        return docker_engine.require(map(environments.image, environments.HOST))
    for name in ("data", "train"):
        if not (folder := environments.home() / name / "bin" / "boxwright").exists():
            raise UserError(f"the {name} environment is not installed ({folder} is missing); run `make install`")


def check_text(values: Mapping[str, Any]) -> None:
    """Raises UserError for a value, by the flag that gave it, that Kubeflow cannot hand on as it is."""
    for flag, value in values.items():
        if "{{$" in str(value):
            raise UserError(f"{flag} {value}: Kubeflow takes {{{{$ for a placeholder of its own; rename that")
        try:
            str(value).encode()
        except UnicodeEncodeError:
            raise UserError(
                f"{flag} {value!a}: Kubeflow takes names in UTF-8 only; rename that, or give a link to it"
            ) from None


def check_numbers(config: Inputs) -> None:
    for name in BOUNDS:
        value = getattr(config, name, None)
        if value is not None and (wrong := out_of_bounds(name, value)):
            raise UserError(f"{flag_of(name)} {value}: {wrong}")


def out_of_bounds(name: str, value: int) -> str:
    """What was expected of a parameter; empty where this value is that."""
    least, most = BOUNDS.get(name, (-math.inf, math.inf))
    if value < least:
        return f"expected {least} or more"
    return f"expected {most} or less" if value > most else ""


def choices(name: str) -> tuple[str, ...]:
    """The words that a parameter may be; empty where it may be any."""
    words = {"model": (*MODELS, *ALIASES), "gpu_count": tuple(map(str, range(17)))}  # one machine has no more
    return words.get(name) or get_args(get_type_hints(Inputs).get(name))


def check_init(init: str) -> None:
    """Raises UserError unless `init` can be initial weights; whether they fit the model is for train to see."""
    if not is_local(init):
        return
    path = Path(init).expanduser()
    kinds = (
        "a TF1 checkpoint (a folder, its .tar.gz or the prefix of its files), a slim-named .npz, a folder that `boxwright train` "
        "wrote, `auto` or `none`"
    )
    prefix = path.with_name(path.name + ".index").is_file()
    if not path.exists() and not prefix:
        raise UserError(f"--init {init}: there is nothing there; expected {kinds}")
    folder = path.is_dir() and any(path.rglob("*.index"))
    if not (prefix or folder or (path.is_file() and (zipfile.is_zipfile(path) or tarfile.is_tarfile(path)))):
        raise UserError(f"--init {init}: this is not a set of weights; expected {kinds}")
    if folder:
        pretrained_model.read(path, init)
