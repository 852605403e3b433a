"""Runs the whole pipeline on this machine, with or without Docker: from annotated images to TFLite files and a report.

Leaves OUT/report.html and OUT/summary.json. The same command again goes on where an earlier one stopped.
"""

import contextlib
import fcntl
import glob
import json
import shutil
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from boxwright.convert.source import files_below
from boxwright.core import digests, environments
from boxwright.core.errors import UserError
from boxwright.core.recipe import ALIASES, MODELS
from boxwright.pipelines import containers, lineage
from boxwright.pipelines.outcome import show

REMOTE = ("https://", "gs://")
MOST_SEED = 2**32 - 1  # what NumPy and TensorFlow take


@dataclass(frozen=True, kw_only=True)
class Config:
    data: Path
    """Folder with the images and their annotations (COCO json, Pascal VOC or YOLO txt), or one COCO json."""
    out: Path
    """Folder for everything the run makes; the same folder again resumes."""
    init: str = "auto"
    """Initial weights: auto (the model zoo's where they can be reached, else from scratch), none (from scratch), or a TF1
    checkpoint (folder or .tar.gz; a path, https:// or gs://) or slim-named .npz."""
    model: str = MODELS[0]
    """The detector: ssd_mobilenet_v1_ppn, ssd_mobilenet_v1 or ssd_mobilenet_v2."""
    steps: int = 0
    """Training steps; 0 lets the diagnosis choose."""
    batch_size: int = 8
    """Images a training step."""
    seed: int = 0
    """Decides the split (where the data has none), initial weights, shuffling and augmentation."""
    stock: bool = False
    """Train the model zoo's recipe with only the learning rate scaled to the batch: the baseline."""
    format: Literal["auto", "coco", "voc", "yolo", "csv", "tfrecord"] = "auto"
    """Format of the annotations; auto finds out."""
    fix: Literal["clip", "drop", "fail"] = "clip"
    """What happens to a box that reaches over the edge of its image: cut it, quarantine it, or stop."""
    missing: Literal["fail", "quarantine"] = "fail"
    """What happens when the file of an image with annotated objects is missing: stop, or quarantine it and go on."""
    split_fractions: str = "0.7,0.15,0.15"
    """Shares of train, val and test, where the data has no split of its own."""
    accept: str = ""
    """Risks that you take, by the codes of the validation's reasons: `CODE=REASON; CODE=REASON`."""
    expected_schema: str = ""
    """TFDV schema (the schema.pbtxt of an earlier run, curated or not) that the data must agree with; empty infers one."""
    previous_statistics: str = ""
    """Statistics of an earlier run (its folder steps/.../validate/statistics): where the data has drifted from them is told."""
    engine: Literal["host", "docker"] = "host"
    """Where the steps run: in the environments of this checkout, or in the images that `make images` built."""
    calibration_images: int = 150
    """Distinct training images that calibrate the int8 file; fewer than 100 cost accuracy."""


def main(argv: list[str]) -> None:
    import tyro

    config = tyro.cli(Config, args=argv, prog="boxwright run", description=__doc__)
    check(config)
    out = config.out.expanduser().resolve()
    with only_run_in(out):
        run(config, out)


def run(config: Config, out: Path) -> None:
    """Runs the pipeline and leaves report.html and summary.json; raises UserError when validation refused the data."""
    from boxwright.pipelines.finetune import finetune
    from boxwright.pipelines.local import StepCrashed
    from boxwright.pipelines.local import run as run_locally

    console = Console()
    started = time.monotonic()
    try:
        tasks = run_locally(finetune, arguments(config, out), out, console, config.engine == "docker", reads(config))
    except StepCrashed as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        sys.exit(1)
    summary = collect(tasks, out)
    show(summary, out, time.monotonic() - started, console)
    if summary["verdict"] == "not_ready":
        reasons = "; ".join(reason["text"] for reason in summary["reasons"] if reason["severity"] == "error")
        raise UserError(f"training was not started, because the data is not ready: {reasons}")


def arguments(config: Config, out: Path) -> dict:
    """The pipeline's parameters: paths made absolute, and what keys its cache and lets it resume."""
    init = str(Path(config.init).expanduser().resolve()) if is_local(config.init) else config.init
    return {
        "data": str(config.data.expanduser().resolve()),
        "init": init,
        "model": ALIASES.get(config.model, config.model),
        "steps": config.steps,
        "batch_size": config.batch_size,
        "seed": config.seed,
        "stock": config.stock,
        "format": config.format,
        "fix": config.fix,
        "missing": config.missing,
        "split_fractions": config.split_fractions,
        "accept": config.accept,
        **{name: str(path) for name, path in compared(config).items()},
        "calibration_images": config.calibration_images,
        "fingerprint": fingerprint(config.data, init, compared(config).values()),
    }


