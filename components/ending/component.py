"""KFP component `ending`: the exit handler of every graph."""

from kfp import dsl

from boxwright.core.environments import image


@dsl.container_component
def ending(
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
    return dsl.ContainerSpec(image=image("data"), command=["boxwright", "ending"], args=args)
