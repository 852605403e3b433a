"""Running averages of batch norm that the training is too short to reach, and settings that miss the backbone."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs

_LEFT = 0.05  # share of the initial statistics in the last ones; set by hand
_WHERE = "pipeline.config: model.ssd.feature_extractor"


def find(inputs: Inputs) -> Iterator[Finding | None]:
    config = inputs.training.config
    if not config or inputs.training.frozen_batch_norm:
        return
    extractor = config.ssd.feature_extractor
    if extractor.conv_hyperparams.HasField("batch_norm"):
        yield judge(extractor.conv_hyperparams.batch_norm.decay, inputs.recipe.steps)
        yield unused(extractor.override_base_feature_extractor_hyperparams, config.network.extractor)


def judge(decay: float, steps: int) -> Finding | None:
    """The running average keeps decay^steps of its initial value."""
    left = decay**steps
    if left < _LEFT:
        return None
    return Finding(
        id="batch_norm_decay",
        cause="recipe",
        severity="medium",
        title=f"Batch norm still uses {left:.0%} of its initial statistics after the training",
        claim=f"batch_norm.decay is {decay:.4g}. After {steps} steps the running averages, with which the model detects, "
        f"still hold "
        f"{left:.0%} of what they began with: the statistics of other images, or none.",
        evidence=(Evidence(metric="share of the initial statistics", value=round(left, 6), n=steps, where=_WHERE),),
        remedy="Set batch_norm.decay to 0.97, as `boxwright train` does, or freeze_batchnorm: true.",
        expected_effect="not measured here",
        confidence="medium",
    )


def unused(override: bool, extractor: str) -> Finding | None:
    """Source: SSDFeatureExtractor: without the flag the backbone is built with its own defaults."""
    if override:
        return None
    return Finding(
        id="base_hyperparams_unused",
        cause="recipe",
        severity="info",
        title="The settings of the convolutions do not apply to the backbone",
        claim=f"override_base_feature_extractor_hyperparams is false, so the backbone of {extractor} keeps its own weight "
        f"decay and "
        "batch norm. conv_hyperparams apply to the added feature maps only.",
        evidence=(Evidence(metric="override_base_feature_extractor_hyperparams", value=0, n=1, where=_WHERE),),
        remedy="Set override_base_feature_extractor_hyperparams: true if they are meant for the whole network, as in the "
        "zoo's configs "
        "of TF 2.",
        confidence="high",
    )


KIND = Kind(ids=("batch_norm_decay", "base_hyperparams_unused"), find=find, rests_on=())
