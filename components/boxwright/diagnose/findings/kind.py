"""The definition of a kind of finding: what it looks for, what shows it on the page, and which fields the plan changes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from boxwright.core.anchors import Laid
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.findings import Finding
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.examples import Example
from boxwright.diagnose.inputs import Inputs

# labels: boxes and classes, which wrong data spoil. held_out: val or test compared with train, which a leak spoils.
RestsOn = Literal["labels", "held_out"]


@dataclass(frozen=True)
class Figure:
    """svg: the picture. caption: what it shows, in one or two sentences."""

    svg: Markup
    caption: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Shown:
    """The input of figures and examples. baseline: the recipe that is diagnosed. used: the recipe that training follows.
    anchors: of the diagnosed training, if no recipe can hold them."""

    data: Data
    diagnosis: Diagnosis
    baseline: Recipe
    used: Recipe
    anchors: Laid | None = None

    @property
    def laid(self) -> Laid:
        """The anchors that are diagnosed."""
        return self.anchors or self.baseline

    def finding(self, id: str) -> Finding:
        """The first finding of this id. Raises StopIteration if there is none."""
        return next(finding for finding in self.diagnosis.findings if finding.id == id)


def _always(finding: Finding, inputs: Inputs) -> bool:
    return True


def _never(finding: Finding, inputs: Inputs) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of finding.

    ids: the ids that its findings can have.
    find: looks at the inputs and gives the findings, or nothing.
    figure: draws the chart that shows it, for the page. Kinds may share one.
    examples: names the user's images that show the finding, and the boxes to draw on them; see `findings/examples.py`.
    rests_on: what it is measured on. Empty for a finding on the recipe alone.
    changes: the fields of the recipe that the plan changes because of it.
    answered: whether the plan's change of these fields solves this finding.
    partly: whether it solves a part of a finding that is not answered. The remedy then says what stays.
    """

    ids: tuple[str, ...]
    find: Callable[[Inputs], Iterable[Finding | None]]
    figure: Callable[[Shown], Figure] | None = None
    examples: Callable[[Finding, Shown], Iterable[Example]] | None = None
    rests_on: tuple[RestsOn, ...] = ("labels",)
    changes: tuple[str, ...] = ()
    answered: Callable[[Finding, Inputs], bool] = _always
    partly: Callable[[Finding, Inputs], bool] = _never
