"""`boxwright run --out gs://...`: the work is done in a folder here, and what is worth reading is published there at the end."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boxwright.core.runtime import digests
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache, publication, upload
from boxwright.core.storage.uri import in_bucket
from boxwright.lineage import records

# The one to open first.
PAGES = ("report.html", "diagnosis.html")
RESULTS = (
    *(*PAGES, "summary.json", records.FILE),
    *("findings.json", "recipe.yaml", "augmentation.html", "validation.html"),
)


def work_folder(out: str) -> Path:
    """The folder that a run works in: `out`, or that in the cache which belongs to the URI, so that the same command resumes."""
    if in_bucket(out):
        return cache.root().resolve() / "runs" / digests.of_json(out.rstrip("/"))
    return Path(out).expanduser().resolve()


@contextmanager
def published(uri: str, out: Path) -> Iterator[None]:
    """Publishes what the run in `out` leaves, at `uri`; if it fails, what helps to see why, at `uri`/failed; if it is told to
    stop, nothing."""
    for name in RESULTS:  # of an earlier run, if this one does not write its own
        (out / name).unlink(missing_ok=True)
    try:
        yield
    except (UserError, SystemExit) as error:
        if getattr(error, "code", 1) == 1:  # else that of a signal
            _publish_failed(f"{uri.rstrip('/')}/{publication.FAILED}", out)
        raise
    try:
        place = upload.publish_files(files(out), uri)
    except UserError as error:
        raise UserError(
            f"{error}. The run itself is complete in {out}: the same command again only publishes"
        ) from None
    print(f"published: {place}/{next((name for name in PAGES if (out / name).is_file()), '')}")


def _publish_failed(uri: str, out: Path) -> None:
    if not (left := files(out)):  # not even begun
        return
    try:
        print(f"published, to see why it failed: {upload.publish_files(left, uri)}", file=sys.stderr)
    except UserError as error:  # the run's own error is the one that counts
        print(f"warning: {error}", file=sys.stderr)


def files(out: Path) -> dict[str, Path]:
    """The files worth publishing of the run in `out`, by name below it: results, logs, and the artifacts that its lineage names
    (`steps` holds those of earlier runs, too)."""
    made = records.read(out) if (out / records.FILE).is_file() else []
    places = [out / name for name in (*RESULTS, "logs")]
    places += [out / artifact.path for task in made for artifact in task.outputs.values()]
    below = [file for place in places for file in ([place] if place.is_file() else place.rglob("*"))]
    return {str(file.relative_to(out)): file for file in sorted(below) if file.is_file() and file.is_relative_to(out)}
