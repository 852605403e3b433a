"""KFP component `diagnose`."""

from kfp import dsl

from boxwright.core.runtime.environments import image


@dsl.container_component
def diagnose(
    records: dsl.Input[dsl.Dataset],
    tables: dsl.Input[dsl.Dataset],
    anomalies: dsl.Input[dsl.Artifact],
    findings: dsl.Output[dsl.Artifact],
    recipe: dsl.Output[dsl.Artifact],
    page: dsl.Output[dsl.HTML],
    model: str = "ssd_mobilenet_v1_ppn",
    steps: int = 0,
    batch_size: int = 8,
    seed: int = 0,
    stock: bool = False,
    init: str = "auto",
    given: str = "",
):
    """Measures what holds the detector back on this data and plans the training.

    Args:
        model: ssd_mobilenet_v1_ppn, ssd_mobilenet_v1 or ssd_mobilenet_v2.
        steps: Training steps; 0 chooses by the size of the data.
        batch_size: Images a step.
        seed: Of initial weights, shuffling and augmentation.
        stock: Keep the model zoo's recipe.
        init: Initial weights: auto, none, or a path or URI; an earlier model's folder is read.
        given: A recipe.yaml or pipeline.config to diagnose instead of the zoo's recipe: a path that every pod sees.
    """
    args = ["--records", records.path, "--tables", tables.path, "--anomalies", anomalies.path, "--model", model]
    args += ["--steps", steps, "--batch-size", batch_size, "--seed", seed, "--stock", stock, "--init", init]
    args += ["--given", given, "--findings", findings.path, "--recipe", recipe.path, "--page", page.path]
    args += ["--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER]
    return dsl.ContainerSpec(image=image("data"), command=["boxwright", "diagnose"], args=args)
