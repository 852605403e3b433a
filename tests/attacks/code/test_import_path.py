# environment: authoring
"""Boxwright imports, loads and starts nothing from the current folder, whatever it contains.

The main case is somebody who has downloaded a data set and works inside of its folder.
"""

import json
import os
import py_compile
import shutil
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
LIKE_OURS = ("boxwright", "kfp", "json", "multiprocessing", "numpy", "tensorflow", "apache_beam", "matplotlib")
# Python imports these two by itself, when it starts.
AT_START = ("sitecustomize", "usercustomize")
# Programs that our libraries start (numpy.testing: lscpu), that Boxwright starts, and that Google's and Docker's libraries start.
PROGRAMS = ("lscpu", "uname", "git", "gcloud", "edgetpu_compiler", "docker-credential-desktop", "readlink")
# The start of the script loads neither library, but Python does.
LIBRARIES = ("libz.so.1", "libexpat.so.1", "libm.so.6")
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
    folder = plant(tmp_path / "hostile", FOREIGN + LIKE_OURS + AT_START)
    for program in PROGRAMS:
        (folder / program).write_text(f"#!/bin/sh\necho {program} >> '{folder}/imported'\n")
        (folder / program).chmod(0o755)
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


@pytest.fixture
def inside(hostile, data) -> Path:
    """A hostile folder that is also the data folder."""
    shutil.copytree(data, hostile, dirs_exist_ok=True)
    return hostile


@pytest.mark.parametrize("workers", ["0", "2"])
def test_convert_inside_the_data_folder(inside, tmp_path, workers):
    outputs = ["--records", tmp_path / "records", "--tables", tmp_path / "tables"]
    assert call(inside, BIN / "boxwright", "convert", "--data", ".", *outputs, "--workers", workers)


@pytest.mark.slow
def test_diagnose_inside_the_data_folder(inside, tmp_path):
    call(inside, BIN / "boxwright", "diagnose", "--data", ".", "--out", tmp_path / "out", "--init", "none")
    assert (tmp_path / "out" / "diagnosis.html").exists()


# What people have in their shell profile: `export PYTHONPATH=$PYTHONPATH:/models` begins with an empty element, which means the
# current folder.
@pytest.mark.parametrize("path", ["", ".", ":/models", "/models:", "/models::/other", "./", "../hostile"])
@pytest.mark.parametrize("script", [BIN / "boxwright", DATA_BIN / "boxwright"])
def test_python_path_with_the_current_folder(hostile, script, path):
    assert "usage: boxwright convert" in call(hostile, script, "convert", "--help", PYTHONPATH=path)


def test_python_home_in_the_current_folder(hostile):
    library = plant(hostile / "lib" / "python3.11", ("encodings", "os"))
    (library / "encodings" / "__init__.py").write_text(PLANTED.format(marker=str(hostile / "imported")))
    assert call(hostile, BIN / "boxwright", "--version", PYTHONHOME=".")
    assert not (library / "imported").exists()


def test_compiled_modules_in_the_current_folder(hostile):
    source = ROOT / "components" / "boxwright" / "cli.py"
    planted, made = hostile / "planted.py", hostile / "cache" / source.relative_to("/").with_suffix(".cpython-311.pyc")
    planted.write_text(PLANTED.format(marker=str(hostile / "imported")).ljust(source.stat().st_size, "#"))
    os.utime(planted, ns=(0, source.stat().st_mtime_ns))
    py_compile.compile(
        str(planted), str(made), doraise=True
    )  # it has size and time of our module, so Python would take it
    assert call(hostile, BIN / "boxwright", "--version", PYTHONPYCACHEPREFIX="cache")


@pytest.mark.parametrize("element", ["", ".", "./"])
def test_programs_in_the_current_folder(inside, tmp_path, element):
    outputs = ["--records", tmp_path / "records", "--tables", tmp_path / "tables"]
    path = f"{element}:{os.environ['PATH']}"
    assert call(inside, BIN / "boxwright", "convert", "--data", ".", *outputs, PATH=path)


@pytest.mark.parametrize("path", [":/opt/cuda/lib64", ".", "/opt/cuda/lib64::"])
def test_libraries_in_the_current_folder(hostile, path):
    for library in LIBRARIES:
        (hostile / library).write_text("The linker refuses this file, and the program that needs it.")
    assert call(hostile, BIN / "boxwright", "--version", LD_LIBRARY_PATH=path)


def test_absolute_search_paths_are_kept(hostile):
    (hostile / "bin").mkdir()
    shutil.copy(BIN / "boxwright", hostile / "bin")
    (hostile / "bin" / "python").write_text('#!/bin/sh\necho "$PATH" "$LD_LIBRARY_PATH" "${PYTHONPATH-none}" "$@"\n')
    (hostile / "bin" / "python").chmod(0o755)
    paths = {"PATH": ":/b c:x:/usr/bin:/bin:.", "LD_LIBRARY_PATH": "/one:/two", "PYTHONPATH": "/models"}
    said = call(hostile, hostile / "bin" / "boxwright", "convert", "--data", "my data", **paths)
    assert (
        said == "/b c:/usr/bin:/bin /one:/two none -c from boxwright.cli import main; main() convert --data my data\n"
    )


def test_boxwright_through_a_link(hostile):
    (hostile / "linked").symlink_to(BIN / "boxwright")
    assert call(hostile, hostile / "linked", "--version")


LIBRARY_USE = """
from boxwright.convert.writing import crash_isolation
if __name__ == "__main__":
    print(*crash_isolation.map_ordered(str, range(600), 2, str, chunk=100))
"""


@pytest.mark.parametrize("path", ["", ":/models"])
def test_worker_processes_of_another_program(hostile, tmp_path, path):
    """A program of the user calls a step. Its own import path is the user's affair; that of our processes is ours."""
    (tmp_path / "program.py").write_text(f"import os\nos.environ['PYTHONPATH'] = {path!r}\n{LIBRARY_USE}")
    assert call(hostile, DATA_BIN / "python", tmp_path / "program.py").startswith("0 1 2 ")


SETTINGS = """
import matplotlib
from matplotlib.figure import Figure
print(matplotlib.rcParams["text.usetex"])
"""


def test_matplotlib_settings_in_the_current_folder(hostile, tmp_path):
    """With LaTeX, a text in a figure could read any file: \\input{/etc/passwd}."""
    (hostile / "matplotlibrc").write_text("text.usetex: True\ntext.latex.preamble: \\input{/etc/passwd}\n")
    ours = "from boxwright.core.runtime import search_paths\nsearch_paths.import_matplotlib()\n"
    for file, text in (("as_before.py", SETTINGS), ("ours.py", ours + SETTINGS)):
        (tmp_path / file).write_text(text)
    assert call(hostile, DATA_BIN / "python", tmp_path / "as_before.py") == "True\n"
    assert call(hostile, DATA_BIN / "python", tmp_path / "ours.py") == "False\n"


@pytest.mark.slow
def test_a_whole_diagnosis(hostile, data):
    call(hostile, BIN / "boxwright", "diagnose", "--data", data, "--init", "none")
    assert (hostile / "diagnosis" / "diagnosis.html").exists()


@pytest.mark.slow
def test_workers_of_a_portable_runner(tmp_path, data):
    """The user starts these processes in the folder, with PYTHONSAFEPATH as BEAM.md says."""
    folder = plant(tmp_path / "hostile", FOREIGN + LIKE_OURS)
    paths = {"PATH": f"{DATA_BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONSAFEPATH": "1"}
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
