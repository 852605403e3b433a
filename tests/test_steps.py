# environment: authoring
"""Rules for every step: a light import, a Config with a text for each field, and a component and a README generated from it."""

import re
import subprocess
import sys
from dataclasses import make_dataclass
from pathlib import Path

import pytest
import source_code

from boxwright import kfp, step_readme
from boxwright.core.runtime.environments import STEPS
from boxwright.core.runtime.flags import Output, StepConfig, flags
from boxwright.kfp import component_yaml, graph_builder
from boxwright.kfp.component import config_of

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "components" / "boxwright"


@pytest.mark.parametrize("step", STEPS)
def test_config_imports_no_heavy_library(step):
    """Runs in a separate process, so that indirect imports count."""
    code = f"import sys, boxwright.{step}.config; print(*(set({source_code.HEAVY!r}) & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout.strip()) == (0, ""), ended.stderr


@pytest.mark.parametrize("step", STEPS)
def test_component_passes_the_flags_of_the_config(step):
    """Every flag of the command is a field of the Config. Inputs and outputs of a component have different names."""
    component = getattr(kfp, step)
    config = config_of(step)
    spec = component.component_spec
    passed = {a for a in spec.implementation.container.args if isinstance(a, str) and re.fullmatch(r"--[a-z0-9-]+", a)}
    named = {flag.option for flag in flags(config)}
    assert passed - {"--executor-input"} == named
    assert not set(spec.inputs or {}) & set(spec.outputs or {})


@pytest.mark.parametrize("step", STEPS)
def test_every_flag_has_a_text(step):
    assert [flag.name for flag in flags(config_of(step)) if not flag.text] == []


def test_readme_of_a_flag_without_text_is_refused(monkeypatch):
    """A class that is made at run time has no texts."""
    config = make_dataclass("Config", [("mystery", int, 0)], bases=(StepConfig,))
    monkeypatch.setattr(step_readme.config_module("convert"), "Config", config)
    with pytest.raises(
        SystemExit, match=r"^convert/config\.py: no text below mystery; write what the flag means below the"
    ):
        step_readme.main()


def test_graph_parameter_that_no_step_defines_is_refused():
    def diagnose(data, nope):
        """A graph."""

    with pytest.raises(ValueError, match=r"^pipeline diagnose names `nope`, which no step's config\.py defines"):
        graph_builder.pipeline("boxwright-diagnose")(diagnose)


@pytest.mark.parametrize("step", STEPS)
def test_texts_say_which_flags_are_outputs(step):
    for flag in flags(config_of(step)):
        assert flag.text.startswith("Output") == bool(flag.mark(Output)), flag.name


@pytest.mark.parametrize("step", STEPS)
def test_readme_is_what_make_docs_writes(step):
    assert (PACKAGE / step / "README.md").read_text() == step_readme.render(step), "run `make docs`"


@pytest.mark.parametrize("step", STEPS)
def test_component_yaml_is_what_make_docs_writes(step):
    assert (PACKAGE / step / component_yaml.FILE).read_text() == component_yaml.interface(step), "run `make docs`"
