# environment: train
"""No recipe leaves diagnose that augment or train refuses: their own checks, on the recipes of all configs of case 80."""

import pytest

pytest.importorskip("object_detection", reason="the OD API is in the train environment")

from boxwright.core import recipe as recipes
from boxwright.core.anchors import anchors
from boxwright.core.od_api.augmentation.preprocessor_options import require_runnable
from boxwright.core.od_api.pipeline_config import pipeline_config
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose import diagnosis
from boxwright.diagnose.config import Config


@pytest.mark.slow
def test_augment_and_train_accept_the_recipe_of_every_config(shared, make_data, tmp_path):
    """The options are also checked before the plan replaces them."""
    folder = shared / "cases" / "80-pipeline-configs" / "configs"
    if not folder.is_dir():
        pytest.skip("the shared folder holds no case 80")
    data, ran, accepted = make_data(counts={"train": 30, "val": 10}), set(), 0
    for file in sorted(folder.glob("*.config")):
        config = Config(records=folder, tables=folder, init="none", given=str(file))
        try:
            training = diagnosis.diagnosed_training(data, config)
        except UserError:
            continue
        recipe = diagnosis.diagnose(data, training, config).recipe
        recipes.write(recipe, tmp_path / "recipe.yaml")
        read = recipes.read(tmp_path / "recipe.yaml")
        assert read == recipe
        built = pipeline_config(read)
        assert (built.model.ssd.num_classes, built.train_config.num_steps) == (2, recipe.steps)
        assert len(anchors(read)) > 0
        for options in (training.recipe.augmentation, read.augmentation):
            if repr(options) not in ran:
                require_runnable(read.model_copy(update={"augmentation": options}))
                ran.add(repr(options))
        accepted += 1
    assert accepted == 21
