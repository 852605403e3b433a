"""Turns failures of machines, runners and worker processes into errors for the user."""

import re
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError

# gRPC's errors for a job service that cannot be reached, and for one that stopped.
_LOST = ("FutureTimeoutError", "StatusCode.UNAVAILABLE")

# Finds a remote worker's UserError in the text of its traceback. Beam appends the pipeline step that raised it.
_SAID = re.compile(rf"{UserError.__module__}\.{UserError.__name__}: (.*?)(?: \[while running|$)", re.MULTILINE)


@contextmanager
def explained(records: Path, tables: Path) -> Iterator[None]:
    """Raises UserError for a full disk, a killed worker, a runner that cannot be reached, and a UserError of a worker.

    Failures are recognised by their texts, because runners pass on nothing else. If this process was asked to stop, Beam's own
    error is replaced by that request.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if stop := _stop_behind(error):
            raise stop from None
        full = next((text for text in text_files.FULL if text in str(error)), None)
        if full:
            raise UserError(
                f"--records {records}, --tables {tables}: the disk cannot hold them ({full}); nothing was left behind: free "
                "space there or choose a larger disk, and re-run"
            ) from error
        if BrokenProcessPool.__name__ in repr(error) or "process pool was terminated abruptly" in str(error):
            raise UserError(
                "a worker process was killed, perhaps because memory ran out; nothing was left behind: re-run, with fewer "
                "--workers or more memory"
            ) from error
        if any(text in repr(error) for text in _LOST):
            raise UserError(
                "--beam-options: the runner's job service cannot be reached, or stopped; nothing was left behind: check that "
                "it runs where --job_endpoint says, and re-run"
            ) from error
        if said := _SAID.search(str(error)):
            raise UserError(f"a worker of the runner reports: {said[1]}; nothing was left behind") from error
        raise


def _stop_behind(error: BaseException | None) -> BaseException | None:
    while error and not isinstance(error, KeyboardInterrupt | SystemExit):
        error = error.__cause__ or error.__context__
    return error
