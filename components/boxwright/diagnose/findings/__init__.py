"""The findings of diagnose. Each module below this package with a `KIND` is one kind of finding. To add a kind, add a file."""

from collections.abc import Iterable, Sequence

from boxwright.core import registry
from boxwright.core.findings import Finding
from boxwright.core.recipe import Recipe
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs


def _registered() -> tuple[Kind, ...]:
    """All kinds. Raises RuntimeError for an id that two modules use, and for a change of a field that a recipe does not have."""
    helpers = ("kind", "examples", "box_examples", "shared_examples", "split_examples", "shared_figures")
    found: list[tuple[str, Kind]] = registry.members(__name__, "KIND", "Add a finding", helpers)
    registry.check_unique("finding id", ((file, id) for file, kind in found for id in kind.ids))
    for file, kind in found:
        if unknown := sorted(set(kind.changes) - set(Recipe.model_fields)):
            known = ", ".join(Recipe.model_fields)
            raise RuntimeError(f"{file}: changes has {', '.join(unknown)}; expected fields of a recipe: {known}")
    return tuple(kind for _, kind in found)


KINDS = _registered()
KIND_OF: dict[str, Kind] = {id: kind for kind in KINDS for id in kind.ids}


def find(inputs: Inputs) -> list[Finding]:
    """What all kinds find, in no particular order."""
    return [finding for kind in KINDS for finding in kind.find(inputs) if finding]


def asked(findings: Sequence[Finding], inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """For each field of the recipe that findings ask to change: the keys of these findings, sorted."""
    known = ((finding, KIND_OF.get(finding.id)) for finding in findings)
    return _by_field((finding, kind) for finding, kind in known if kind and kind.answered(finding, inputs))


def partly(findings: Sequence[Finding], inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """For each field of the recipe: the keys of the findings that its change answers in part, sorted."""
    known = ((finding, KIND_OF.get(finding.id)) for finding in findings)
    return _by_field(
        (finding, kind)
        for finding, kind in known
        if kind and not kind.answered(finding, inputs) and kind.partly(finding, inputs)
    )


def _by_field(found: Iterable[tuple[Finding, Kind]]) -> dict[str, tuple[str, ...]]:
    keys: dict[str, list[str]] = {}
    for finding, kind in found:
        for field in kind.changes:
            keys.setdefault(field, []).append(finding.key)
    return {field: tuple(sorted(of_field)) for field, of_field in keys.items()}
