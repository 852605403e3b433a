"""KFP component `evaluate`."""

from kfp import dsl

from boxwright.core.runtime.environments import image


@dsl.container_component
def evaluate(
    model: dsl.Input[dsl.Model],
    records: dsl.Input[dsl.Dataset],
    evaluation: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
    confusion: dsl.Output[dsl.ClassificationMetrics],
    page: dsl.Output[dsl.HTML],
    variant: str = "trained",
    split: str = "test",
):
    """Measures a detector with the COCO numbers.

    Args:
        model: Model from train, or the TFLite files from export.
        records: TFRecords from convert.
        evaluation: metrics.json, errors.json, detections.json, groundtruth.json, precision_recall.svg.
        metrics: The numbers for the KFP UI.
        confusion: Which class is taken for which.
        page: The numbers as a page.
        variant: trained, float32 or int8.
        split: The split to measure on.
    """
    return dsl.ContainerSpec(
        image=image("train"),
        command=["boxwright", "evaluate"],
        args=[
            *("--model", model.path, "--variant", variant, "--records", records.path, "--split", split),
            *("--evaluation", evaluation.path, "--metrics", metrics.path),
            *("--confusion", confusion.path, "--page", page.path),
            *("--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER),
        ],
    )
