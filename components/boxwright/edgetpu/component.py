"""KFP component `edgetpu`."""

from kfp import dsl

from boxwright.core.runtime.environments import image


@dsl.container_component
def edgetpu(tflite: dsl.Input[dsl.Model], edgetpu: dsl.Output[dsl.Model]):
    """Checks the int8 file for the Edge TPU and compiles it where the compiler is installed.

    Args:
        tflite: TFLite files from export.
        edgetpu: edgetpu.json, and int8_edgetpu.tflite when it was really compiled.
    """
    return dsl.ContainerSpec(
        image=image("edge"),
        command=["boxwright", "edgetpu"],
        args=[
            *("--tflite", tflite.path, "--edgetpu", edgetpu.path),
            *("--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER),
        ],
    )
