"""Checks that a run's artifacts are unchanged: recomputes every digest and compares it with the lineage.

Lists changed, missing and unexpected files, and the artifacts that were made from them. Exit code 1 means that there is a
fault. It finds accidental changes. It cannot find an edit that also changed lineage.json.
"""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from boxwright.core.runtime import console as terminal
from boxwright.core.runtime import digests
from boxwright.core.storage import fetch
from boxwright.lineage import graph, records
from boxwright.lineage.graph import Graph
from boxwright.local import cache_check

# Largest number of files to name for an artifact.
NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Config:
    run: str
    """The --out folder of a `boxwright run`. For one in a bucket (gs://, s3://), a copy is checked. `--run` may be omitted."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """what: changed, missing, unexpected, inconsistent or link. detail: the files, or what was expected."""

    artifact: str
    what: str
    detail: str


def main(argv: list[str]) -> None:
    if argv and not argv[0].startswith("-"):
        argv = ["--run", *argv]
    config = terminal.parse(Config, argv, "boxwright verify", __doc__)
    out = fetch.folder_with(config.run)
    made = graph.build(records.read(out))
    console = terminal.console(markup=True)
    with progress(made, out, console) as seen:
        found = list(faults(made, out, seen))
    if not found:
        print(f"{config.run}: all {len(made.artifacts)} artifacts are unchanged")
        return
    console.print(fault_table(found, doubtful(made, found)))
    sys.exit(1)


def faults(made: Graph, out: Path, seen: Callable[[Path], object] = lambda file: None) -> Iterator[Fault]:
    """All faults of a run. seen: called with each file after its digest was computed."""
    for name in made.artifacts:
        yield from altered(made, name, out, seen)
    for task, given in made.inputs.items():
        yield from inconsistent(made, task, given)
    yield from copies(made, out)


def altered(made: Graph, name: str, out: Path, seen: Callable[[Path], object]) -> Iterator[Fault]:
    """The differences between an artifact's files and the files that its step wrote."""
    artifact = made.artifacts[name]
    path = out / artifact.path
    if link := link_in(out, [path]):
        yield Fault(
            artifact=name, what="link", detail=f"{link.relative_to(out)}; no step writes links, and none is read"
        )
        return
    if not path.exists():
        yield Fault(artifact=name, what="missing", detail=artifact.path)
        return
    now = digests.of_each(path, seen)
    digest = digests.of_files(now)
    if digest == artifact.digest:
        return
    before = cache_check.recorded_digests(path, artifact.digest)
    others = [other for other, a in made.artifacts.items() if a.digest == digest]
    if before is None or others:
        detail = (
            f"it now has the content of {others[0]}"
            if others
            else f"its digest is {digest}, expected {artifact.digest}"
        )
        yield Fault(artifact=name, what="changed", detail=f"{artifact.path}: {detail}")
        return
    for what, files in (
        ("changed", [file for file in before if file in now and now[file] != before[file]]),
        ("missing", [file for file in before if file not in now]),
        ("unexpected", [file for file in now if file not in before]),
    ):
        if files:
            yield Fault(artifact=name, what=what, detail=named(artifact.path, sorted(files)))


def link_in(out: Path, paths: Iterable[Path]) -> Path | None:
    """The first link among these paths, the folders above them up to `out`, and all that is below them. It may lead anywhere."""
    for path in paths:
        above = [path, *(parent for parent in path.parents if parent != out and parent.is_relative_to(out))]
        if link := next((one for one in reversed(above) if one.is_symlink()), None):
            return link
        if link := next((one for one in path.rglob("*") if one.is_symlink()), None):
            return link
    return None


def named(path: str, files: list[str]) -> str:
    more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
    return ", ".join(path if file == "." else f"{path}/{file}" for file in files[:NAMED]) + more


def inconsistent(made: Graph, task: str, given: Mapping[str, str]) -> Iterator[Fault]:
    """Outputs whose metadata disagree with the lineage about their inputs."""
    for output in made.outputs(task):
        used = records.used(made.artifacts[output])
        for key, name in given.items():
            if name not in made.artifacts:
                yield Fault(
                    artifact=output, what="inconsistent", detail=f"no task of the run made its input {key}: {name}"
                )
            elif key in used and used[key] != made.artifacts[name].digest:
                detail = f"was made from a {key} with digest {used[key]}, but {name} has digest {made.artifacts[name].digest}"
                yield Fault(artifact=output, what="inconsistent", detail=detail)


def copies(made: Graph, out: Path) -> Iterator[Fault]:
    """Faults of OUT/report.html, which is a copy of the report artifact."""
    for name in made.artifacts:
        copy = out / "report.html"
        if copy.is_symlink() or not copy.is_file():
            return
        if name.endswith(".report") and digests.of_path(copy) != made.artifacts[name].digest:
            yield Fault(artifact=name, what="changed", detail=f"its copy {copy.name} differs")


def doubtful(made: Graph, found: list[Fault]) -> list[str]:
    """The artifacts that were made from faulty ones, in the order of their creation."""
    faulty = {fault.artifact for fault in found}
    below = made.downstream(faulty)
    return [name for name in made.artifacts if name in below - faulty]


def fault_table(found: list[Fault], after: list[str]) -> Table:
    caption = f"also affected, as made from these: {', '.join(after)}" if after else None
    shown = Table(caption=caption and escape(caption), caption_justify="left")
    for column in ("artifact", "what", "where"):
        shown.add_column(column, overflow="fold")
    for fault in found:
        shown.add_row(escape(fault.artifact), f"[red]{fault.what}[/red]", escape(fault.detail))
    return shown


@contextlib.contextmanager
def progress(made: Graph, out: Path, console: Console) -> Iterator[Callable[[Path], object]]:
    """A progress bar over the bytes of all artifacts. It is removed at the end."""
    paths = [path for artifact in made.artifacts.values() if not link_in(out, [path := out / artifact.path])]
    total = sum(file.stat().st_size for path in paths for file in (path, *path.rglob("*")) if file.is_file())
    columns = (TextColumn("checking"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda file: bar.advance(task, file.stat().st_size)
