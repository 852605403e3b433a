"""Accepted risks: findings that do not stop the pipeline, because the user gave a reason."""

from collections.abc import Iterable, Mapping

from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError

_BY_DIAGNOSE = "`boxwright diagnose` reports this now as {}, which never stops the pipeline: remove it"
# Ids of earlier versions, and what to do instead.
_EARLIER = {
    "class_not_in_train": "the id is now class_missing: give that one",
    "class_not_judged": "the id is now class_missing: give that one",
    "copies_across_splits": "the id is now split_leak: give that one",
    "near_copies_across_splits": "the id is now split_leak: give that one",
    "few_training_images": _BY_DIAGNOSE.format("few_images"),
    "split_shift": _BY_DIAGNOSE.format("lighting_shift or split_shift"),
}


def parse(text: str) -> dict[str, str]:
    """`ID=REASON; ID=REASON` as reason by id. Raises UserError for a risk without a reason, and for an id that was renamed."""
    risks = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        code, _, why = (side.strip() for side in part.partition("="))
        if not (code and why):
            raise UserError(f"--accept {part!r}: expected ID=REASON; separate several with semicolons")
        if code in _EARLIER:
            raise UserError(f"--accept {code}: {_EARLIER[code]}")
        risks[code] = why
    return risks


def accept(findings: Iterable[Finding], risks: Mapping[str, str]) -> list[Finding]:
    """The findings, with the user's reasons in those that are accepted. An accepted finding does not stop the pipeline. An
    accepted id that no finding has is reported as a finding."""
    findings = list(findings)
    known = {finding.id for finding in findings}
    absent = [_absent(code) for code in risks if code not in known]
    return [_accepted(f, risks[f.id]) if f.id in risks else f for f in findings] + absent


def _accepted(finding: Finding, why: str) -> Finding:
    severity = "medium" if finding.stops else finding.severity
    return finding.model_copy(update={"stops": False, "severity": severity, "accepted": why})


def _absent(code: str) -> Finding:
    return Finding(
        id="accepted_absent",
        subject=code,
        cause="data_quality",
        severity="info",
        title="An accepted risk is not in these data",
        claim=f"--accept {code}: these data have no finding with this id.",
        remedy=f"Leave {code} out of --accept.",
    )
