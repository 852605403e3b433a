"""Runs the step: see config.py."""

import contextlib
import io
import json

from boxwright.core.runtime import text_files
from boxwright.core.runtime.console import silence_libraries
from boxwright.core.runtime.step_io import Result
from boxwright.validate.config import Config


def run(config: Config) -> Result:
    """Data that are not ready are a result, not an exception; raises UserError when there are no records, when the tables are of
    other data, when a schema or an earlier run's statistics cannot be read, when an output cannot be written, and for a risk
    accepted without a reason."""
    silence_libraries()
    with contextlib.redirect_stderr(io.StringIO()):  # TFDV misses IPython here
        from boxwright.validate import validation

    found = validation.validate(config)
    reasons = [reason.as_json() for reason in found.reasons]
    document = {"verdict": found.verdict, "reasons": reasons}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    text_files.write(config.anomalies / "validation.json", text)
    text_files.write(config.page, validation.page(config, found))
    return Result(
        artifacts={
            "statistics": {"tfdv": found.tfdv_version},
            "anomalies": {"verdict": found.verdict, "anomalies": found.anomalies, "reasons": len(reasons)}
            | {f"accepted_{reason.code}": reason.accepted for reason in found.reasons if reason.accepted},
        },
        parameters={"ready": found.verdict != "not_ready"},
        headline="\n".join([f"  {r.severity}: {r.text}" for r in found.reasons] + [f"validate: {found.verdict}"]),
    )
