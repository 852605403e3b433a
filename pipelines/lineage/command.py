"""Prints what came from what in a run: each task, what went in, and each artifact it made with its digest."""

from dataclasses import dataclass
from pathlib import Path

from boxwright.pipelines.lineage import records


@dataclass(frozen=True, kw_only=True)
class Config:
    run: Path
    """Folder that `boxwright run --out` wrote."""


def main(argv: list[str]) -> None:
    import tyro
    from rich.console import Console

    from boxwright.pipelines.lineage import text

    if argv and not argv[0].startswith("-"):
        argv = ["--run", *argv]
    config = tyro.cli(Config, args=argv, prog="boxwright lineage", description=__doc__)
    Console().print(text.tree(records.read(config.run), config.run))
