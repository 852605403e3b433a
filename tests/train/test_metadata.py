# environment: train
"""The metadata of the model artifact stay small, even with many classes."""

import json

from boxwright.train import model_files
from boxwright.train.loop.history import RunningHistory


def test_metadata_do_not_grow_with_the_classes():
    """KFP passes metadata as one argument of a command, which Linux limits to 128 KiB."""
    per_class = {f"class {number:04} of many": {"AP": 0.1, "AP50": 0.2} for number in range(2000)}
    history = RunningHistory()
    history.record_evaluation(8, {"AP": 0.1, "AP50": 0.2, "per_class": per_class})
    metadata = model_files.metadata({"records": "ab", "recipe": "cd"}, history.finished())
    assert metadata["validation_AP50"] == 0.2 and len(json.dumps(metadata)) < 500