def reads(config: Config) -> list[Path]:
    """What the steps read beside OUT: the folders of the data and of the initial weights."""
    data = data_folder(config.data)
    others = [config.init] if is_local(config.init) else []
    others += [path for path in compared(config).values() if path]
    return [data, *(Path(other).expanduser().resolve().parent for other in others)]


def compared(config: Config) -> dict[str, Path | str]:
    """What the data is compared with, by the parameter that names it: an absolute path, or empty."""
    given = {"expected_schema": config.expected_schema, "previous_statistics": config.previous_statistics}
    return {name: Path(path).expanduser().resolve() if path else "" for name, path in given.items()}


def fingerprint(data: Path, init: str, others: Iterable[Path | str] = ()) -> str:
    """Changes when a file of the data, of the initial weights or of what the data is compared with does: by names, sizes and
    times, which is quick."""
    files = files_below(data_folder(data)) + (weights_files(Path(init)) if is_local(init) else [])
    for other in (Path(other) for other in others if other):
        files += files_below(other) if other.is_dir() else [other]
    facts = {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()}
    return digests.of_json(facts)


def data_folder(data: Path) -> Path:
    """The folder that convert searches; of one COCO json the one it lies in, since its images are beside it."""
    data = data.expanduser().resolve()
    return data.parent if data.is_file() else data


def is_local(init: str) -> bool:
    return init not in ("auto", "none") and not init.startswith(REMOTE)


def weights_files(init: Path) -> list[Path]:
    """The files of local weights: one file, all in a folder, or those whose names begin with a checkpoint's prefix."""
    beside = sorted(init.parent.glob(glob.escape(init.name) + ".*"))
    return files_below(init) if init.is_dir() else [init, *beside]


def check(config: Config) -> None:
    """Raises UserError for everything that can be known to be wrong before the first step starts."""
    if not config.data.expanduser().exists():
        raise UserError(
            f"--data {config.data}: there is nothing there; give the folder that holds images and annotations"
        )
    if config.out.expanduser().resolve().is_relative_to(folder := data_folder(config.data)):
        raise UserError(
            f"--out {config.out}: this is inside {folder}, where convert looks for images, and would find the run's own; "
            "choose a folder outside of it"
        )
    if ALIASES.get(config.model, config.model) not in MODELS:
        raise UserError(f"--model {config.model}: there is no such model; choose one of {', '.join(MODELS)}")
    check_numbers(config)
    check_init(config.init)
    if config.engine == "docker":
        return containers.require(map(environments.image, environments.HOST))
    for name in ("data", "train"):
        if not (folder := environments.home() / name / "bin" / "boxwright").exists():
            raise UserError(f"the {name} environment is not installed ({folder} is missing); run `make install`")


def check_numbers(config: Config) -> None:
    for name, least in (("steps", 0), ("batch_size", 1), ("seed", 0), ("calibration_images", 1)):
        if (value := getattr(config, name)) < least:
            raise UserError(f"--{name.replace('_', '-')} {value}: expected {least} or more")
    if config.seed > MOST_SEED:
        raise UserError(f"--seed {config.seed}: expected {MOST_SEED} or less")


def check_init(init: str) -> None:
    """Raises UserError unless `init` can be initial weights; whether they fit the model is for train to see."""
    if not is_local(init):
        return
    path = Path(init).expanduser()
    kinds = "a TF1 checkpoint (a folder, its .tar.gz or the prefix of its files), a slim-named .npz, `auto` or `none`"
    prefix = path.with_name(path.name + ".index").is_file()
    if not path.exists() and not prefix:
        raise UserError(f"--init {init}: there is nothing there; expected {kinds}")
    folder = path.is_dir() and any(path.rglob("*.index"))
    if not (prefix or folder or (path.is_file() and (zipfile.is_zipfile(path) or tarfile.is_tarfile(path)))):
        raise UserError(f"--init {init}: this is not a set of weights; expected {kinds}")


@contextlib.contextmanager
def only_run_in(out: Path) -> Iterator[None]:
    """Holds the folder's lock; raises UserError when it cannot be written or another run is at work in it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / ".lock").open("w")
    except OSError as error:
        raise UserError(
            f"--out {out}: cannot be written ({error.strerror}); choose a folder that you may write"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                f"--out {out}: another run is at work there; wait for it or choose another folder"
            ) from None
        yield


def collect(tasks: list[lineage.Task], out: Path) -> dict:
    """Copies report and summary to OUT and adds what only the runner knows: seconds per step, artifacts with digests."""
    outputs = {
        name: artifact for task in tasks for name, artifact in task.outputs.items() if name in ("report", "summary")
    }
    shutil.copyfile(out / outputs["report"].path, out / "report.html")
    summary = json.loads((out / outputs["summary"].path).read_text())
    summary["seconds"] = {task.name: task.seconds for task in tasks}
    summary["artifacts"] = {
        f"{task.name}.{name}": {"path": artifact.path, "digest": artifact.digest}
        for task in tasks
        for name, artifact in task.outputs.items()
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    return summary
