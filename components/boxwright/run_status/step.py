"""Runs the step: see config.py."""

from boxwright.core.artifacts import run_status
from boxwright.core.runtime import text_files
from boxwright.core.runtime.step_io import Result
from boxwright.run_status.config import Config
from boxwright.run_status.status import markdown, meaning, read


def run(config: Config) -> Result:
    """Raises UserError if `final` is not what KFP gives, and if an output cannot be written."""
    status = read(config)
    text_files.write(config.page, markdown(status))
    run_status.write(config.status, status)
    return Result(artifacts={"page": {}, "status": {"state": status.state}}, headline=f"the run: {meaning(status)}")
