# environment: authoring
"""What is installed into environments and images is what the locks name, and pushed images are signed."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from source_code import ROOT

from boxwright.core.runtime import environments

IMAGES = sorted(set(environments.STEPS.values()))
LOCKS = sorted([*(ROOT / "images").rglob("*.lock"), ROOT / "images" / "build-constraints.txt"])
DIGEST = "sha256:" + "ab" * 32


def script(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """A folder with the scripts in images/, where `docker` is a stand-in that writes its arguments to `said`."""
    shutil.copytree(ROOT / "images", tmp_path / "images")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHON", sys.executable)
    script(
        tmp_path / "docker", 'echo "docker $@" >> said\ncase "$*" in *Config.Labels*) exit 1 ;; *.Size*) echo 1 ;; esac'
    )
    return tmp_path


def run(folder: Path, *command: object) -> subprocess.CompletedProcess:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock.name != "base-image.lock"], ids=lambda file: file.name)
def test_every_locked_package_has_a_hash(lock):
    packages = re.split(r"(?m)^(?=[A-Za-z])", lock.read_text())[1:]
    assert packages and [one for one in packages if not re.search(r"--hash=sha256:[0-9a-f]{64}", one)] == []


@pytest.mark.parametrize("file", [*(f"images/{name}/Dockerfile" for name in IMAGES)])
def test_every_installation_checks_hashes(file):
    text = (ROOT / file).read_text()
    installed = [line for line in text.splitlines() if re.search(r"pip (install|sync) ", line)]
    ours = [line for line in installed if "--no-deps" in line]  # our own package, without its requirements
    assert len(ours) == 1 and all("--require-hashes" in line for line in installed if line not in ours)
    assert "UV_BUILD_CONSTRAINT" in text


def test_make_installs_only_with_hashes():
    """uv itself, what an SBOM counts, and the audit's tools. The environments are made by boxwright.environments."""
    text = (ROOT / "Makefile").read_text()
    installed = [line for line in text.splitlines() if re.search(r"pip (install|sync) ", line)]
    assert installed and all("--require-hashes" in line for line in installed)
    assert "UV_BUILD_CONSTRAINT" in text


def test_environments_are_installed_only_with_hashes():
    """Each command of uv that installs, but for that of our own package in a checkout."""
    files = sorted((ROOT / "components" / "boxwright" / "environments").glob("*.py"))
    lists = [node for file in files for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.List)]
    words = [[one.value for one in node.elts if isinstance(one, ast.Constant)] for node in lists]
    installing = [one for one in words if "pip" in one and {"install", "sync"} & set(one)]
    assert len(installing) >= 2
    assert [one for one in installing if "--require-hashes" not in one] == [
        ["pip", "install", "--python", "--no-deps", "--editable"]
    ]


@pytest.mark.parametrize("known", [True, False])
def test_a_forged_build_tool_is_refused(tmp_path, known):
    """uv compares the hashes of the tools that build our package and the packages that come as source."""
    version = re.findall(r"setuptools==(\S+)", (ROOT / "images" / "build-constraints.txt").read_text())[0]
    forged = tmp_path / f"setuptools-{version}-py3-none-any.whl"
    with zipfile.ZipFile(forged, "w") as wheel:
        home = f"setuptools-{version}.dist-info"
        wheel.writestr("setuptools/build_meta.py", "raise SystemExit('the forged tool runs')")
        wheel.writestr(f"{home}/METADATA", f"Metadata-Version: 2.1\nName: setuptools\nVersion: {version}\n")
        wheel.writestr(f"{home}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{home}/RECORD", "")
    built_by = "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n"
    (tmp_path / "pyproject.toml").write_text(f"{built_by}[project]\nname = 'ours'\nversion = '1'\n")
    constraints = ROOT / "images" / "build-constraints.txt"
    if known:  # the same check with its own hash lets it run, so the hash is what refuses it
        digest = hashlib.sha256(forged.read_bytes()).hexdigest()
        constraints = tmp_path / "constraints.txt"
        constraints.write_text(f"setuptools=={version} --hash=sha256:{digest}\n")
    command = [ROOT / ".envs/uv/bin/uv", "pip", "install", "--no-cache", "--no-index", "--find-links", tmp_path]
    command += [
        "--no-deps",
        "--target",
        tmp_path / "made",
        "--python",
        sys.executable,
        "--build-constraint",
        constraints,
    ]
    ended = run(tmp_path, *command, tmp_path)
    assert ("the forged tool runs" in ended.stderr) is known
    assert ("Hash mismatch" in ended.stderr) is not known


