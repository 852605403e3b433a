"""The commands `boxwright upload`, `submit`, `status`, `logs` and `compare`."""

import itertools
import secrets
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table
from tyro.conf import Positional, UseAppendAction

from boxwright import graphs
from boxwright.cluster import comparison, data_volume, parameters, pipeline_versions, runs
from boxwright.cluster.compile import compile_to, require_graphs
from boxwright.cluster.connection.address import Address
from boxwright.cluster.kfp_types import Run
from boxwright.cluster.request_errors import NotFound
from boxwright.cluster.run_tasks.task import Task
from boxwright.cluster.server import Server
from boxwright.core import recipe
from boxwright.core.runtime import console
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.printable import visible, visible_line
from boxwright.local.inputs import check_text

# States of tasks that need no more work.
DONE = ("SUCCEEDED", "CACHED")


@dataclass(frozen=True, kw_only=True)
class Upload(Address, data_volume.Mounted):
    """Uploads the pipelines. Uploading the same content again creates no new version."""

    graph: tuple[graphs.Name, ...] = field(default_factory=lambda: graphs.NAMES)
    """Pipelines to upload."""
    gpu: bool = False
    """Training runs in the image for GPUs, with one GPU by default."""


@dataclass(frozen=True, kw_only=True)
class Submit(Address, data_volume.Mounted):
    """Starts a run of a pipeline on the cluster. It uploads the pipeline if the server does not have it."""

    data: str
    """Images and annotations: gs:// or s3://BUCKET/FOLDER, or a path on a volume that the pods mount (--data-volume)."""
    graph: graphs.Name = "finetune"
    """Pipeline to run."""
    set: UseAppendAction[tuple[tuple[str, ...], ...]] = ()
    """Other parameters, as NAME=VALUE: steps=500 model=ssd_mobilenet_v2."""
    gpu: bool = False
    """Train on one GPU, in the image for GPUs."""
    experiment: str = "boxwright"
    """Experiment that the run belongs to. It is created if it does not exist."""
    name: str = ""
    """Name of the run. Submitting the same name and parameters again starts no second run. Default: a new name."""
    wait: bool = False
    """Wait until the run has ended. Exit code 1 if it did not succeed."""


@dataclass(frozen=True, kw_only=True)
class Status(Address):
    """Prints the state of a run, task by task. Without a run, lists the newest runs."""

    run: Positional[str] = ""
    """Id of the run."""
    wait: bool = False
    """Wait until the run has ended. Exit code 1 if it did not succeed."""


@dataclass(frozen=True, kw_only=True)
class Logs(Address):
    """Prints the logs of a run's failed tasks, or of one task."""

    run: Positional[str]
    """Id of the run."""
    step: str = ""
    """Name of the task. Default: all failed tasks."""
    lines: int = 50
    """Number of lines to print from the end of each log. 0: all lines."""


@dataclass(frozen=True, kw_only=True)
class Compare(Address):
    """Prints the differences between two runs or two recipes: parameters, state and times of runs on a server, metrics of two
    folders of `boxwright run`, or settings of two recipes."""

    runs: Positional[tuple[str, str]]
    """Two run ids on the server, or two --out folders, or two recipe.yaml files. Folders and files: paths, gs:// or s3://."""


def upload(argv: list[str]) -> None:
    config = console.parse(Upload, argv, "boxwright upload")
    named, volume = require_graphs(config.graph), data_volume.parse(config.data_volume)
    server = Server(config)
    server.require_version()
    with tempfile.TemporaryDirectory() as folder:
        for name in named:
            version = pipeline_versions.upload(server, compile_to(Path(folder), name, config.gpu, volume=volume))
            print(f"{name} {version.display_name}: {pipeline_versions.link(server, version)}")


def submit(argv: list[str]) -> None:
    config = console.parse(Submit, argv, "boxwright submit")
    arguments, volume = _arguments(config), data_volume.parse(config.data_volume)
    data_volume.require_below(config.data, volume)
    server = Server(config)
    server.require_version()
    with tempfile.TemporaryDirectory() as folder:
        file = compile_to(Path(folder), config.graph, config.gpu and config.graph == "finetune", volume=volume)
        version = pipeline_versions.upload(server, file)
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {secrets.token_hex(2)}"
    name = config.name or runs.name_for(config.graph, version, arguments, when)
    run = runs.submit(server, version, arguments, config.experiment, name)
    print(f"run {run.run_id}: {server.url}/#/runs/details/{run.run_id}")
    if run.state in runs.ENDED:
        print(
            f"This run existed already and has ended: {run.state}. For a new run, give another --name, or leave it out."
        )
    if config.wait:
        _wait(server, run.run_id)


