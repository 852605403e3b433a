"""KFP component of the augment step."""

from kfp import dsl

from boxwright.core.runtime.environments import image


@dsl.container_component
def augment(
    records: dsl.Input[dsl.Dataset],
    recipe: dsl.Input[dsl.Artifact],
    findings: dsl.Input[dsl.Artifact],
    final_recipe: dsl.Output[dsl.Artifact],
    page: dsl.Output[dsl.HTML],
    also: str = "",
    no_flip: str = "",
):
    """Chooses the augmentation that fits the data, with a contact sheet.

    Args:
        also: Augmentations to add, with commas: rotate, shear, zoom_out, mosaic, mixup, cutmix, copy_paste.
        no_flip: Classes that mean something else when mirrored or turned, with commas: no image is flipped.
    """
    return dsl.ContainerSpec(
        image=image("train"),
        command=["boxwright", "augment"],
        args=[
            *("--records", records.path, "--recipe", recipe.path, "--findings", findings.path),
            *("--also", also, "--no-flip", no_flip),
            *("--final-recipe", final_recipe.path, "--page", page.path),
            *("--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER),
        ],
    )
