"""Runs the whole pipeline on this machine, with or without Docker: from annotated images to TFLite files and a report.

Leaves OUT/report.html and OUT/summary.json. The same command again goes on where an earlier one stopped.
"""

import fcntl
import json
import shutil
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rich.console import Console

from boxwright.core import environments, storage
from boxwright.core.errors import UserError
from boxwright.core.recipe import ALIASES, MODELS
from boxwright.pipelines import containers, lineage, remote
from boxwright.pipelines.inputs import absolute, check_places, data_places, fingerprint, here, is_local, reading
from boxwright.pipelines.outcome import show

MOST_SEED = 2**32 - 1  # what NumPy and TensorFlow take


@dataclass(frozen=True, kw_only=True)
class Config:
    data: str
    """Folder with the images and their annotations (COCO json, Pascal VOC or YOLO txt), or one COCO json: a path or gs://."""
    out: str
    """Folder for everything the run makes; the same folder again resumes. For gs://bucket/folder, the work is done in the cache,
    and report, summary, logs and artifacts are published when the run ends; those of a failed one in `failed` below it."""
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
    """TFDV schema (the schema.pbtxt of an earlier run, curated or not; a path or gs://) that the data must agree with; empty
    infers one."""
    engine: Literal["host", "docker"] = "host"
    """Where the steps run: in the environments of this checkout, or in the images that `make images` built."""
    calibration_images: int = 150
    """Distinct training images that calibrate the int8 file; fewer than 100 cost accuracy."""


def main(argv: list[str]) -> None:
    import tyro

    config = tyro.cli(Config, args=argv, prog="boxwright run", description=__doc__)
    check(config)
    out = remote.work_folder(config.out)
    with only_run_in(out), remote.published(config.out, out) if storage.in_bucket(config.out) else nullcontext():
        run(staged_in(config) if config.engine == "docker" else config, out)


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
    init, schema = map(absolute, (config.init, config.expected_schema))
    return {
        "data": ",".join(data_places(config.data)),
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
        "expected_schema": schema,
        "calibration_images": config.calibration_images,
        "fingerprint": fingerprint(config.data, init, schema),
    }


def staged_in(config: Config) -> Config:
    """With copies on this machine in place of all URIs: a container has neither the bucket's credentials nor the cache."""
    data = ",".join(str(storage.folder(place).resolve()) for place in data_places(config.data))
    return replace(config, data=data, init=here(config.init), expected_schema=here(config.expected_schema))


def reads(config: Config) -> list[Path]:
    """The folders on this machine that the steps read beside OUT."""
    return reading(config.data, config.init, config.expected_schema)


def check(config: Config) -> None:
    """Raises UserError for everything that can be known to be wrong before the first step starts."""
    check_places(config.data, config.out)
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


@contextmanager
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
