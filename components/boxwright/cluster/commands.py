"""What `boxwright upload | submit | status | logs | compare` print."""

import itertools
import json
import re
import secrets
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tyro
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tyro.conf import Positional, UseAppendAction

from boxwright.cluster import nodes, pipeline_versions, runs
from boxwright.cluster.compile import GRAPHS, Graph, compile_to, some
from boxwright.cluster.server import Address, Server
from boxwright.core import recipe
from boxwright.core import recipe_diff as recipe_differences
from boxwright.core.recipe import Recipe
from boxwright.core.runtime import console
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch
from boxwright.core.storage.uri import in_bucket


@dataclass(frozen=True, kw_only=True)
class Upload(Address):
    """Uploads the pipelines; content that is there already stays the version that it is."""

    graph: tuple[Graph, ...] = field(default_factory=lambda: GRAPHS)
    """Pipelines to upload."""
    gpu: bool = False
    """Training on one GPU by default, in the image for GPUs."""


@dataclass(frozen=True, kw_only=True)
class Submit(Address):
    """Starts a run of a pipeline on the cluster, uploading it where it is not there yet."""

    data: str
    """Images and annotations: gs://bucket/folder, or a path that every pod sees."""
    graph: Graph = "finetune"
    """Pipeline to run."""
    set: UseAppendAction[tuple[tuple[str, ...], ...]] = ()
    """Other parameters, as NAME=VALUE: steps=500 model=ssd_mobilenet_v2."""
    gpu: bool = False
    """Train on one GPU, in the image for GPUs."""
    experiment: str = "boxwright"
    """Experiment that the run belongs to; made where it is not there yet."""
    name: str = ""
    """Name of the run: submitted again with the same parameters, it is the same run. Default: a new name, a new run."""
    wait: bool = False
    """Stay until the run has ended; exit code 1 when it did not succeed."""


@dataclass(frozen=True, kw_only=True)
class Status(Address):
    """Says how a run stands, task by task; without a run, lists the newest."""

    run: Positional[str] = ""
    """Id of the run."""
    wait: bool = False
    """Stay until it has ended; exit code 1 when it did not succeed."""


@dataclass(frozen=True, kw_only=True)
class Logs(Address):
    """Prints what the tasks of a run wrote: all that failed, or one."""

    run: Positional[str]
    """Id of the run."""
    step: str = ""
    """Name of the task. Default: those that failed."""
    lines: int = 50
    """The last so many of each, 0 or more; 0: all."""


@dataclass(frozen=True, kw_only=True)
class Compare(Address):
    """Prints what differs between two runs: parameters, state and times; of two folders of `boxwright run`, the numbers; of two
    recipes, each setting in a sentence."""

    runs: Positional[tuple[str, str]]
    """Two ids of runs on the server, or two --out folders or files recipe.yaml, here or gs://."""


def upload(argv: list[str]) -> None:
    config = tyro.cli(Upload, args=argv, prog="boxwright upload")
    graphs = some(config.graph)
    server = Server(config)
    with tempfile.TemporaryDirectory() as folder:
        for name in graphs:
            version = pipeline_versions.upload(server, compile_to(Path(folder), name, config.gpu))
            print(f"{name} {version.display_name}: {pipeline_versions.link(server, version)}")


