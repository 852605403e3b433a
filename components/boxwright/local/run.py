"""Runs the whole pipeline on this machine, with or without Docker: from annotated images to TFLite files and a report.

Leaves OUT/report.html and OUT/summary.json. The same command again goes on where an earlier one stopped.
"""

import fcntl
import json
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console

from boxwright import graphs
from boxwright.core.models import ALIASES
from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Fetched, Flag
from boxwright.core.storage import fetch
from boxwright.core.storage.uri import in_bucket
from boxwright.lineage import records
from boxwright.local import kfp_local, publish
from boxwright.local.arguments import Run, parse
from boxwright.local.inputs import absolute, check, data_places, fingerprint, here, places, reading
from boxwright.local.summary_table import show

# What a run says at its end, which nobody is to take for the word of a later one that failed.
ENDS = ("report.html", "summary.json", records.FILE)
# Held while a run is at work in its folder, and there ever after.
LOCK = ".lock"


def main(argv: list[str]) -> None:
    run = parse("finetune", argv, prog="boxwright run", description=__doc__ or "")
    check(run)
    with work_folder(run) as out:
        finetune(run, out)


def finetune(run: Run, out: Path) -> None:
    """Runs the pipeline and leaves report.html and summary.json; raises UserError when validation refused the data."""
    console = Console(emoji=False)
    started = time.monotonic()
    tasks = tasks_of(run, out, console)
    summary = collect(tasks, out)
    show(summary, out, time.monotonic() - started, console)
    refuse_not_ready(summary, "training was not started")


def tasks_of(run: Run, out: Path, console: Console) -> list[records.Task]:
    """Runs a graph below `out`. Ends this process, with the end of the step's log, when a step crashed."""
    docker = run.engine == "docker"
    run = staged_in(run) if docker else run
    try:
        return kfp_local.run(graphs.load(run.graph), graph_arguments(run), out, console, docker, reads(run))
    except kfp_local.StepCrashed as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        sys.exit(1)


def refuse_not_ready(summary: dict, what: str) -> None:
    """Raises UserError when validation refused the data; what: did not happen for that."""
    if summary["verdict"] == "not_ready":
        reasons = "; ".join(reason["text"] for reason in summary["reasons"] if reason["severity"] == "error")
        raise UserError(f"{what}, because the data is not ready: {reasons}")


def graph_arguments(run: Run) -> dict[str, Any]:
    """The graph's parameters, with absolute paths, and the fingerprint that keys its cache."""
    files = {flag.name: absolute(run.value(flag.name)) for flag in places() if flag.name in run.parameters}
    given = str(run.value("model"))
    model = ALIASES.get(given, given)
    others = [place for name, place in files.items() if name != "init"]
    zoo_model = model if files["init"] == "auto" else ""
    return {
        **run.parameters,
        **files,
        "data": ",".join(data_places(run.value("data"))),
        "model": model,
        "fingerprint": fingerprint(run.value("data"), files["init"], *others, zoo_model=zoo_model),
    }


def staged_in(run: Run) -> Run:
    """With local copies in place of all URIs: a container has neither the bucket's credentials nor the cache."""
    copied = {flag.name: _copied(flag, run.value(flag.name)) for flag in places()}
    folders = [str(fetch.folder(place).resolve()) for place in data_places(run.value("data"))]
    return run.with_parameters(data=",".join(folders), **copied)


def _copied(flag: Flag, place: str) -> str:
    """The local path of what a flag names; a word and an empty text stay."""
    folder = flag.mark(Fetched) and flag.mark(Fetched).what == "folder"
    return str(fetch.folder(place).resolve()) if folder and in_bucket(place) else here(place)


def reads(run: Run) -> list[Path]:
    """The folders on this machine that the steps read beside OUT."""
    return reading(run.value("data"), *(run.value(flag.name) for flag in places()))


@contextmanager
def work_folder(run: Run) -> Iterator[Path]:
    """The folder that a run works in, locked; of an OUT in a bucket its results are published at the end."""
    out = publish.work_folder(run.out)
    require_own(out)
    with only_run_in(out):
        forget(out)
        with publish.published(run.out, out) if in_bucket(run.out) else nullcontext():
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
