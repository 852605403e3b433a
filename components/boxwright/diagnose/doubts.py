"""Findings that an earlier cause makes doubtful: each is told with the finding to correct first."""

from collections.abc import Sequence

from boxwright.core.artifacts.validation import LEAK
from boxwright.core.findings import CAUSES, Finding
from boxwright.diagnose import findings
from boxwright.diagnose.findings.kind import RestsOn

# Wrong data that leave the boxes and classes of the others as they are.
_SPARE = ("upside_down", "repeated_images")
# What the findings of validate that are no leak and no wrong data rest on.
_OF_VALIDATION: dict[str, tuple[RestsOn, ...]] = {"class_missing": ("labels",), "no_objects": ("labels",)}


def told(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, each with its doubt: the first earlier cause of severity `high` that spoils what the finding rests on.

    Wrong data spoil everything that is measured on boxes and classes. A leak spoils what compares a held-out split with training.
    found: ranked.
    """
    return tuple(finding.model_copy(update={"doubt": _doubt(finding, found)}) for finding in found)


def _doubt(finding: Finding, found: Sequence[Finding]) -> str:
    earlier = next((one for one in found if _spoils(one, finding)), None)
    return f"{earlier.title}. Correct that first: what is said here may change then." if earlier else ""


def of_prediction(found: Sequence[Finding]) -> Finding | None:
    """The first finding that makes a predicted AP50 doubtful; None if there is none.

    Training cannot start, a held-out split shows what training shows, or boxes or classes are wrong."""
    serious = (one for one in found if one.severity in ("high", "medium"))
    return next((one for one in serious if one.stops or one.id == LEAK or _wrong_labels(one)), None)


def _wrong_labels(finding: Finding) -> bool:
    """What convert left out is not wrong in the records."""
    return _on_labels(finding) and finding.id != "quarantine" and not finding.accepted


def _severe(finding: Finding) -> bool:
    return finding.severity == "high" and not finding.accepted


def _on_labels(finding: Finding) -> bool:
    return finding.cause == "data_quality" and finding.id not in _SPARE


def _spoils(earlier: Finding, finding: Finding) -> bool:
    if not _severe(earlier) or _place(earlier) >= _place(finding):
        return False
    if earlier.cause == "data_quality":
        return _on_labels(earlier) and "labels" in rests_on(finding.id)
    return earlier.id == LEAK and "held_out" in rests_on(finding.id)


def _place(finding: Finding) -> int:
    return tuple(CAUSES).index(finding.cause)


def rests_on(id: str) -> tuple[RestsOn, ...]:
    """What a finding was measured on, so that an earlier cause can spoil it."""
    kind = findings.KIND_OF.get(id)
    return kind.rests_on if kind else _OF_VALIDATION.get(id, ())
