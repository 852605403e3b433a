# environment: data
"""The registry of findings: what is in it, and what each kind declares."""

from pathlib import Path

import pytest

from boxwright.core.recipe import Recipe
from boxwright.diagnose import findings

KIND = """
from boxwright.diagnose.findings.kind import Kind
KIND = Kind(ids=({id!r},), find=lambda inputs: (), changes={changes})
"""


def test_every_module_of_a_subject_is_a_finding():
    files = list(Path(findings.__path__[0]).glob("*/[!_]*.py"))
    assert len(files) == len(findings.KINDS) > 20
    assert all(kind.ids for kind in findings.KINDS)


def test_kinds_change_fields_that_a_recipe_has():
    assert {field for kind in findings.KINDS for field in kind.changes} <= set(Recipe.model_fields)


def test_a_new_module_is_a_finding(add_module):
    add_module(findings, "ships", KIND.format(id="ships", changes=("stages",)))
    assert [kind.ids for kind in findings._registered() if kind not in findings.KINDS] == [("ships",)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("KINDS = 1\n", r"findings/ships\.py defines no KIND; see components/README\.md, Add a finding"),
        (
            KIND.format(id="steps_few", changes=()),
            r"finding id 'steps_few' is used twice, in findings/ships\.py and training/step_count\.py",
        ),
        (
            KIND.format(id="ships", changes=("lr",)),
            r"findings/ships\.py: changes has lr; expected fields of a recipe: model, ",
        ),
    ],
)
def test_refuses_a_finding_that_it_cannot_use(add_module, text, says):
    add_module(findings, "ships", text)
    with pytest.raises(RuntimeError, match=says):
        findings._registered()
