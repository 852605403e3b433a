"""Runs the whole pipeline on this machine, with or without Docker: from annotated images to TFLite files and a report.

Leaves OUT/report.html and OUT/summary.json. The same command again goes on where an earlier one stopped.
"""

import fcntl
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from boxwright import graphs
from boxwright.core.recipe import ALIASES
from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache
from boxwright.lineage import records
from boxwright.local import publish
from boxwright.local.inputs import Inputs, absolute, check, data_places, fingerprint, here, reading
from boxwright.local.summary_table import show

# What a run says at its end, which nobody is to take for the word of a later one that failed.
ENDS = ("report.html", "summary.json", records.FILE)
# Held while a run is at work in its folder, and there ever after.
LOCK = ".lock"


@dataclass(frozen=True, kw_only=True)
class Config(Inputs):
    stock: bool = False
    """Train the model zoo's recipe with only the learning rate scaled to the batch: the baseline."""
    preflight: int = 0
    """Steps of a training on eight images before the real one, to tell a mistake from a lack of data (200 say); 0: none."""
    calibration_images: int = 150
    """Distinct training images that calibrate the int8 file; fewer than 100 cost accuracy."""


def main(argv: list[str]) -> None:
    import tyro

    config = tyro.cli(Config, args=argv, prog="boxwright run", description=__doc__)
    check(config)
    with work_folder(config) as out:
        run(config, out)


def run(config: Config, out: Path) -> None:
    """Runs the pipeline and leaves report.html and summary.json; raises UserError when validation refused the data."""
    console = Console(emoji=False)
    started = time.monotonic()
    tasks = tasks_of(graphs.load("finetune"), config, out, console)
    summary = collect(tasks, out)
    show(summary, out, time.monotonic() - started, console)
    refuse_not_ready(summary, "training was not started")


def tasks_of(graph: Callable, config: Inputs, out: Path, console: Console) -> list[records.Task]:
    """Runs a graph below `out`; ends this process, with the end of the step's log, when a step crashed."""
    from boxwright.local.kfp_local import StepCrashed
    from boxwright.local.kfp_local import run as run_locally

    docker = config.engine == "docker"
    config = staged_in(config) if docker else config
    try:
        return run_locally(graph, arguments(config), out, console, docker, reads(config))
    except StepCrashed as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        sys.exit(1)


def refuse_not_ready(summary: dict, what: str) -> None:
    """Raises UserError when validation refused the data; what: did not happen for that."""
    if summary["verdict"] == "not_ready":
        reasons = "; ".join(reason["text"] for reason in summary["reasons"] if reason["severity"] == "error")
        raise UserError(f"{what}, because the data is not ready: {reasons}")


def arguments(config: Inputs) -> dict[str, Any]:
    """The graph's parameters: paths made absolute, and what keys its cache; what `config` has beside Inputs as it is."""
    own = {field.name for field in fields(config)} - {field.name for field in fields(Inputs)}
    others = (config.init, config.label_map, config.expected_schema, config.previous_statistics)
    init, label_map, schema, previous = map(absolute, others)
    return {
        "data": ",".join(data_places(config.data)),
        "init": init,
        "model": ALIASES.get(config.model, config.model),
        "steps": config.steps,
        "batch_size": config.batch_size,
        "seed": config.seed,
        "format": config.format,
        "fix": config.fix,
        "missing": config.missing,
        "max_objects": config.max_objects,
        "split_fractions": config.split_fractions,
        "group": config.group,
        "label_map": label_map,
        "pixels": config.pixels,
        "beam_options": config.beam_options,
        "accept": config.accept,
        "expected_schema": schema,
        "previous_statistics": previous,
        "also": config.also,
        "no_flip": config.no_flip,
        "fingerprint": fingerprint(config.data, init, label_map, schema, previous, zoo_model=trained_from_zoo(config)),
        **{name: getattr(config, name) for name in own},
    }


def trained_from_zoo(config: Inputs) -> str:
    """The model whose zoo checkpoint a run trains from if it can be had; empty where that is not asked for."""
    return ALIASES.get(config.model, config.model) if isinstance(config, Config) and config.init == "auto" else ""


def staged_in(config: Inputs) -> Inputs:
    """With copies on this machine in place of all URIs: a container has neither the bucket's credentials nor the cache."""
    data = ",".join(str(cache.folder(place).resolve()) for place in data_places(config.data))
    others = {name: here(getattr(config, name)) for name in ("init", "label_map", "expected_schema")}
    before = config.previous_statistics
    before = str(cache.folder(before).resolve()) if cache.in_bucket(before) else before
    return replace(config, data=data, previous_statistics=before, **others)


def reads(config: Inputs) -> list[Path]:
    """The folders on this machine that the steps read beside OUT."""
    return reading(config.data, config.init, config.label_map, config.expected_schema, config.previous_statistics)


@contextmanager
def work_folder(config: Inputs) -> Iterator[Path]:
    """The folder that a run works in, locked; of an OUT in a bucket its results are published at the end."""
    out = publish.work_folder(config.out)
    require_own(out)
    with only_run_in(out):
        forget(out)
        with publish.published(config.out, out) if cache.in_bucket(config.out) else nullcontext():
            yield out


def require_own(out: Path) -> None:
    """Raises UserError for a folder that no run was in and that holds something of a name under which a run leaves its own."""
    theirs = [name for name in publish.RESULTS if (out / name).exists()]
    if theirs and not any((out / name).exists() for name in (LOCK, records.FILE)):
        raise UserError(
            f"--out {out}: the {theirs[0]} there is of no run, and one would replace it; choose another folder, or move the file"
        )


def forget(out: Path, names: Sequence[str] = ENDS) -> None:
    """Removes what an earlier run said at its end; the artifacts that it says it of stay below `steps`."""
    for name in names:
        (out / name).unlink(missing_ok=True)


@contextmanager
def only_run_in(out: Path) -> Iterator[None]:
    """Holds the folder's lock; raises UserError when it cannot be written or another run is at work in it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / LOCK).open("w", encoding="utf-8")
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


def collect(tasks: list[records.Task], out: Path) -> dict:
    """Copies report and summary to OUT and adds what only the runner knows: seconds per step, artifacts with digests."""
    outputs = {
        name: artifact for task in tasks for name, artifact in task.outputs.items() if name in ("report", "summary")
    }
    shutil.copyfile(out / outputs["report"].path, out / "report.html")
    summary = json.loads((out / outputs["summary"].path).read_text(encoding="utf-8"))
    summary["seconds"] = {task.name: task.seconds for task in tasks}
    summary["artifacts"] = {
        f"{task.name}.{name}": {"path": artifact.path, "digest": artifact.digest}
        for task in tasks
        for name, artifact in task.outputs.items()
    }
    text_files.write(out / "summary.json", json.dumps(summary, indent=2) + "\n")
    return summary