def test_base_image_has_a_digest():
    locked = (ROOT / "images" / "base-image.lock").read_text()
    assert re.fullmatch(r"python:3\.11-slim-bookworm@sha256:[0-9a-f]{64}\n", locked)
    for name in IMAGES:
        assert "\nARG BASE_IMAGE\n" in (ROOT / "images" / name / "Dockerfile").read_text()


def test_build_uses_the_locked_base_image(checkout):
    assert run(checkout, "images/build", "edge").returncode == 0
    locked = (ROOT / "images" / "base-image.lock").read_text().strip()
    assert f"--build-arg BASE_IMAGE={locked} " in (checkout / "said").read_text()


@pytest.mark.parametrize("locked", ["python:3.11-slim-bookworm", "python@sha256:12", ""])
def test_build_refuses_a_base_without_a_digest(checkout, locked):
    (checkout / "images" / "base-image.lock").write_text(locked)
    ended = run(checkout, "images/build", "edge")
    assert ended.returncode == 2 and "not NAME:TAG@sha256:DIGEST" in ended.stderr and "BASE_IMAGE" in ended.stderr
    assert "docker build" not in (checkout / "said").read_text()


def test_build_takes_a_base_that_the_user_names(checkout, monkeypatch):
    monkeypatch.setenv("BASE_IMAGE", "mirror.example/python:3.11")
    assert run(checkout, "images/build", "edge").returncode == 0
    assert "--build-arg BASE_IMAGE=mirror.example/python:3.11 " in (checkout / "said").read_text()


def test_build_says_that_the_base_cannot_be_pulled(checkout):
    script(checkout / "docker", "exit 1")
    ended = run(checkout, "images/build", "edge")
    assert ended.returncode == 2 and "cannot be pulled" in ended.stderr and "BASE_IMAGE=" in ended.stderr


def test_locks_refresh_the_digest_of_the_base(checkout):
    script(checkout / "docker", f'case "$1" in image) echo python@{DIGEST} ;; esac')
    assert run(checkout, "images/lock-base-image").returncode == 0
    assert (checkout / "images/base-image.lock").read_text() == f"python:3.11-slim-bookworm@{DIGEST}\n"


def test_locks_keep_the_base_without_a_registry(checkout):
    script(checkout / "docker", "exit 1")
    ended = run(checkout, "images/lock-base-image")
    assert ended.returncode == 0 and "unchanged" in ended.stderr
    assert (checkout / "images/base-image.lock").read_text() == (ROOT / "images/base-image.lock").read_text()


def test_keys_of_google_are_named_by_fingerprint():
    text = (ROOT / "images" / "edge" / "Dockerfile").read_text()
    assert "trusted.gpg" not in text and "[signed-by=$keys,$KEYS]" in text
    assert re.search(r"keys=/usr/share/keyrings/\S+\.asc;", text)
    assert re.search(r"(?m)^ARG KEYS=[0-9A-F]{40}(,[0-9A-F]{40})*$", text)


