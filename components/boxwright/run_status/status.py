"""How a run ended, from what KFP says of it."""

import json
from typing import Any

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import without_secrets

NEXT = {
    "SUCCEEDED": "What came out is shown by the artifact `report` of the task `report`, of a diagnosis by `page` of `diagnose`; "
    "where validation stopped the run, `report` of `refusal` says why.",
    "FAILED": "`boxwright logs RUN` prints the last lines of the step that failed. What can be put right by you stands behind "
    "`error:`. The same run again keeps the steps that ended well.",
    "CANCELLED": "Somebody ended it. The same run again keeps the steps that ended well.",
}
OTHERWISE = "`boxwright status RUN` says how it stands."
# What KFP's own server says instead, in the words of ML Metadata.
WORDS = {"COMPLETE": "SUCCEEDED", "CACHED": "SUCCEEDED", "CANCELED": "CANCELLED"}


def read(config) -> dict[str, Any]:
    """state, error, run, pipeline and data of a run. KFP writes the names in camelCase, kfp.local in snake_case."""
    try:
        final = json.loads(config.final)
        error = final.get("error") or {}
        return {
            "state": WORDS.get(final["state"], str(final["state"])),
            "error": str(error.get("message", "")),
            "run": config.run,
            "pipeline": config.pipeline,
            "data": without_secrets(config.data),
        }
    except (ValueError, KeyError, AttributeError, TypeError) as problem:
        raise UserError(f"--final is not the final status that KFP gives: {problem}") from None


def markdown(status: dict[str, Any]) -> str:
    lines = [f"# {status['pipeline'] or 'run'}: {status['state'].lower()}", ""]
    lines += [f"- {name}: `{status[name]}`" for name in ("run", "data") if status[name]]
    if status["error"]:
        lines += ["", "KFP says:", "", *(f"    {line}" for line in status["error"].splitlines())]
    advice = NEXT.get(status["state"], OTHERWISE).replace("RUN", status["run"] or "RUN")
    return "\n".join([*lines, "", advice]).rstrip() + "\n"
