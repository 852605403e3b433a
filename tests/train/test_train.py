# environment: train
"""The step: the model folder that it writes, and the earlier model that it replaces or keeps."""

import shutil
from dataclasses import replace

import pytest

from boxwright.core import recipe as recipes
from boxwright.core.artifacts import training as artifact
from boxwright.core.od_api import detection_model
from boxwright.core.runtime.errors import UserError
from boxwright.train import model_files, step
from boxwright.train.config import Config
from boxwright.train.loop.history import RunningHistory
from boxwright.train.loop.training_loop import Training


@pytest.fixture(scope="module")
def trained(tiny_records, tiny_recipe, tmp_path_factory):
    """One complete run of the step, from scratch: 24 steps."""
    folder = tmp_path_factory.mktemp("trained")
    recipes.write(tiny_recipe, folder / "recipe.yaml")
    config = Config(records=tiny_records, recipe=folder / "recipe.yaml", model=folder / "model", init="none")
    return config, step.run(config)


def test_writes_a_complete_model_folder(trained):
    config, result = trained
    files = {file.name for file in config.model.iterdir()}
    assert {"pipeline.config", "recipe.yaml", "label_map.pbtxt", "history.json", "restored.json", "curves.svg"} <= files
    history = artifact.read(config.model / artifact.HISTORY)
    assert [one.step for one in history.evaluations] == [8, 16, 24]
    assert history.best_step == max(history.evaluations, key=lambda one: one.AP).step
    assert artifact.read_restored(config.model / artifact.RESTORED).source == "none"
    assert set(result.artifacts["model"]) >= {"made_from_records", "made_from_recipe", "made_from_weights", "best_step"}
    _, recipe = detection_model.load(config.model)
    assert recipe.classes == ("box", "pole")
    assert not list((config.model.parent / "model.workspace").iterdir())


def test_the_loss_falls(trained):
    steps = artifact.read(trained[0].model / artifact.HISTORY).steps
    assert steps[-1].classification_loss < 0.7 * steps[0].classification_loss


def test_a_second_training_replaces_the_model(trained, monkeypatch, tmp_path):
    """No file of the earlier model remains. If training fails, the earlier model stays complete."""
    config = replace(trained[0], model=shutil.copytree(trained[0].model, tmp_path / "model"))
    before = (config.model / "history.json").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(model_files, "write", fails_halfway)
        with pytest.raises(UserError, match="halfway"):
            run_without_training(config, patch)
    assert (config.model / "history.json").read_bytes() == before
    run_without_training(config, monkeypatch)
    assert (config.model / "history.json").read_bytes() != before
    assert {file.name for file in config.model.parent.iterdir()} == {"model", "model.workspace"}


def fails_halfway(folder, *_):
    (folder / "history.json").touch()
    raise UserError("halfway")


def run_without_training(config, patch):
    patch.setattr(Training, "run", lambda self: RunningHistory().finished())
    return step.run(config)


def test_a_users_folder_is_refused_before_training(trained, monkeypatch, tmp_path):
    """A folder with other files is refused, whatever their names, and so is a model of another program."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "recipe.yaml").write_text("precious")
    monkeypatch.setattr(step, "Training", None)
    with pytest.raises(UserError, match="is not an earlier output of this step"):
        step.run(replace(trained[0], model=tmp_path / "mine"))
    assert (tmp_path / "mine" / "recipe.yaml").read_text() == "precious"


def test_an_output_below_a_file_is_refused(trained, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="model cannot be written"):
        step.run(replace(trained[0], model=tmp_path / "file" / "model"))


def test_a_recipe_for_other_classes_is_refused(trained, tiny_recipe, tmp_path):
    recipes.write(tiny_recipe.model_copy(update={"classes": ("cat", "dog")}), tmp_path / "recipe.yaml")
    config = Config(records=trained[0].records, recipe=tmp_path / "recipe.yaml", model=tmp_path / "m", init="none")
    with pytest.raises(UserError, match="cat"):
        step.run(config)