@pytest.mark.parametrize("name", IMAGES)
def test_images_import_nothing_from_folders_of_users(name):
    last_stage = (ROOT / "images" / name / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert "PYTHONSAFEPATH=1" in last_stage and "PYTHONNOUSERSITE=1" in last_stage


@pytest.fixture
def pushing(checkout):
    """`make push` in a checkout with SBOMs and a stand-in for a registry."""
    script(checkout / "docker", f'echo "docker $@" >> said\ncase "$1" in image) echo "${{5%:*}}@{DIGEST}" ;; esac')
    (checkout / ".venv/bin").mkdir(parents=True)
    script(checkout / ".venv/bin/python", f'exec {sys.executable} "$@"')
    (checkout / "build/sbom").mkdir(parents=True)
    for name in IMAGES:
        (checkout / f"build/sbom/{name}.json").write_text("{}")

    def push(*variables: str) -> str:
        make = ["make", "-f", ROOT / "Makefile", "-o", "images", "-o", "sbom", "push", "REGISTRY=registry.example/team"]
        ended = run(checkout, *make, *variables)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return push


@pytest.mark.parametrize("key", ["", "key.pem"])
def test_push_signs_the_digest_and_attaches_the_sbom(checkout, pushing, monkeypatch, key):
    monkeypatch.setenv("COSIGN_KEY", key)
    script(checkout / "cosign", 'echo "cosign $@" >> said')
    pushing()
    flags = "--yes" + (f" --key {key}" if key else "")
    signed = [line for line in (checkout / "said").read_text().splitlines() if line.startswith("cosign")]
    expected = []
    for name in ("data", "train", "edge"):
        place = f"registry.example/team/boxwright/{name}@{DIGEST}"
        expected.append(f"cosign sign {flags} {place}")
        expected.append(f"cosign attest {flags} --type cyclonedx --predicate build/sbom/{name}.json {place}")
    assert signed == expected


def test_push_without_cosign_says_that_it_did_not_sign(pushing):
    assert pushing("COSIGN=").count("is not signed and has no SBOM attached: cosign is not installed") >= 3


@pytest.mark.parametrize("lost", ["sbom", "digest"])
def test_an_image_is_not_signed_without_sbom_or_digest(checkout, pushing, lost):
    script(checkout / "cosign", 'echo "cosign $@" >> said')
    if lost == "sbom":
        (checkout / "build/sbom/data.json").unlink()
    else:
        script(checkout / "docker", "exit 0")
    ended = run(checkout, "images/sign", "registry.example/team/boxwright/data:1", "data")
    assert ended.returncode == 2 and "not signed" in ended.stderr and not (checkout / "said").exists()


INSTALLED = "12\n3.11.16\nlibc6\t2.36-9+deb12u10\tamd64\tglibc\ntzdata\t2025b-0+deb12u1\tall\ttzdata\n"


def test_debian_packages_are_in_the_sbom(checkout):
    script(checkout / "docker", f"case $1 in run) printf '%s' '{INSTALLED}' ;; esac")
    (checkout / "part.json").write_text(json.dumps({"bomFormat": "CycloneDX", "components": [{"name": "numpy"}]}))
    said = run(checkout, sys.executable, "-P", "images/sbom", "boxwright/data:1", "part.json", "whole.json").stdout
    whole = json.loads((checkout / "whole.json").read_text())
    assert (
        said == "whole.json: 1 Python packages, 3 of Debian and of the base image\n"
        and whole["bomFormat"] == "CycloneDX"
    )
    assert [one.get("purl") for one in whole["components"]] == [
        None,
        "pkg:generic/python@3.11.16",
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12&upstream=glibc",
        "pkg:deb/debian/tzdata@2025b-0%2Bdeb12u1?arch=all&distro=debian-12",
    ]


def test_sbom_without_an_image_says_what_is_missing(checkout, monkeypatch):
    monkeypatch.setenv("PATH", str(checkout / "empty"))
    (checkout / "part.json").write_text(json.dumps({"components": []}))
    said = run(checkout, sys.executable, "-P", "images/sbom", "boxwright/data:1", "part.json", "whole.json").stdout
    assert "none of Debian, because no Docker engine has boxwright/data:1: `make images`" in said
