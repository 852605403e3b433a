"""The findings of diagnose. Each module below this package with a `KIND` is one kind of finding. To add a kind, add a file."""

from collections.abc import Sequence

from boxwright.core import registry
from boxwright.core.findings import Finding
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs

KINDS: tuple[Kind, ...] = tuple(m.KIND for m in registry.modules(__name__) if hasattr(m, "KIND"))
KIND_OF: dict[str, Kind] = {id: kind for kind in KINDS for id in kind.ids}


def find(inputs: Inputs) -> list[Finding]:
    """What all kinds find, in no particular order."""
    return [finding for kind in KINDS for finding in kind.find(inputs) if finding]


def asked(findings: Sequence[Finding], inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """For each field of the recipe that findings ask to change: the keys of these findings, sorted."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        kind = KIND_OF.get(finding.id)
        for field in kind.changes if kind and kind.answered(finding, inputs) else ():
            found.setdefault(field, []).append(finding.key)
    return {field: tuple(sorted(keys)) for field, keys in found.items()}
