"""Shows the lineage of a run: each task with its inputs, and each artifact with its digest.

With --artifact it shows one artifact, what it was made from and what was made from it. The output is text, a Mermaid flowchart
or OpenLineage events.
"""

from dataclasses import dataclass
from pathlib import Path

from boxwright.core.runtime import console, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch
from boxwright.core.storage.uri import in_bucket
from boxwright.lineage import events, graph, mermaid, records, text
from boxwright.lineage.graph import Direction

PICTURES = {".md": mermaid.markdown, ".mmd": mermaid.flowchart}


@dataclass(frozen=True, kw_only=True)
class Config:
    run: str
    """The --out folder of a `boxwright run`: a path, gs:// or s3://. `--run` may be omitted."""
    artifact: str = ""
    """Show only this artifact: its name (`train.model`), its path, or the first digits of its digest."""
    direction: Direction = "both"
    """With --artifact: what it was made from (up), what was made from it (down), or both."""
    picture: Path | None = None
    """Write a Mermaid flowchart to this file: .md for Markdown, .mmd for plain Mermaid. It highlights --artifact."""
    openlineage: str = ""
    """Write OpenLineage events to this file (one JSON per line), or send them to a lineage server at this http(s):// address.
    The server's key is read from the environment variable OPENLINEAGE_API_KEY."""


def main(argv: list[str]) -> None:
    if argv and not argv[0].startswith("-"):
        argv = ["--run", *argv]
    config = console.parse(Config, argv, "boxwright lineage", __doc__)
    check(config)
    out = fetch.folder_with(config.run, records.FILE)
    show(config, records.read(out), out)


def check(config: Config) -> None:
    """Raises UserError for a picture in an unsupported format."""
    if config.picture and config.picture.suffix not in PICTURES:
        named = config.picture.with_suffix(".md").name
        raise UserError(
            f"--picture {config.picture}: the picture is a Mermaid flowchart; expected a name that ends with .md or .mmd, such "
            f"as {named}. GitHub, GitLab and VS Code draw it; https://mermaid.live turns it into SVG or PNG"
        )


def show(config: Config, tasks: list[records.Task], out: Path) -> None:
    made = graph.build(tasks)
    name = graph.find(made, config.artifact, out) if config.artifact else ""
    if config.picture:
        text_files.write(config.picture, PICTURES[config.picture.suffix](made, name, config.direction))
        print(f"picture: {config.picture}")
    if config.openlineage:
        sent = events.send(made, out, config.openlineage, config.run if in_bucket(config.run) else "")
        print(f"{sent} OpenLineage events: {config.openlineage}")
    if not config.picture and not config.openlineage:
        shown = text.artifact_tree(made, name, config.direction) if name else text.run_tree(tasks, config.run)
        console.console(markup=True).print(shown)