def submit(argv: list[str]) -> None:
    config = tyro.cli(Submit, args=argv, prog="boxwright submit")
    pairs = list(itertools.chain(*config.set))
    if bad := [pair for pair in pairs if "=" not in pair]:
        raise UserError(f"--set {bad[0]}: expected NAME=VALUE")
    given = dict(pair.partition("=")[::2] for pair in pairs)
    if "data" in given:
        raise UserError(f"--set data={given['data']}: the data is what --data gives; leave this out")
    arguments = runs.typed(config.graph, given) | {"data": config.data}
    if (count := arguments.get("gpu_count", "0")) != "0" and not config.gpu:
        raise UserError(f"--set gpu_count={count}: give --gpu, too: it takes the training's image for GPUs")
    runs.check(arguments)
    arguments = runs.followed(arguments)
    server = Server(config)
    with tempfile.TemporaryDirectory() as folder:
        file = compile_to(Path(folder), config.graph, config.gpu and config.graph == "finetune")
        version = pipeline_versions.upload(server, file)
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {secrets.token_hex(2)}"
    name = config.name or runs.name_for(config.graph, version, arguments, when)
    run = runs.submit(server, version, arguments, config.experiment, name)
    print(f"run {run.run_id}: {server.url}/#/runs/details/{run.run_id}")
    if run.state in runs.ENDED:
        print(
            f"It was there already and has ended: {run.state}. For another run, give another --name, or leave it out."
        )
    if config.wait:
        _wait(server, run.run_id)


def status(argv: list[str]) -> None:
    config = tyro.cli(Status, args=argv, prog="boxwright status")
    server = Server(config)
    if not config.run:
        console.plain_console().print(listing(runs.recent(server, 10)))
    elif config.wait:
        _wait(server, config.run)
    else:
        show(runs.get(server, config.run))


def _wait(server: Server, run_id: str) -> None:
    before = None
    try:
        for run in runs.wait(server, run_id):
            if (now := [(t.display_name, t.state) for t in nodes.tasks(run)] + [run.state]) != before:
                print(f"{datetime.now():%H:%M:%S} {run.state or 'PENDING'}: {standing(run)}", flush=True)
            before = now
    except UserError as error:
        if before is None:
            raise
        raise UserError(f"the run is out of sight (`boxwright status {run_id} --wait` looks again): {error}") from None
    show(run)
    if run.state != "SUCCEEDED":
        sys.exit(1)


def standing(run) -> str:
    at = [
        f"{task.display_name} {task.state.lower()}" for task in nodes.tasks(run) if task.state in ("RUNNING", "FAILED")
    ]
    return ", ".join(at) or f"{sum(task.state == 'SUCCEEDED' for task in nodes.tasks(run))} tasks done"


def show(run) -> None:
    print(f"{run.display_name}\n{run.run_id}: {run.state or 'PENDING'}")
    table = Table()
    for column in ("task", "state", "seconds"):
        table.add_column(column)
    for task in nodes.tasks(run):
        table.add_row(task.display_name, task.state or "SKIPPED", seconds(task.start_time, task.end_time))
    console.plain_console().print(table)
    if run.error:
        print(f"KFP says: {run.error.message}")


def listing(found: Sequence) -> Table:
    table = Table()
    for column in ("run", "state", "created", "name"):
        table.add_column(column, overflow="fold", no_wrap=column == "run")  # an id is to be copied
    for run in found:
        table.add_row(
            run.run_id, run.state or "PENDING", f"{run.created_at.astimezone():%Y-%m-%d %H:%M}", run.display_name
        )
    return table


def seconds(start: datetime | None, end: datetime | None) -> str:
    return f"{(end - start).total_seconds():.0f}" if start and end and end >= start else ""


def logs(argv: list[str]) -> None:
    config = tyro.cli(Logs, args=argv, prog="boxwright logs")
    if config.lines < 0:
        raise UserError(f"--lines {config.lines}: expected 0 or more")
    server = Server(config)
    run = runs.get(server, config.run)
    tasks = nodes.tasks(run)
    wanted = [task for task in tasks if (task.display_name == config.step if config.step else task.state == "FAILED")]
    if not wanted:
        names = ", ".join(task.display_name for task in tasks)
        what = (
            f"has no task {config.step}; it has {names}" if config.step else f"has no task that failed; --step: {names}"
        )
        raise UserError(f"the run {config.run} {what}")
    missing = []
    for task in wanted:
        try:
            lines = runs.log(server, run, task).splitlines()
            print("\n".join([f"--- {task.display_name} ({task.state})", *lines[-config.lines :]]))
        except UserError as error:  # another task's may be there
            missing.append(str(error))
    if missing:
        raise UserError("; ".join(missing))


