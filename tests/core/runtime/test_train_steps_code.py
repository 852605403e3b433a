# environment: train
"""What the training steps import is part of what their image's tag stands for."""

import commands
import pytest

from boxwright.core.runtime import environments, import_closure

STEPS = sorted(step for step, environment in environments.STEPS.items() if environment in ("train", "edge"))


@pytest.fixture(scope="module")
def imported() -> set[str]:
    steps = tuple(f"boxwright.{step}.step" for step in STEPS)
    return commands.run(*([step, "--help"] for step in STEPS), imports=steps).modules


@pytest.mark.parametrize("environment", ["train", "edge"])
def test_steps_import_nothing_beside_the_code(imported, environment):
    code = {
        import_closure.module_name(file, environments.package_folder()) for file in environments.modules(environment)
    }
    others = {f"boxwright.{step}" for step, name in environments.STEPS.items() if name != environment}
    ours = {name for name in imported if ".".join(name.split(".")[:2]) not in others}
    assert {f"boxwright.{step}.step" for step in STEPS} <= imported
    assert ours - code == set()
