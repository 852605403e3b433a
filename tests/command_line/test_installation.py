# environment: authoring
"""What `boxwright doctor` says of the environments, of a checkout and of an installed package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from source_code import ROOT

from boxwright.command_line import installation


def texts() -> str:
    return "\n".join(check.text for check in installation.checks())


def test_a_checkout_says_where_its_environments_are():
    said = texts()
    assert f"the checkout {ROOT}" in said and all(f"environment {name}: " in said for name in ("data", "train"))


def test_a_checkout_without_them_says_make_install(monkeypatch, tmp_path):
    monkeypatch.setenv("BOXWRIGHT_ENVS", str(tmp_path))
    missing = [check.text for check in installation.checks() if not check.ok]
    assert {f"no environment {name}: run `make install`" for name in ("data", "train")} <= set(missing)


def test_network_settings_are_shown_without_passwords(monkeypatch):
    for name in installation.NETWORK:
        monkeypatch.delenv(name, raising=False)
    assert installation.network() == ["packages come from uv's default index, without a proxy"]
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://me:hunter2@mirror.example/simple")
    assert installation.network() == ["UV_DEFAULT_INDEX=https://mirror.example/simple"]


@pytest.fixture
def package(tmp_path) -> Path:
    """The package as it is installed: with the files that `parts` links to."""
    return shutil.copytree(ROOT / "components" / "boxwright", tmp_path / "packages" / "boxwright")


DOCTOR = "import sys; sys.path[:0] = [{packages!r}]; sys.argv[1:] = ['doctor']; from boxwright.cli import main; main()"


def test_an_installed_package_knows_what_is_made_and_old(package, tmp_path):
    """It makes nothing, and needs none of the environments."""
    home = tmp_path / "home"
    (home / "environments" / "data-0123456789ab").mkdir(parents=True)
    program = DOCTOR.format(packages=str(package.parent))
    variables = os.environ | {"BOXWRIGHT_HOME": str(home)}
    ended = subprocess.run([sys.executable, "-I", "-c", program], env=variables, capture_output=True, text=True)
    assert not ended.stderr and f"the package in {package.parent}" in ended.stdout
    for name in ("authoring", "data", "train"):
        assert f"environment {name} is not made yet" in ended.stdout
    assert "of other versions: data-0123456789ab" in ended.stdout and "boxwright env prune" in ended.stdout
    assert [place.name for place in (home / "environments").iterdir()] == ["data-0123456789ab"]
