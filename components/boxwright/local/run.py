"""Runs the whole pipeline on this machine, with or without Docker: from annotated images to TFLite files and a report.

Writes OUT/report.html and OUT/summary.json. The same command resumes an interrupted run.
"""

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from boxwright import graphs
from boxwright.core.artifacts import summary
from boxwright.core.artifacts.summary import Summary
from boxwright.core.models import ALIASES
from boxwright.core.runtime import console as terminal
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Fetched, Flag
from boxwright.core.storage import fetch
from boxwright.core.storage.uri import in_bucket
from boxwright.lineage import records
from boxwright.local import kfp_local, work_folder
from boxwright.local.arguments import Run, parse
from boxwright.local.inputs import absolute, check, data_places, fingerprint, local_copy, paths_read, places
from boxwright.local.summary_table import print_summary


def main(argv: list[str]) -> None:
    run = parse("finetune", argv, prog="boxwright run", description=__doc__ or "")
    check(run)
    with work_folder.opened(run.out) as out:
        finetune(run, out)


def finetune(run: Run, out: Path) -> None:
    """Runs the pipeline and writes report.html and summary.json. Raises UserError if validation rejected the data."""
    console = terminal.console(markup=True)
    started = time.monotonic()
    tasks = run_graph(run, out, console)
    made = collect(tasks, out)
    print_summary(made, out, time.monotonic() - started, console)
    refuse_not_ready(made, "training was not started")


def run_graph(run: Run, out: Path, console: Console, seen_as: Mapping[str, Any] | None = None) -> list[records.Task]:
    """Runs a graph below `out`. If a step crashes, prints the end of its log and exits with code 1. seen_as: as in kfp_local."""
    docker = run.engine == "docker"
    run = with_local_copies(run) if docker else run
    try:
        return kfp_local.run(graphs.load(run.graph), graph_arguments(run), out, console, docker, reads(run), seen_as)
    except kfp_local.StepCrashed as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        sys.exit(1)


def refuse_not_ready(summary: Summary, consequence: str) -> None:
    """Raises UserError if validation rejected the data. consequence: what was not done because of that."""
    if summary.verdict == "not_ready":
        reasons = "; ".join(reason.claim for reason in summary.reasons if reason.stops)
        raise UserError(f"{consequence}, because the data is not ready: {reasons}")


def graph_arguments(run: Run) -> dict[str, Any]:
    """The graph's parameters with absolute paths, and the fingerprint of the inputs, which is part of the cache key."""
    files = {flag.name: absolute(run.value(flag.name)) for flag in places() if flag.name in run.parameters}
    given = str(run.value("model"))
    model = ALIASES.get(given, given)
    others = [place for name, place in files.items() if name != "init"]
    zoo_model = str(model) if files["init"] == "auto" else ""
    return {
        **run.parameters,
        **files,
        "data": ",".join(data_places(run.value("data"))),
        "model": model,
        "fingerprint": fingerprint(
            run.value("data"), files["init"], *others, zoo_model=zoo_model, follow_links=bool(run.value("follow_links"))
        ),
    }


def with_local_copies(run: Run) -> Run:
    """The run with local copies in place of URIs, because a container has neither the credentials nor the cache."""
    copied = {flag.name: _copied(flag, run.value(flag.name)) for flag in places()}
    folders = [str(fetch.folder(place).resolve()) for place in data_places(run.value("data"))]
    return run.with_parameters(data=",".join(folders), **copied)


def _copied(flag: Flag, place: str) -> str:
    """The local copy of a URI. A keyword such as `auto` and an empty text are returned unchanged."""
    folder = flag.mark(Fetched) and flag.mark(Fetched).what == "folder"
    return str(fetch.folder(place).resolve()) if folder and in_bucket(place) else local_copy(place)


def reads(run: Run) -> list[Path]:
    """The local files and folders that the steps read, apart from OUT."""
    return paths_read(run.value("data"), *(run.value(flag.name) for flag in places()))


def collect(tasks: Sequence[records.Task], out: Path) -> Summary:
    """Copies report and summary to `out`. Adds facts of the runner to the summary: seconds, artifacts with digests."""
    outputs = {
        name: artifact for task in tasks for name, artifact in task.outputs.items() if name in ("report", "summary")
    }
    shutil.copyfile(out / outputs["report"].path, out / "report.html")
    artifacts = {
        f"{task.name}.{name}": summary.Artifact(path=artifact.path, digest=artifact.digest)
        for task in tasks
        for name, artifact in task.outputs.items()
    }
    own = {"seconds": {task.name: task.seconds for task in tasks}, "artifacts": artifacts}
    whole = summary.read(out / outputs["summary"].path).model_copy(update=own)
    summary.write(out / summary.FILE, whole)
    return whole
