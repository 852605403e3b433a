"""A head of random numbers on a trained backbone: its first gradients are noise and damage the backbone."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.core.recipe import Recipe
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.plan import init_weights


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.recipe, inputs.plan, init_weights.new_head(inputs.init, inputs.plan))


def judge(recipe: Recipe, planned: Recipe, why: str) -> Finding | None:
    """why: the text of `init_weights.new_head`, which says which part of the head is new."""
    alone = sum(stage.steps for stage in planned.stages if stage.trainable == "head")
    if not alone or any(stage.trainable == "head" for stage in recipe.stages):
        return None
    return Finding(
        id="new_head",
        cause="recipe",
        severity="low",
        title="The new head would damage the trained backbone in the first steps",
        claim=f"{why[0].upper()}{why[1:]}. The recipe trains head and backbone together from the first of {recipe.steps} steps, "
        "so the random gradients of the new head damage the backbone.",
        evidence=(
            Evidence(
                metric="steps in which the head learns alone", value=alone, n=recipe.steps, where="recipe.yaml: stages"
            ),
        ),
        remedy=f"Train the head alone for {alone} steps, then the whole network.",
        expected_effect="not measured here",
        confidence="low",
    )


KIND = Kind(ids=("new_head",), find=find, rests_on=(), changes=("stages",))
