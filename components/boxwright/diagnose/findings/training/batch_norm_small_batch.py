"""Batch norm that takes its statistics from four images or fewer."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.core.plurals import count
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.plan.existing_training import ExistingTraining

# By images a worker: ImageNet error in % of ResNet-50 with batch norm, and with group norm, which ignores the batch. Source: Wu
# and He 2018, Group Normalization, table 2.
_ERROR = {2: (34.7, 24.1), 4: (27.3, 24.2)}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(inputs.training)


def judge(training: ExistingTraining) -> Finding | None:
    batch = training.recipe.batch_size
    if training.frozen_batch_norm or batch > max(_ERROR):
        return None
    like = 4 if batch > 2 else 2
    batch_norm, group_norm = _ERROR[like]
    return Finding(
        id="batch_norm_small_batch",
        cause="recipe",
        severity="low" if batch > 2 else "medium",
        title=f"A batch of {batch} is too small for batch norm",
        claim=f"Batch norm takes its means and variances from {count(batch, 'image')} in each step, so they are noisy. Inference "
        "uses their running averages, which no training step used.",
        evidence=(Evidence(metric="images in a step", value=batch, n=batch, where="recipe: batch_size"),),
        remedy="Train with batch_size 8 or more. Batch norm was measured to work at 8. If you train with a pipeline.config of "
        "your own, freeze_batchnorm: true keeps the statistics of the initial weights.",
        expected_effect=f"not measured here; on ImageNet the error of ResNet-50 was {batch_norm} % with {like} images a "
        f"worker, and {group_norm} % with a norm that does not depend on the batch (Wu & He 2018)",
        confidence="medium",
    )


KIND = Kind(ids=("batch_norm_small_batch",), find=find, rests_on=())
