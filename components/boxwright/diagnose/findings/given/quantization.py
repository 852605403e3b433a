"""A training whose quantisation begins after its end, or that cannot quantise at all."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs

# Steps that must follow: 4 % of 50,000 in the zoo's quantised configs. The share was set by hand.
_ENOUGH, _SHARE = 2_000, 0.05


def find(inputs: Inputs) -> Iterator[Finding | None]:
    config = inputs.training.config
    if config and config.message.HasField("graph_rewriter"):
        delay = config.message.graph_rewriter.quantization.delay
        yield judge(delay, inputs.recipe.steps, keras=config.network.keras)


def judge(delay: int, steps: int, *, keras: bool) -> Finding | None:
    """Source: object_detection.builders.graph_rewriter_builder; only the TF 1 training calls it."""
    left = max(steps - delay, 0)
    if not keras and left >= min(_ENOUGH, _SHARE * steps):
        return None
    claim = (
        "graph_rewriter asks for quantisation in training, and the network is of TF 2. Only the training of TF 1 reads that, so "
        "nothing is quantised."
        if keras
        else f"graph_rewriter begins to quantise after step {delay}, and the training ends after step {steps}: {left} steps are "
        "left for it. The ranges of the activations are not learned, and the quantised model detects little or nothing."
    )
    return Finding(
        id="quantization_delay",
        cause="recipe",
        severity="high" if not keras and not left else "medium",
        title="The quantisation of the training never begins"
        if keras or not left
        else "The quantisation begins too late",
        claim=claim,
        evidence=(
            Evidence(
                metric="delay over all steps",
                value=round(delay / steps, 6),
                n=steps,
                where="pipeline.config: graph_rewriter",
            ),
        ),
        remedy=(
            "Delete graph_rewriter"
            if keras
            else f"Type delay: {steps * 4 // 5 // 100 * 100} or less, or delete graph_rewriter"
        )
        + ", and quantise after the training: `boxwright export` writes an int8 model that is calibrated with training images.",
        expected_effect="not measured here; on BCCD, quantising after the training cost nothing",
        confidence="high",
    )


KIND = Kind(ids=("quantization_delay",), find=find, rests_on=())
