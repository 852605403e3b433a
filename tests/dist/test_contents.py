# environment: authoring
"""The wheel and the source distribution: what is in them, and what they require."""

import email
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from source_code import ROOT

from boxwright import __version__
from boxwright.core.runtime import environments

PACKAGED = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "components", "pipelines", "images")
NAME = f"boxwright-{__version__}"
# What an installed package has besides Python modules, below `boxwright`.
PARTS = {
    "command_line/reference.json",
    "environments/sizes.json",
    "parts/bin/boxwright",
    "parts/images/authoring/requirements.lock",
    "parts/images/base-image.lock",
    "parts/images/build-constraints.txt",
    "parts/images/data/Dockerfile",
    "parts/images/data/requirements.lock",
    "parts/images/edge/Dockerfile",
    "parts/images/edge/requirements.lock",
    "parts/images/train/Dockerfile",
    "parts/images/train/cpu.lock",
    "parts/images/train/gpu.lock",
    "parts/images/train/no-deps.lock",
    "parts/images/uv.lock",
    "parts/images/wheelhouse.lock",
    "parts/pipelines/diagnose.py",
    "parts/pipelines/finetune.py",
    "parts/pyproject.toml",
    "parts/setup.cfg",
    "py.typed",
}
DISTRIBUTION = {
    f"{NAME}.data/scripts/boxwright",
    *(f"{NAME}.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", "licenses/LICENSE", "top_level.txt")),
}
PAGE_PARTS = (".html.j2", ".binpb")


@pytest.fixture(scope="module")
def dist(tmp_path_factory) -> Path:
    """The folder of both files, built from a copy of the checkout as `make dist` builds them."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    untracked = shutil.ignore_patterns("*.egg-info", "__pycache__")
    for name in PACKAGED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=untracked)
        else:
            shutil.copy(ROOT / name, source)
    for junk in ("components/boxwright/convert/images.partial", "components/boxwright/notes.md", "pipelines/data.csv"):
        (source / junk).write_text("This must not be packaged.")
    build = ["build", "--quiet", "--require-hashes", "--build-constraints", ROOT / "images" / "build-constraints.txt"]
    subprocess.run([ROOT / ".envs/uv/bin/uv", *build, "--out-dir", built, source], check=True)
    return built


@pytest.fixture(scope="module")
def wheel(dist) -> zipfile.ZipFile:
    return zipfile.ZipFile(dist / f"{NAME}-py3-none-any.whl")


def ours() -> set[str]:
    """The modules, templates and descriptors of the checkout, below `components`."""
    package = ROOT / "components" / "boxwright"
    found = (file for file in package.rglob("*") if "parts" not in file.relative_to(package).parts[:1])
    return {str(file.relative_to(package)) for file in found if file.name.endswith((".py", *PAGE_PARTS))}


def test_the_wheel_has_the_package_and_nothing_else(wheel):
    names = {name for name in wheel.namelist() if not name.endswith("/")}
    assert names == {f"boxwright/{name}" for name in ours() | PARTS} | DISTRIBUTION


def test_the_source_distribution_has_the_same_files(dist):
    with tarfile.open(dist / f"{NAME}.tar.gz") as archive:
        names = {member.name.removeprefix(f"{NAME}/") for member in archive if member.isfile()}
    made = {name for name in names if "egg-info/" in name} | {"PKG-INFO"}
    beside = {"LICENSE", "README.md", "setup.cfg", "pyproject.toml", "components/bin/boxwright"}
    assert names - made == {f"components/boxwright/{name}" for name in ours() | PARTS} | beside


def test_the_requirements_are_few_and_loose(wheel):
    """They must fit beside TensorFlow, kfp, torch and whatever else the user has."""
    metadata = email.message_from_bytes(wheel.read(f"{NAME}.dist-info/METADATA"))
    required = metadata.get_all("Requires-Dist") or []
    assert sorted(line.partition(">")[0] for line in required) == ["platformdirs", "shtab", "uv"]
    assert not any(sign in line for line in required for sign in ("==", "<", "~", ",", ";"))
    assert metadata["Requires-Python"] == ">=3.11" and metadata["Version"] == __version__


def test_the_installed_package_names_the_same_images(wheel, tmp_path, monkeypatch):
    """A pipeline that is compiled from the wheel starts the images that the checkout built."""
    wheel.extractall(tmp_path)
    in_checkout = [environments.source_digest.__wrapped__(name) for name in ("data", "train", "edge")]
    file = tmp_path / "boxwright" / "core" / "runtime" / "environments.py"
    monkeypatch.setattr(environments, "__file__", str(file))
    assert [environments.source_digest.__wrapped__(name) for name in ("data", "train", "edge")] == in_checkout
