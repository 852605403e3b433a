"""A loss in which the many anchors on the background outweigh those on objects."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs

# Losses that do not weigh easy anchors down themselves.
_EVEN = ("weighted_sigmoid", "weighted_softmax", "weighted_logits_softmax", "bootstrapped_sigmoid")


def find(inputs: Inputs) -> Iterator[Finding | None]:
    config = inputs.training.config
    if config and config.ssd.HasField("loss"):
        loss = config.ssd.loss
        sampled = loss.HasField("hard_example_miner") or loss.HasField("random_example_sampler")
        yield judge(loss.classification_loss.WhichOneof("classification_loss") or "", sampled=sampled)


def judge(kind: str, *, sampled: bool) -> Finding | None:
    """sampled: whether only some of the anchors on the background count. Source: Lin et al. 2017 (focal loss), section 3."""
    if kind not in _EVEN or sampled:
        return None
    return Finding(
        id="loss_unbalanced",
        cause="recipe",
        severity="medium",
        title="Anchors on the background outweigh those on objects",
        claim=f"The loss is {kind} without hard_example_miner: each of the thousands of anchors on the background counts as "
        f"much as one "
        "on an object, so the network learns to see nothing.",
        evidence=(Evidence(metric="losses without balance", value=1, n=1, where="pipeline.config: model.ssd.loss"),),
        remedy="Use weighted_sigmoid_focal { alpha: 0.75 gamma: 2.0 }, or add hard_example_miner with "
        "max_negatives_per_positive: 3.",
        expected_effect="not measured here; on COCO, focal loss gained 2.9 AP over balanced cross entropy (Lin et al. 2017, "
        "table 1b)",
        confidence="medium",
    )


KIND = Kind(ids=("loss_unbalanced",), find=find, rests_on=())
