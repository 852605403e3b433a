"""Reports what KFP says at the end of a pipeline's run: the state, an error message, and what to do next.

Only pipelines use this step: KFP passes the final status of the other steps to it. Not every server tells how the run ended, and
one that says FAILED may mean a try that was repeated. `boxwright status RUN` tells.
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
    """The data of the run."""
    page: Annotated[Path, Output("Markdown")] = Path("status.md")
    """Output: the state, the error and the next step as Markdown."""
    status: Annotated[Path, Output("Artifact")] = Path("status.json")
    """Output: the same as JSON, for scripts."""
