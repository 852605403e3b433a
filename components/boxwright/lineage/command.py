"""Shows what came from what in a run: each task, what went in, and each artifact it made with its digest; or one artifact, with
what it came from and what came of it. As text, as a picture, and as OpenLineage events for a lineage server."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache
from boxwright.lineage import records


@dataclass(frozen=True, kw_only=True)
class Config:
    run: str
    """Folder that `boxwright run --out` wrote, here or gs://; may be given without the flag."""
    artifact: str = ""
    """Show this artifact only: its name (`train.model`), its path, or the beginning of its digest."""
    direction: Literal["up", "down", "both"] = "both"
    """With --artifact: what it came from, what came of it, or both."""
    picture: Path | None = None
    """Write the graph as a picture (.svg, for any browser) instead of text; --artifact is highlighted in it."""
    openlineage: str = ""
    """Write OpenLineage events to this file (one JSON a line), or send them to this http(s):// address of a lineage server
    (key in the environment variable OPENLINEAGE_API_KEY)."""


def main(argv: list[str]) -> None:
    import tyro

    if argv and not argv[0].startswith("-"):
        argv = ["--run", *argv]
    config = tyro.cli(Config, args=argv, prog="boxwright lineage", description=__doc__)
    check(config)
    out = cache.here(config.run, records.FILE)
    show(config, records.read(out), out)


def check(config: Config) -> None:
    if config.picture and config.picture.suffix != ".svg":
        raise UserError(f"--picture {config.picture}: a picture is written as .svg; give the file that ending")


def show(config: Config, tasks: list[records.Task], out: Path) -> None:
    from rich.console import Console

    from boxwright.lineage import events, graph, picture, text

    made = graph.build(tasks)
    name = graph.find(made, config.artifact, out) if config.artifact else ""
    if config.picture:
        text_files.write(config.picture, picture.svg(made, name, config.direction))
        print(f"picture: {config.picture}")
    if config.openlineage:
        sent = events.send(made, out, config.openlineage, config.run if cache.in_bucket(config.run) else "")
        print(f"{sent} OpenLineage events: {config.openlineage}")
    if not config.picture and not config.openlineage:
        Console(emoji=False).print(text.about(made, name, config.direction) if name else text.tree(tasks, config.run))
