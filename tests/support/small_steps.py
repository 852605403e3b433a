"""Container components for small test pipelines. Each runs a Python program in a host environment."""

from typing import Any

from kfp import dsl

from boxwright.core.runtime.environments import image

EXECUTOR_INPUT = dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER


def container(program: str, *arguments: Any, environment: str = "data") -> dsl.ContainerSpec:
    """Runs `python -c PROGRAM ARGUMENTS EXECUTOR_INPUT`."""
    return dsl.ContainerSpec(
        image=image(environment), command=["python"], args=["-c", program, *arguments, EXECUTOR_INPUT]
    )
