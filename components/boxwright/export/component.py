"""KFP component `export`."""

from kfp import dsl

from boxwright.core.runtime.environments import image


@dsl.container_component
def export(
    model: dsl.Input[dsl.Model],
    records: dsl.Input[dsl.Dataset],
    saved_model: dsl.Output[dsl.Model],
    tflite: dsl.Output[dsl.Model],
    calibration_images: int = 150,
):
    """Exports the trained detector as SavedModel and TFLite, float32 and int8.

    Args:
        model: Model from train.
        records: TFRecords from convert; training images calibrate int8.
        saved_model: TensorFlow SavedModel.
        tflite: float32.tflite, int8.tflite, labels.txt, parity.json.
        calibration_images: Distinct training images for int8 calibration.
    """
    return dsl.ContainerSpec(
        image=image("train"),
        command=["boxwright", "export"],
        args=[
            *("--model", model.path, "--records", records.path, "--calibration-images", calibration_images),
            *("--saved-model", saved_model.path, "--tflite", tflite.path),
            *("--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER),
        ],
    )
