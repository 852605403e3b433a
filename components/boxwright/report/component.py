"""KFP components `report` (a whole run) and `refusal` (a run that validation stopped): one step with more or fewer inputs."""

from kfp import dsl
from kfp.dsl import HTML, Artifact, Dataset, Input, Markdown, Model, Output

from boxwright.core.runtime.environments import image

_IMAGE, _COMMAND = image("data"), ["boxwright", "report"]
_EXECUTOR_INPUT = ["--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER]


@dsl.container_component
def report(
    records: Input[Dataset], anomalies: Input[Artifact], findings: Input[Artifact],
    recipe: Input[Artifact], model: Input[Model], evaluation_float: Input[Artifact], evaluation_int8: Input[Artifact],
    tflite: Input[Model], edgetpu: Input[Model], report: Output[HTML], overview: Output[Markdown],
    summary: Output[Artifact],
):  # fmt: skip
    """Reads everything a run wrote; writes one self-contained page, the same in short as Markdown, and summary.json."""
    return dsl.ContainerSpec(
        image=_IMAGE, command=_COMMAND,
        args=[
            *("--records", records.path, "--anomalies", anomalies.path),
            *("--findings", findings.path, "--recipe", recipe.path, "--model", model.path),
            *("--evaluation-float", evaluation_float.path, "--evaluation-int8", evaluation_int8.path),
            *("--tflite", tflite.path, "--edgetpu", edgetpu.path, "--report", report.path),
            *("--overview", overview.path, "--summary", summary.path, *_EXECUTOR_INPUT),
        ],
    )  # fmt: skip


@dsl.container_component
def refusal(
    records: Input[Dataset], anomalies: Input[Artifact],
    report: Output[HTML], overview: Output[Markdown], summary: Output[Artifact],
):  # fmt: skip
    """Reports a run that validation stopped: every reason, on one page (`report`) and in summary.json (`summary`)."""
    inputs = ["--records", records.path, "--anomalies", anomalies.path]
    outputs = ["--report", report.path, "--overview", overview.path, "--summary", summary.path]
    return dsl.ContainerSpec(image=_IMAGE, command=_COMMAND, args=inputs + outputs + _EXECUTOR_INPUT)
