"""KFP component of the train step."""

from kfp import dsl

from boxwright.core.runtime.environments import image


@dsl.container_component
def train(
    records: dsl.Input[dsl.Dataset],
    recipe: dsl.Input[dsl.Artifact],
    model: dsl.Output[dsl.Model],
    init: str = "auto",
    gpus: str = "0",
    workspace: str = "",
    preflight: int = 0,
    fingerprint: str = "",
):
    """Fine-tunes the detector and keeps the best checkpoint.

    Args:
        init: Initial weights: TF1 checkpoint, .npz, `none`, or `auto` for the model zoo's.
        gpus: GPUs that must be there, and share each batch evenly; 0 for none.
        workspace: Folder that outlives a killed pod; the training continues from it.
        preflight: Steps of a training on eight images before the real one; 0 for none.
        fingerprint: Version of data and weights, for the cache only.
    """
    return dsl.ContainerSpec(
        image=image("train"),
        command=["boxwright", "train"],
        args=[
            *("--records", records.path, "--recipe", recipe.path, "--model", model.path),
            *("--init", init, "--gpus", gpus, "--workspace", workspace),
            *("--preflight", preflight, "--fingerprint", fingerprint),
            *("--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER),
        ],
    )
