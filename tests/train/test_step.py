# environment: train
"""Errors that the step raises before it trains."""

from dataclasses import replace

import pytest
import tiny

from boxwright.core import recipe as recipes
from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.records.example_proto import Example
from boxwright.core.runtime.errors import UserError
from boxwright.train import step


@pytest.fixture
def config(tiny_recipe, tmp_path, monkeypatch):
    """A config whose training never starts. The test writes the records."""
    monkeypatch.setattr(step, "Training", None)
    recipes.write(tiny_recipe, tmp_path / "recipe.yaml")
    return step.Config(
        records=tmp_path / "records", recipe=tmp_path / "recipe.yaml", model=tmp_path / "model", init="none"
    )


def without_objects(records):
    """Removes the objects of the training images."""
    for shard in recordfiles.shards(records, "train"):
        bare = [Example.FromString(data) for data in recordfiles.serialized(shard)]
        for example in bare:
            for name in [name for name in example.features.feature if name.startswith("image/object/")]:
                del example.features.feature[name]
        framed = (part for example in bare for part in recordfiles.framed(example.SerializeToString()))
        shard.write_bytes(b"".join(framed))


@pytest.mark.parametrize("preflight", [0, 2])
@pytest.mark.parametrize("images", [{"val": 2}, {"train": 0, "val": 2}, {"train": 2, "val": 2}])
def test_records_without_a_training_object_are_refused(config, images, preflight):
    """Cases: no train split, a train split without images, and one whose images have no objects."""
    tiny.write(config.records, images)
    without_objects(config.records)
    with pytest.raises(UserError, match="no training image has an object, so there is nothing to learn; convert data"):
        step.run(replace(config, preflight=preflight))
    assert sorted(file.name for file in config.model.parent.iterdir()) == ["recipe.yaml", "records"]


def test_an_unwritable_workspace_is_refused(config):
    tiny.write(config.records, {"train": 1})
    config.model.with_name("model.workspace").write_text("mine")
    with pytest.raises(UserError, match=r"model\.workspace cannot be written \(Not a directory\).* with --workspace"):
        step.run(config)
