# environment: authoring
"""Boxwright imports nothing from the current folder, whatever packages it contains."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_code import ROOT

from boxwright import graphs
from boxwright.cli import COMMANDS
from boxwright.core.runtime import environments
from boxwright.core.runtime.environments import STEPS

BIN = Path(sys.prefix) / "bin"
DATA_BIN = environments.home() / "data" / "bin"
# Kubeflow teams have folders of these names beside their notebooks.
FOREIGN = ("components", "pipelines")
# Packages that a checkout or a notebook folder may have. json is among the first modules that any Python process imports.
LIKE_OURS = ("boxwright", "kfp", "json", "numpy", "tensorflow", "apache_beam")
PLANTED = "import os\nopen({marker!r}, 'a').write(f'{{__name__}} in process {{os.getpid()}}\\n')\nraise ImportError('foreign')\n"


def plant(folder: Path, names: tuple[str, ...]) -> Path:
    """Packages that write a line to `imported` when they are imported."""
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(PLANTED.format(marker=str(folder / "imported")))
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """A few generated images."""
    folder = tmp_path_factory.mktemp("generated") / "data"
    generator = [DATA_BIN / "python", "-P", "-m", "boxwright.demo.generator", "--out", folder, "--images", "12"]
    subprocess.run(generator, check=True)
    return folder


@pytest.fixture
def hostile(tmp_path) -> Iterator[Path]:
    """A folder of foreign packages. The test fails if one of them was imported."""
    folder = plant(tmp_path / "hostile", FOREIGN + LIKE_OURS)
    yield folder
    assert not (folder / "imported").exists(), (folder / "imported").read_text()


def call(folder: Path, *words: object, **variables: str) -> str:
    """Standard output of a command that is run in `folder`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | variables
    command = [str(word) for word in words]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_planted_packages_are_noticed(tmp_path):
    folder = plant(tmp_path / "hostile", ("json",))
    with pytest.raises(AssertionError, match="foreign"):
        call(folder, sys.executable, "-c", "import json")
    assert (folder / "imported").read_text().startswith("json in process")


@pytest.mark.parametrize("command", ["--help", *dict.fromkeys([*COMMANDS, *STEPS])])
def test_help_of_every_command(hostile, command):
    words = [command] if command == "--help" else [command, "--help"]
    assert "usage: boxwright" in call(hostile, BIN / "boxwright", *words)


def test_compile(hostile):
    call(hostile, BIN / "boxwright", "compile", "--out", "build")
    assert sorted(file.name for file in (hostile / "build").iterdir()) == ["diagnose.yaml", "finetune.yaml"]


@pytest.mark.parametrize("name", graphs.NAMES)
def test_compile_with_the_compiler_of_kfp(hostile, name):
    call(hostile, BIN / "kfp", "dsl", "compile", "--py", ROOT / f"pipelines/{name}.py", "--output", "graph.yaml")
    assert f"name: boxwright-{name}" in (hostile / "graph.yaml").read_text()


def test_convert_with_worker_processes(hostile, data):
    assert call(hostile, BIN / "boxwright", "convert", "--data", data, "--workers", "2")
    assert json.loads((hostile / "records" / "dataset.json").read_text())


@pytest.mark.slow
def test_a_whole_diagnosis(hostile, data):
    call(hostile, BIN / "boxwright", "diagnose", "--data", data, "--init", "none")
    assert (hostile / "diagnosis" / "diagnosis.html").exists()


@pytest.mark.slow
def test_workers_of_a_portable_runner(tmp_path, data):
    """The user starts these processes in the folder. Only packages with the names of ours would be found there."""
    folder = plant(tmp_path / "hostile", FOREIGN)
    paths = {"PATH": f"{DATA_BIN}{os.pathsep}{os.environ['PATH']}"}
    command = [DATA_BIN / "python", ROOT / "tests" / "support" / "job_service.py"]
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | paths, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as service:
        assert service.stdout and service.stdin
        at = json.loads(service.stdout.readline())
        options = f"--runner=PortableRunner --job_endpoint={at['job']} --environment_type=EXTERNAL"
        options += f" --environment_config={at['workers']}"
        call(folder, BIN / "boxwright", "convert", "--data", data, f"--beam-options={options}")
        service.stdin.close()
    assert not (folder / "imported").exists(), (folder / "imported").read_text()
