"""KFP component `run_status`: the exit handler of every graph."""

from kfp import dsl

from boxwright.core.runtime.environments import image


@dsl.container_component
def run_status(
    final: dsl.PipelineTaskFinalStatus,
    page: dsl.Output[dsl.Markdown],
    status: dsl.Output[dsl.Artifact],
    run: str = "",
    pipeline: str = "",
    data: str = "",
):
    """Says how the run ended, and what to do next.

    Args:
        run: Id of the run.
        pipeline: Name of the graph.
        data: The data that the run was about.
    """
    args = ["--final", final, "--run", run, "--pipeline", pipeline, "--data", data]
    args += ["--page", page.path, "--status", status.path]
    args += ["--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER]
    return dsl.ContainerSpec(image=image("data"), command=["boxwright", "run_status"], args=args)
