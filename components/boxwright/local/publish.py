"""Publishing for `boxwright run --out gs://...`. The run works in a local folder and publishes its results when it ends."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache, publication, upload
from boxwright.core.storage.uri import in_bucket
from boxwright.lineage import records

# The pages to open first. The first one that exists is printed.
PAGES = ("report.html", "diagnosis.html")
RESULTS = (
    *(*PAGES, "summary.json", records.FILE),
    *("findings.json", "recipe.yaml", "augmentation.html", "validation.html", "examination.html"),
)


def local_folder(out: str) -> Path:
    """The folder that a run works in: `out` itself, or for a URI a folder in the cache. The same URI always gets the same folder,
    so that the same command resumes."""
    if in_bucket(out):
        return cache.root().resolve() / "runs" / digests.of_json(out.rstrip("/"))
    return Path(out).expanduser().resolve()


@contextmanager
def publishing(uri: str, out: Path) -> Iterator[None]:
    """Publishes the run in `out` at `uri` when it ends. A failed run is published at `uri`/failed. A run that was stopped
    (SIGTERM, Ctrl-C) publishes nothing."""
    for name in RESULTS:  # of an earlier run; this run may end before it replaces them
        (out / name).unlink(missing_ok=True)
    try:
        yield
    except (UserError, SystemExit) as error:
        if getattr(error, "code", 1) == 1:  # any other code is a signal's
            _publish_failed(f"{uri.rstrip('/')}/{publication.FAILED}", out)
        raise
    try:
        place = upload.publish_files(files(out), uri)
    except UserError as error:
        raise UserError(
            f"{error}. The run itself is complete in {out}. Run the same command again: it will only publish"
        ) from None
    print(f"published: {place}/{next((name for name in PAGES if (out / name).is_file()), '')}")


def _publish_failed(uri: str, out: Path) -> None:
    if not (left := files(out)):  # no step has started
        return
    try:
        print(f"published the failed run, with its logs: {upload.publish_files(left, uri)}", file=sys.stderr)
    except UserError as error:  # the run's own error is raised instead
        print(f"warning: {error}", file=sys.stderr)


def files(out: Path) -> dict[str, Path]:
    """The files to publish of the run in `out`, by their name below it: results, logs, and the artifacts in its lineage.
    Artifacts of earlier runs in `steps` are left out."""
    tasks = records.read(out) if (out / records.FILE).is_file() else []
    places = [out / name for name in (*RESULTS, "logs")]
    places += [out / artifact.path for task in tasks for artifact in task.outputs.values()]
    below = [file for place in places for file in ([place] if place.is_file() else place.rglob("*"))]
    return {str(file.relative_to(out)): file for file in sorted(below) if file.is_file() and file.is_relative_to(out)}
