"""Runs the step: see config.py."""

import json

from boxwright.core.runtime.step_io import Result
from boxwright.run_status.config import Config


def run(config: Config) -> Result:
    """Raises UserError when `final` is not what KFP gives."""
    from boxwright.run_status.status import markdown, read

    status = read(config)
    for path in (config.page, config.status):
        path.parent.mkdir(parents=True, exist_ok=True)
    config.page.write_text(markdown(status), encoding="utf-8")
    config.status.write_text(json.dumps(status, indent=2) + "\n", encoding="utf-8")
    return Result(
        artifacts={"page": {}, "status": {"state": status["state"]}},
        headline=f"the run ended: {status['state']}",
    )
