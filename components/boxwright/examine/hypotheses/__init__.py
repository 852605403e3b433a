"""What may be wrong between a sound detector and its user. One module per hypothesis; each defines `HYPOTHESIS`."""

from boxwright.core import registry
from boxwright.examine.hypotheses.hypothesis import Hypothesis

HYPOTHESES: tuple[Hypothesis, ...] = tuple(
    member for _, member in registry.members(__name__, "HYPOTHESIS", "Add a hypothesis", helpers=("hypothesis",))
)
