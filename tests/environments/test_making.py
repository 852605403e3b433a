# environment: authoring
"""Environments that an installed package makes, from a tiny lock and a folder of packages instead of the network."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from source_code import ROOT

PROGRAM = "from boxwright.cli import main; main()"


def package(folder: Path, name: str) -> str:
    """Writes a wheel with one module. Returns its line of a lock."""
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}.py", f"name = {name!r}\n")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


@pytest.fixture
def installed(tmp_path, monkeypatch) -> Path:
    """The folder of an installed package whose locks have one tiny package each; the packages are in `wheels` beside it."""
    there = tmp_path / "base" / "boxwright"
    shutil.copytree(ROOT / "components" / "boxwright", there, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "wheels").mkdir()
    images = there / "parts" / "images"
    for lock in ("authoring/requirements", "data/requirements", "train/cpu", "train/no-deps"):
        (images / f"{lock}.lock").write_text(
            package(tmp_path / "wheels", f"tiny_{lock.replace('/', '_').replace('-', '_')}")
        )
    monkeypatch.setenv("BOXWRIGHT_HOME", str(tmp_path / "home with spaces"))
    monkeypatch.setenv("BOXWRIGHT_UV", str(ROOT / ".envs" / "uv" / "bin" / "uv"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return there


def command(installed: Path, *words: str) -> list[str]:
    program = f"import sys; sys.path.insert(0, {str(installed.parent)!r}); {PROGRAM}"
    return [sys.executable, "-I", "-c", program, *words]


def boxwright(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(installed, *words), capture_output=True, text=True, timeout=100)


def make(installed: Path) -> subprocess.CompletedProcess[str]:
    return boxwright(installed, "env", "make", "data", "--offline", str(installed.parents[1] / "wheels"))


def libraries(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "home with spaces" / "environments").glob("*"))


def test_makes_an_environment_once(installed, tmp_path):
    first = make(installed)
    assert first.returncode == 0, first.stderr
    assert "installs its environment data below" in first.stderr and "Installed 1 package" in first.stderr
    (place,) = [file for file in libraries(tmp_path) if not file.name.startswith(".")]
    python = [place / "bin" / "python", "-I", "-c", "import tiny_data_requirements as tiny; print(tiny.name)"]
    assert subprocess.run(python, capture_output=True, text=True).stdout == "tiny_data_requirements\n"
    second = make(installed)
    assert (second.returncode, second.stderr) == (0, "")


def test_a_step_runs_in_it_with_our_code_and_nothing_else(installed, tmp_path):
    (installed.parent / "beside.py").touch()
    assert make(installed).returncode == 0
    handed = boxwright(installed, "convert", "--data", "nothing")
    assert handed.returncode != 0 and "No module named 'tyro'" in handed.stderr  # the tiny lock has no libraries
    (python,) = (tmp_path / "home with spaces" / "code").glob("*/data-*/bin/python")
    seen = "import boxwright, tiny_data_requirements, importlib.util as u; print(boxwright.__file__, u.find_spec('beside'))"
    ended = subprocess.run([python, "-I", "-c", seen], capture_output=True, text=True)
    file, beside = ended.stdout.rsplit(maxsplit=1)
    assert file == str(python.parents[1] / "lib/python3.11/site-packages/boxwright/__init__.py") and beside == "None"


def test_a_killed_start_leaves_nothing_that_is_used(installed, tmp_path):
    """uv holds the lock as well, so the next start waits for it."""
    words = ("env", "make", "data", "--offline", str(tmp_path / "wheels"))
    for after in (0.15, 0.3, 0.45, 0.6):
        process = subprocess.Popen(command(installed, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert make(installed).returncode == 0
    (place,) = [file for file in libraries(tmp_path) if file.is_dir()]
    assert (place / "lib/python3.11/site-packages/tiny_data_requirements.py").exists()


def test_two_starts_at_once_make_one(installed, tmp_path):
    words = ("env", "make", "data", "--offline", str(tmp_path / "wheels"))
    both = [
        subprocess.Popen(command(installed, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=100)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("Installed 1 package" in text for text in said) == 1


def test_prune_removes_what_other_versions_made(installed, tmp_path):
    assert make(installed).returncode == 0
    lock = installed / "parts" / "images" / "data" / "requirements.lock"
    lock.write_text(f"# Another version.\n{lock.read_text()}")
    assert "unused" in boxwright(installed, "env").stdout
    assert "removed" in boxwright(installed, "env", "prune").stdout
    assert [file for file in libraries(tmp_path) if file.is_dir()] == []


FAULTS = {
    "relative": (["env", "make"], {"BOXWRIGHT_HOME": "here"}, "BOXWRIGHT_HOME is here, a relative path"),
    "no network": (["env", "make", "data"], {"UV_OFFLINE": "1"}, "a package of the lock is not there"),
    "no proxy": (
        ["env", "make", "data"],
        {"HTTPS_PROXY": "http://127.0.0.1:9", "UV_HTTP_RETRIES": "0"},
        "could not be downloaded",
    ),
    "no Python": (
        ["env", "make", "data"],
        {"PATH": "/nowhere", "UV_PYTHON_DOWNLOADS": "never"},
        "Python 3.11 is not installed",
    ),
    "below a file": (["env", "make", "data"], {"BOXWRIGHT_HOME": "/dev/null/here"}, "/dev/null/here"),
    "no uv": (["env", "make", "data"], {"BOXWRIGHT_UV": "/nowhere/uv", "PATH": "/nowhere"}, "uv is missing"),
    "no such environment": (["env", "make", "dta"], {}, "there is no environment dta"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_in_a_sentence(installed, monkeypatch, fault):
    words, variables, said = FAULTS[fault]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ended = boxwright(installed, *words)
    assert ended.returncode == 2 and said in ended.stderr and "Traceback" not in ended.stderr, ended.stderr


def test_a_package_that_the_lock_does_not_name_is_refused(installed, tmp_path):
    package(tmp_path / "wheels", "tiny_data_requirements")
    with zipfile.ZipFile(tmp_path / "wheels" / "tiny_data_requirements-1.0-py3-none-any.whl", "a") as archive:
        archive.writestr("more.py", "")
    ended = make(installed)
    assert ended.returncode == 2 and "is not the one that the lock names" in ended.stderr, ended.stderr


def test_an_incomplete_wheelhouse_is_named(installed, tmp_path):
    (tmp_path / "wheels" / "tiny_data_requirements-1.0-py3-none-any.whl").unlink()
    ended = make(installed)
    assert ended.returncode == 2 and "a package of the lock is not there" in ended.stderr, ended.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_named(installed, tmp_path):
    (tmp_path / "home with spaces").mkdir(mode=0o500)
    ended = make(installed)
    assert ended.returncode == 2 and "cannot be written" in ended.stderr
