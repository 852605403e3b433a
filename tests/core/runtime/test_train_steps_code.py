# environment: train
"""The tag of the train image covers all code that the training steps import."""

import commands
import pytest

from boxwright.core.runtime import environments, import_closure


@pytest.mark.parametrize("environment", ["train", "edge"])
def test_steps_import_nothing_beside_the_code(environment):
    steps = [step for step, name in environments.STEPS.items() if name == environment]
    modules = tuple(f"boxwright.{step}.step" for step in steps)
    imported = commands.run(*([step, "--help"] for step in steps), imports=modules).modules
    code = {
        import_closure.module_name(file, environments.package_folder()) for file in environments.modules(environment)
    }
    assert set(modules) <= imported
    assert imported - code == set()
