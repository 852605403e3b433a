"""Says how a pipeline's run ended: the state, the error in KFP's own words, and what to do next.

KFP hands it the state of all other steps; on its own it is of use to nobody.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from boxwright.core.runtime.step_io import Result


@dataclass(frozen=True, kw_only=True)
class Config:
    final: str
    """KFP's PipelineTaskFinalStatus of the other steps, as JSON."""
    run: str = ""
    """Id of the run."""
    pipeline: str = ""
    """Name of the graph."""
    data: str = ""
    """The data that the run was about."""
    page: Path = Path("status.md")
    """Output: how the run ended, as Markdown."""
    status: Path = Path("status.json")
    """Output: the same for scripts."""


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
