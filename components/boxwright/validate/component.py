"""KFP component `validate`."""

from kfp import dsl

from boxwright.core.runtime.environments import image


@dsl.container_component
def validate(
    records: dsl.Input[dsl.Dataset],
    tables: dsl.Input[dsl.Dataset],
    statistics: dsl.Output[dsl.Artifact],
    schema: dsl.Output[dsl.Artifact],
    anomalies: dsl.Output[dsl.Artifact],
    page: dsl.Output[dsl.HTML],
    ready: dsl.OutputPath(bool),
    accept: str = "",
    expected_schema: str = "",
    previous_statistics: str = "",
):
    """Checks the data with TFDV and says whether training may start.

    Args:
        records: TFRecords from convert.
        tables: Tables from convert.
        statistics: TFDV statistics per split.
        schema: TFDV schema.
        anomalies: TFDV anomalies and validation.json, the verdict with its reasons.
        page: What was found, as one page.
        ready: Whether training may start.
        accept: Risks that are taken, as CODE=REASON; CODE=REASON.
        expected_schema: TFDV schema to check against; empty infers one from train.
        previous_statistics: Folder of an earlier run's statistics, to find drift; empty compares with none.
    """
    args = ["--records", records.path, "--tables", tables.path, "--statistics", statistics.path]
    args += ["--schema", schema.path, "--anomalies", anomalies.path, "--page", page.path]
    args += ["--accept", accept, "--expected-schema", expected_schema]
    args += ["--previous-statistics", previous_statistics]
    args += ["--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER]
    return dsl.ContainerSpec(image=image("data"), command=["boxwright", "validate"], args=args)
