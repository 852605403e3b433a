# environment: authoring
"""Boxwright's package beside kfp, without the libraries of its own environments: what pipelines are written with."""

import bare_python
import pytest
from bare_python import ROOT

from boxwright.core.runtime import environments

PACKAGE = ROOT / "components"
WITHOUT_KUBERNETES = """
from importlib.util import find_spec
print(*(name for name in ("pydantic", "tyro", "rich", "platformdirs", "uv", "numpy") if find_spec(name)))
from boxwright.kfp import convert, validate, diagnose, augment, train, export, evaluate, edgetpu, report, refusal
from boxwright.core.runtime import environments
print(train.component_spec.inputs["gpus"].default, environments.image("train"))
try:
    from boxwright.kfp.pipelines import finetune
except ImportError as error:
    print(error)
"""
WITH_KUBERNETES = """
from boxwright.kfp.pipelines import finetune, diagnose
print(finetune.name, diagnose.name)
"""


@pytest.fixture(scope="module")
def kfp(tmp_path_factory):
    return bare_python.site(tmp_path_factory.mktemp("kfp"), "kfp")


def test_the_steps_need_only_kfp(kfp):
    """Also to know the tags of the images. That the graphs need kfp-kubernetes, too, is told."""
    ended = bare_python.run(WITHOUT_KUBERNETES, kfp, PACKAGE)
    assert ended.returncode == 0, ended.stderr
    others, used, told = ended.stdout.splitlines()
    assert others == "" and used == f"0 {environments.image('train')}"
    assert told.endswith('install it with: pip install "kfp[kubernetes]"')


def test_the_graphs_need_kfp_kubernetes_too(kfp, tmp_path):
    kubernetes = bare_python.site(tmp_path, "kfp-kubernetes")
    ended = bare_python.run(WITH_KUBERNETES, kfp, kubernetes, PACKAGE)
    assert (ended.returncode, ended.stdout) == (0, "boxwright-finetune boxwright-diagnose\n"), ended.stderr
