"""Reads the final status that KFP gives, and writes it as Markdown."""

import json
from collections.abc import Iterator

from boxwright.core.artifacts.run_status import RunStatus
from boxwright.core.runtime import printable
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.secrets import without_secrets
from boxwright.run_status.config import Config

NEXT = {
    "SUCCEEDED": "The result is the artifact `report` of the task `report`. A diagnosis has the artifact `page` of the task "
    "`diagnose` instead. If validation stopped the run, the artifact `report` of the task `refusal` says why.",
    "FAILED": "The run may have succeeded all the same, if a later try of the step worked: `boxwright status RUN` shows the "
    "state of the run and of each step. `boxwright logs RUN` prints the last lines of a step that failed. A line that begins "
    "with `error:` says what to correct. When you submit the same run again, the steps that succeeded are not repeated.",
    "CANCELLED": "The run was cancelled. When you submit the same run again, the steps that succeeded are not repeated.",
}
OTHERWISE = "`boxwright status RUN` shows the state of the run and of each step."
# KFP's own server uses the names of ML Metadata for these states.
STATES = {"COMPLETE": "SUCCEEDED", "CACHED": "SUCCEEDED", "CANCELED": "CANCELLED"}
# What a state of KFP's really means. KFP 2.15 and 2.16 pass RUNNING after success and after most failures, 2.17 passes it if
# every step came from the cache. KFP 2.15 and 2.16 pass FAILED also if a later try of the step worked.
MEANING = {
    "SUCCEEDED": "succeeded",
    "FAILED": "a step failed at least once",
    "CANCELLED": "cancelled",
    "RUNNING": "this server does not tell how the run ended",
}


def read(config: Config) -> RunStatus:
    """Raises UserError if `final` is not what KFP gives."""
    try:
        final = json.loads(config.final)
        error = final.get("error") or {}
        return RunStatus(
            state=STATES.get(final["state"], str(final["state"])),
            error=without_secrets(str(error.get("message", ""))),
            run=config.run,
            pipeline=config.pipeline,
            data=without_secrets(config.data),
        )
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as problem:
        raise UserError(f"--final is not the final status that KFP passes to an exit handler: {problem}") from None


def meaning(status: RunStatus) -> str:
    """What the state says about the run."""
    return MEANING.get(status.state, status.state.lower())


def markdown(status: RunStatus) -> str:
    """The page."""
    return "\n".join(_lines(status)).rstrip() + "\n"


def _lines(status: RunStatus) -> Iterator[str]:
    yield from (f"# {printable.markdown(status.pipeline or 'run')}: {printable.markdown(meaning(status))}", "")
    yield from (
        f"- {name}: {printable.markdown_code(value)}"
        for name, value in (("run", status.run), ("data", status.data))
        if value
    )
    if status.error:
        yield from ("", "KFP says:", "", *(f"    {printable.visible_line(line)}" for line in status.error.splitlines()))
    yield from ("", printable.markdown_sentence(NEXT.get(status.state, OTHERWISE).replace("RUN", status.run or "RUN")))