def compare(argv: list[str]) -> None:
    config = tyro.cli(Compare, args=argv, prog="boxwright compare")
    folders = [place_of(one) for one in config.runs]
    if all(one.is_file() for one in folders):
        return print_differences(*map(recipe.read, folders))
    if any(folder.exists() for folder in folders):
        facts = [facts_of(folder) for folder in folders]
    else:
        server = Server(config)
        facts = [of_run(runs.get(server, one)) for one in config.runs]
    console.plain_console().print(differences(config.runs, *facts))


def place_of(one: str) -> Path:
    """Where lies here what `compare` is given, if it is no id: a recipe, or a folder with a summary."""
    return fetch.file(one) if in_bucket(one) and one.endswith(".yaml") else fetch.folder_with(one, "summary.json")


def facts_of(folder: Path) -> dict[str, Any]:
    """What its summary says. Raises UserError that says what is wrong with this one of two places."""
    if (file := folder / "summary.json").is_file():
        try:
            return of_folder(json.loads(file.read_text(encoding="utf-8")))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UserError(
                f"{file} cannot be compared ({type(error).__name__}: {error}): another version of Boxwright wrote it, or it was "
                "edited; the same `boxwright run` again writes it anew and keeps finished steps"
            ) from None
    if folder.is_dir():
        raise UserError(f"{folder} is not the folder of a finished run: it has no summary.json")
    what = "is a file and the other is none" if folder.exists() else "is not there"
    raise UserError(
        f"{folder} {what}; give two --out folders of finished runs, two files recipe.yaml, or two ids of runs"
    )


def print_differences(one: Recipe, other: Recipe) -> None:
    """What the second recipe does otherwise, with the reasons it gives, in sentences."""
    console = Console(emoji=False)
    for difference in (found := recipe_differences.between(one, other)):
        console.print(f"[bold]{difference.field}[/bold]: {escape(difference.text)}", highlight=False)
        for reason in difference.reasons:
            console.print(f"  [dim]why: {escape(reason)}[/dim]", highlight=False)
    if not found:
        console.print("the recipes train alike")


def of_run(run) -> dict[str, Any]:
    reference = run.pipeline_version_reference
    facts = {"state": run.state, "pipeline version": reference.pipeline_version_id if reference else ""}
    facts |= {f"parameter {name}": value for name, value in runs.parameters(run).items()}
    return facts | {f"seconds of {t.display_name}": seconds(t.start_time, t.end_time) for t in nodes.tasks(run)}


def of_folder(summary: Mapping[str, Any]) -> dict[str, Any]:
    facts = {"verdict": summary["verdict"], "data": summary["dataset"]["digest"], "steps": summary["steps"]}
    for name, numbers in summary["evaluation"].items():
        facts |= {f"{metric} {name}": numbers[metric] for metric in ("AP", "AP50", "AR100")}
        facts |= {f"AP50 {name} {one}": values["AP50"] for one, values in numbers["per_class"].items()}
    facts |= {f"seconds of {name}": value for name, value in summary["seconds"].items()}
    return facts | {f"digest of {name}": artifact["digest"] for name, artifact in summary["artifacts"].items()}


def differences(names: Sequence[str], one: Mapping[str, Any], other: Mapping[str, Any]) -> Table | str:
    """A table of what differs; numbers with how far they lie apart."""
    table = Table()
    for column in ("", *names, "difference"):
        table.add_column(column, overflow="fold")
    for key in dict.fromkeys([*one, *other]):
        pair = one.get(key), other.get(key)
        if pair[0] != pair[1]:
            numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in pair)
            shown = ["-" if value is None else re.sub(r"^(\w{12})\w{52}$", r"\1", str(value)) for value in pair]
            table.add_row(key, *shown, f"{pair[1] - pair[0]:+.4g}" if numbers else "")
    return table if table.row_count else "nothing differs"
