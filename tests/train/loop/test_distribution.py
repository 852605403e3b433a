# environment: train
"""A step on several devices gives the mean of what each device computes alone; such a training can resume."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.od_api import tf
from boxwright.core.runtime.errors import UserError
from boxwright.train.loop import distribution

PROGRAM = Path(__file__).parents[2] / "support" / "two_devices.py"


@pytest.fixture
def on_two_devices(tiny_records, tiny_recipe, tmp_path):
    def on_two_devices(what: str) -> dict:
        recipes.write(tiny_recipe, tmp_path / "given.yaml")
        command = [sys.executable, "-P", PROGRAM, what, tiny_records, tmp_path / "given.yaml", tmp_path]
        subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads((tmp_path / "found.json").read_text())

    return on_two_devices


def test_a_step_on_two_devices_is_the_mean_of_the_halves(on_two_devices):
    """Losses, gradients and batch-norm statistics are equal up to float32 rounding."""
    found = on_two_devices("step")
    np.testing.assert_allclose(found["losses"], found["of_halves"], rtol=1e-5)
    assert found["apart"] < 1e-3, found["in"]


@pytest.mark.slow
def test_a_training_on_two_devices_resumes(on_two_devices):
    """A head stage, then all variables, with validations. Killed and resumed, it differs only by the order of sums."""
    found = on_two_devices("training")
    for name in ("whole", "resumed"):
        assert [e["step"] for e in found[name]["evaluations"]] == [8, 16, 24]
        assert any("Trained on 2 devices: batch norm and the loss used 2 of the 4" in n for n in found[name]["notices"])
    assert any("Resumed at step 4" in notice for notice in found["resumed"]["notices"])
    assert found["apart"] < 1e-3


@pytest.mark.parametrize(
    ("count", "batch", "said"),
    [(2, 7, "batch of 7 images cannot be divided evenly"), (4, 6, "batch of 6"), (3, 9, ""), (1, 7, ""), (0, 7, "")],
)
def test_a_batch_must_divide_evenly(tiny_recipe, count, batch, said):
    recipe = tiny_recipe.model_copy(update={"batch_size": batch})
    if not said:
        return distribution.require_even_batch(count, recipe)
    with pytest.raises(UserError, match=said):
        distribution.require_even_batch(count, recipe)


@pytest.mark.parametrize(
    ("count", "there", "used"),
    [
        (0, 0, None),
        (0, 3, 1),
        (1, 3, 1),
        (2, 3, 2),
        (3, 3, 3),
        (1, 0, "finds 0 here"),
        (4, 3, "finds 3"),
    ],
)
def test_makes_only_these_gpus_visible(monkeypatch, count, there, used):
    seen = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [f"GPU {n}" for n in range(there)])
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda devices, kind: seen.append(devices))
    if isinstance(used, str):
        with pytest.raises(UserError, match=used):
            distribution.require_gpus(count)
    else:
        distribution.require_gpus(count)
        assert seen == ([] if used is None else [[f"GPU {n}" for n in range(used)]])


def test_one_device_has_no_notice(tiny_recipe):
    assert distribution.notice(tiny_recipe) == "" and distribution.strategy(1) is tf.distribute.get_strategy()
