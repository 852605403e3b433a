# environment: authoring
"""Pipelines with our steps, compiled by the newest patch of each minor version of kfp, which come from the package index."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import readme_code
import yaml
from bare_python import ROOT

from boxwright.cluster import compile as compiling

pytestmark = pytest.mark.slow

UV = shutil.which("uv") or str(ROOT / ".envs" / "uv" / "bin" / "uv")
COMPILE = """
import sys
from kfp import compiler, components
sys.path.append(sys.argv[1])
from our_detector import our_detector
from nightly import nightly
from loaded import loaded
from boxwright.kfp.pipelines import diagnose, finetune
for pipeline in (our_detector, nightly, loaded, diagnose, finetune):
    compiler.Compiler().compile(pipeline, f"{sys.argv[2]}/{pipeline.name}.yaml")
"""
LOADED = """
from kfp import components, dsl

convert = components.load_component_from_file("{components}/convert/component.yaml")
validate = components.load_component_from_file("{components}/validate/component.yaml")


@dsl.pipeline(name="loaded")
def loaded(data: str):
    converted = convert(data=data)
    validate(records=converted.outputs["records"], tables=converted.outputs["tables"])
"""


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Path:
    """The pipelines of pipelines/README.md as modules, and one with loaded components."""
    folder = tmp_path_factory.mktemp("sources")
    for name in ("our_detector", "nightly"):
        (folder / f"{name}.py").write_text(readme_code.block("pipelines/README.md", name))
    components = compiling.write_components(folder / "components")
    (folder / "loaded.py").write_text(LOADED.replace("{components}", str(components)))
    return folder


@pytest.fixture(scope="module")
def by_ours(sources, tmp_path_factory) -> Path:
    return compiled(sys.executable, sources, tmp_path_factory.mktemp("ours"))


@pytest.mark.parametrize("minor", ["2.15", "2.16", "2.17"])
def test_every_kfp_compiles_the_same(minor, sources, by_ours, tmp_path):
    made = compiled(python_with(f"kfp[kubernetes]~={minor}.0", tmp_path / "venv"), sources, tmp_path / "made")
    for file in sorted(by_ours.iterdir()):
        there, here = (made / file.name).read_text(), file.read_text()
        assert f"sdkVersion: kfp-{minor}." in there
        assert comparable(there) == comparable(here), file.name


def python_with(requirement: str, folder: Path) -> str:
    """A new Python with this package from the index. Skips the test if there is no index."""
    python = str(folder / "bin" / "python")
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    ended = subprocess.run(
        [UV, "pip", "install", "--quiet", "--python", python, requirement], capture_output=True, text=True
    )
    if ended.returncode:
        pytest.skip(f"{requirement} cannot be installed here: {ended.stderr[-300:]}")
    return python


def compiled(python: str, sources: Path, out: Path) -> Path:
    out.mkdir(exist_ok=True)
    arguments = [str(sources), str(out)]
    variables = {"PYTHONPATH": str(ROOT / "components"), "BOXWRIGHT_REGISTRY": "registry.example/team"}
    ended = subprocess.run([python, "-c", COMPILE, *arguments], capture_output=True, text=True, env=variables)
    assert ended.returncode == 0, ended.stderr
    return out


def comparable(text: str) -> list:
    """The documents without what the versions of kfp are known to do in another way.

    kfp 2.15 and 2.16 let retries start within an hour only. The bootstrap of a Python component is kfp's own.
    """
    text = re.sub(r"sdkVersion: .*|backoffMaxDuration: .*", "", text)
    documents = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    for name in ("exec-label", "exec-deploy"):
        documents[0]["deploymentSpec"]["executors"].pop(name, None)
    return documents
