"""Boxwright in Python: `boxwright.diagnose`, `validate`, `evaluate` and `run`, for notebooks and scripts of any Python.

Each runs the command line in another process, in Boxwright's own environment. Nothing of the caller's libraries is used or
changed. Standard library only.
"""

from boxwright.api.answers import Diagnosis, Evaluation, Run, Validation
from boxwright.api.commands import diagnose, evaluate, run, validate
from boxwright.api.findings import Evidence, Finding, Prediction
from boxwright.api.process import Error

__all__ = [
    "Diagnosis",
    "Error",
    "Evaluation",
    "Evidence",
    "Finding",
    "Prediction",
    "Run",
    "Validation",
    "diagnose",
    "evaluate",
    "run",
    "validate",
]
