"""A task of a run, as every server is read."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Task:
    """A step of the pipeline, or a driver of KFP that failed before its step."""

    name: str
    state: str
    """KFP's state of the task. SKIPPED: it did not run."""
    seconds: float | None
    """Duration. None: it has not started, or has not ended."""
    tries: int
    """Number of pods that were started for it. 0: none, or the server does not say."""
    pods: tuple[str, ...]
    """Possible names of its pods, last attempt first."""
    message: str = ""
    """The server's error message."""