def _arguments(config: Submit) -> dict[str, Any]:
    """The graph's parameters, checked, and with a fingerprint of the data. Raises UserError for a wrong parameter."""
    pairs = list(itertools.chain(*config.set))
    if bad := [pair for pair in pairs if "=" not in pair]:
        raise UserError(f"--set {bad[0]}: expected NAME=VALUE")
    given = {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
    if "data" in given:
        raise UserError(f"--set data={given['data']}: use --data instead")
    arguments = parameters.parse(config.graph, given) | {"data": config.data}
    if (count := arguments.get("gpu_count", "0")) != "0" and not config.gpu:
        raise UserError(f"--set gpu_count={count}: also give --gpu, which selects the image for GPUs")
    parameters.check(arguments)
    check_text({"--name": config.name}, parameters.PLACEHOLDERS)
    return parameters.with_fingerprint(arguments)


def status(argv: list[str]) -> None:
    config = console.parse(Status, argv, "boxwright status")
    server = Server(config)
    if not config.run:
        console.console().print(listing(runs.recent(server, 10)))
    elif config.wait:
        _wait(server, config.run)
    else:
        run = runs.get(server, config.run)
        print_run(run, runs.tasks(server, run))


def _wait(server: Server, run_id: str) -> None:
    before, run, tasks = None, None, []
    try:
        for run in runs.wait(server, run_id):
            tasks = runs.tasks(server, run)
            if (now := [(task.name, task.state, task.tries) for task in tasks] + [run.state]) != before:
                print(f"{datetime.now():%H:%M:%S} {run.state or 'PENDING'}: {standing(tasks)}", flush=True)
            before = now
    except NotFound as error:
        if before is None:
            raise
        raise UserError(f"the run {run_id} is no longer on the server, somebody has deleted it: {error}") from None
    except UserError as error:
        if before is None:
            raise
        raise UserError(
            f"cannot read the state of the run any more; the run itself continues (wait again with `boxwright status {run_id} "
            f"--wait`): {error}"
        ) from None
    assert run  # wait yields it at least once
    print_run(run, tasks)
    if run.state != "SUCCEEDED":
        sys.exit(1)


def standing(tasks: Sequence[Task]) -> str:
    """The running and failed tasks; if there are none, the number of tasks done."""
    at = [f"{task.name} {task.state.lower()}" for task in tasks if task.state in ("RUNNING", "FAILED")]
    return ", ".join(at) or f"{sum(task.state in DONE for task in tasks)} tasks done"


def print_run(run: Run, tasks: Sequence[Task]) -> None:
    """Prints a run's name and state, and a table of its tasks."""
    archived = " (archived)" if run.storage_state == "ARCHIVED" else ""
    print(f"{visible_line(run.display_name)}\n{run.run_id}: {run.state or 'PENDING'}{archived}")
    if not tasks:
        print("no task has started yet" if run.state not in runs.ENDED else "the server lists no task of this run")
        return
    table = Table()
    for column in ("task", "state", "seconds", "tries"):
        table.add_column(column)
    for task in tasks:
        seconds = "" if task.seconds is None else f"{task.seconds:.0f}"
        table.add_row(task.name, task.state, seconds, str(task.tries or ""))
    console.console().print(table)
    for task in tasks:
        if task.state == "FAILED" and task.message:
            print(f"KFP says about {task.name}: {visible(task.message)}")
    if run.error:
        print(f"KFP says: {visible(run.error.message)}")


def listing(found: Sequence[Run]) -> Table:
    """A table of runs."""
    table = Table()
    for column in ("run", "state", "created", "name"):
        table.add_column(column, overflow="fold", no_wrap=column == "run")  # users copy the id from here
    for run in found:
        table.add_row(
            run.run_id, run.state or "PENDING", f"{run.created_at.astimezone():%Y-%m-%d %H:%M}", run.display_name
        )
    return table


def logs(argv: list[str]) -> None:
    config = console.parse(Logs, argv, "boxwright logs")
    if config.lines < 0:
        raise UserError(f"--lines {config.lines}: expected 0 or more")
    server = Server(config)
    run = runs.get(server, config.run)
    missing = []
    for task in _wanted(config, runs.tasks(server, run)):
        try:
            lines = runs.log(server, run, task).splitlines()
            print("\n".join([f"--- {task.name} ({task.state})", *lines[-config.lines :]]))
        except UserError as error:  # the log of another task may exist
            missing.append(str(error))
    if missing:
        raise UserError("; ".join(missing))


def _wanted(config: Logs, tasks: Sequence[Task]) -> list[Task]:
    """The tasks whose logs are printed. Raises UserError if there is none."""
    if config.step:  # an iteration of a loop is called train[0]
        wanted = [task for task in tasks if config.step in (task.name, task.name.partition("[")[0])]
    else:
        wanted = [task for task in tasks if task.state == "FAILED"]
    if not wanted:
        names = ", ".join(dict.fromkeys(task.name for task in tasks))
        what = (
            f"has no task {config.step}; it has {names}" if config.step else f"has no failed task; give --step: {names}"
        )
        raise UserError(f"the run {config.run} {what if tasks else 'has no task yet'}")
    return wanted


def compare(argv: list[str]) -> None:
    config = console.parse(Compare, argv, "boxwright compare")
    folders = [comparison.local_path(one) for one in config.runs]
    if all(one.is_file() for one in folders):
        return comparison.print_recipe_differences(*map(recipe.read, folders))
    if any(folder.exists() for folder in folders):
        facts = [comparison.folder_facts(folder) for folder in folders]
    else:
        server = Server(config)
        found = [runs.get(server, one) for one in config.runs]
        facts = [comparison.run_facts(run, runs.tasks(server, run)) for run in found]
    console.console().print(comparison.differences(config.runs, *facts))
