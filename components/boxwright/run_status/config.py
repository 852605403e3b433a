"""Says how a pipeline's run ended: the state, the error in KFP's own words, and what to do next.

KFP hands it the state of all other steps. By hand it is of no use.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from boxwright.core.runtime.flags import FinalStatus, Output, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    final: Annotated[str, FinalStatus()]
    """KFP's PipelineTaskFinalStatus of the other steps, as JSON."""
    run: str = ""
    """Id of the run."""
    pipeline: str = ""
    """Name of the graph."""
    data: str = ""
    """The data that the run was about."""
    page: Annotated[Path, Output("Markdown")] = Path("status.md")
    """Output: how the run ended, as Markdown."""
    status: Annotated[Path, Output("Artifact")] = Path("status.json")
    """Output: the same for scripts."""
