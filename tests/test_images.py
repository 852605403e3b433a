# environment: authoring
"""Checks of the images without building them: tags, locks and Dockerfiles."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from boxwright.core.runtime import environments

ROOT = Path(__file__).parents[1]
IMAGES = sorted(set(environments.STEPS.values()))


SOURCES = {
    "core/runtime/environments.py": "",
    "cli.py": "",
    "core/shared.py": "",
    "core/train_only.py": "",
    "core/unused.py": "",
    "convert/step.py": "from boxwright.core import shared",
    "convert/page.html.j2": "",
    "train/config.py": "",
    "train/step.py": "def run():\n  from boxwright.core import shared, train_only",
    "demo/generator.py": "",
    "local/run.py": "from boxwright.core import shared",
    "cluster/compile.py": "",
    "lineage/graph.py": "",
}
BESIDE = {
    "pipelines/finetune.py": "",
    "components/bin/boxwright": "",
    "images/build-constraints.txt": "",
    "images/build-constraints.in": "",
    "images/uv.lock": "",
    "images/base-image.lock": "",
    "images/README.md": "",
    "images/data/requirements.lock": "",
    "images/data/development.lock": "",
    "images/train/Dockerfile": "",
    "setup.cfg": "[metadata]\nname = boxwright\n[tool:pytest]\ntestpaths = tests\n",
    "pyproject.toml": "[build-system]\nrequires = ['setuptools>=77']\n[tool.ruff]\nline-length = 120\n",
    "README.md": "",
}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A small checkout that source_digest uses as its own."""
    package = tmp_path / "components" / "boxwright"
    files = {package / name: text for name, text in SOURCES.items()} | {
        tmp_path / n: text for n, text in BESIDE.items()
    }
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        if package in file.parents:
            for folder in (file.parent, *(f for f in file.parents if package in (f, *f.parents))):
                (folder / "__init__.py").touch()
    (package / "parts").mkdir()
    for link in (ROOT / "components" / "boxwright" / "parts").iterdir():
        (package / "parts" / link.name).symlink_to(link.readlink())
    monkeypatch.setattr(environments, "__file__", str(package / "core" / "runtime" / "environments.py"))
    return tmp_path


CODE = "components/boxwright/"


@pytest.mark.parametrize(
    ("changed", "data", "train"),
    [
        (f"{CODE}train/step.py", False, True),
        (f"{CODE}train/config.py", False, True),
        (f"{CODE}convert/step.py", True, False),
        (f"{CODE}convert/page.html.j2", True, False),
        (f"{CODE}core/shared.py", True, True),
        (f"{CODE}core/__init__.py", True, True),
        (f"{CODE}core/train_only.py", False, True),
        (f"{CODE}core/unused.py", False, False),
        (f"{CODE}cli.py", True, True),
        (f"{CODE}demo/generator.py", False, False),
        (f"{CODE}local/run.py", False, False),
        (f"{CODE}cluster/compile.py", False, False),
        (f"{CODE}lineage/graph.py", False, False),
        ("images/data/requirements.lock", True, False),
        ("images/data/development.lock", False, False),
        ("images/train/Dockerfile", False, True),
        ("images/build-constraints.txt", True, True),
        ("images/build-constraints.in", False, False),
        ("images/uv.lock", True, True),
        ("images/base-image.lock", True, True),
        ("components/bin/boxwright", True, True),
        ("images/README.md", False, False),
        ("pipelines/finetune.py", False, False),
        ("README.md", False, False),
    ],
)
def test_tag_follows_code_and_build_inputs(checkout, changed, data, train):
    assert changes(checkout, changed, (checkout / changed).read_text() + "\n# A comment.\n") == {
        "data": data,
        "train": train,
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "counts"),
    [
        ("setup.cfg", "name = boxwright", "name = other", True),
        ("setup.cfg", "testpaths = tests", "testpaths = test", False),
        ("setup.cfg", "[metadata]", "# A comment.\n[metadata]", False),
        ("pyproject.toml", "setuptools>=77", "setuptools>=78", True),
        ("pyproject.toml", "line-length = 120", "line-length = 121", False),
    ],
)
def test_tag_follows_package_configuration(checkout, file, old, new, counts):
    text = (checkout / file).read_text()
    assert changes(checkout, file, text.replace(old, new)) == {"data": counts, "train": counts}


def changes(checkout: Path, name: str, text: str) -> dict[str, bool]:
    """Whether the digest changes when the file gets another text."""
    digest = environments.source_digest.__wrapped__
    before = {name: digest(name) for name in ("data", "train")}
    (checkout / name).write_text(text)
    return {name: digest(name) != before[name] for name in before}


def test_tag_of_an_installed_package_is_the_same(checkout, tmp_path_factory, monkeypatch):
    digest = environments.source_digest.__wrapped__
    there = tmp_path_factory.mktemp("lib") / "site-packages" / "boxwright"
    shutil.copytree(checkout / "components" / "boxwright", there)  # with the files that `parts` links to
    in_checkout = digest("train")
    monkeypatch.setattr(environments, "__file__", str(there / "core" / "runtime" / "environments.py"))
    assert digest("train") == in_checkout
    (there / "demo" / "generator.py").write_text("# A comment.")
    assert digest("train") == in_checkout
    (there / "core" / "train_only.py").write_text("# A comment.")
    assert digest("train") != in_checkout


def test_docker_ignores_the_demo_generator():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored.index("components/boxwright/demo") > ignored.index("!components")


@pytest.mark.parametrize(
    "registry", ["registry.example/team/", "registry.example/team", "https://registry.example/team"]
)
def test_image_name_has_registry_and_variant(monkeypatch, registry):
    monkeypatch.setenv("BOXWRIGHT_REGISTRY", registry)
    assert re.fullmatch(
        r"registry\.example/team/boxwright/train:\d+\.\d+\.\d+-[0-9a-f]{12}-gpu", environments.image("train", "gpu")
    )


@pytest.mark.parametrize("registry", ["", "registry.example/team/"])
@pytest.mark.parametrize("given", ["registry.example/team/", "https://registry.example/team"])
def test_pushes_the_names_that_a_cluster_pulls(monkeypatch, tmp_path, registry, given):
    """It also works in a shell with BOXWRIGHT_REGISTRY, which `boxwright submit` needs."""
    for name, line in ((".venv/bin/python", f'exec {sys.executable} "$@"'), ("docker", 'echo "$@" >> said')):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("BOXWRIGHT_REGISTRY", registry)
    command = ["make", "-f", ROOT / "Makefile", "-o", "images", "push", f"REGISTRY={given}"]
    subprocess.run(command, cwd=tmp_path, check=True)
    pushed = re.findall("^push (.*)$", (tmp_path / "said").read_text(), re.MULTILINE)
    monkeypatch.setenv("BOXWRIGHT_REGISTRY", "registry.example/team")
    assert pushed == [environments.image(name) for name in ("data", "train", "edge")]


DOCKER = """#!/bin/sh
case "$*" in
  *.Config.Labels*) test -e label && cat label ;;
  "image inspect"*) echo 1000000 ;;
  build*) echo "$@" | grep -o 'dev.boxwright.compiler=[a-z]*' | cut -d= -f2 > label ;;
esac
"""


@pytest.mark.parametrize(
    ("name", "again"), [("edge", ["built", "there", "there", "built", "there", "built"]), ("data", ["built"])]
)
def test_rebuilds_when_the_compiler_option_changes(monkeypatch, tmp_path, name, again):
    """An image with the requested compiler is kept, and without a request any image is kept. The tag stands for the source,
    a label for the compiler."""
    (tmp_path / "images").mkdir()
    for file in ("build", "base-image.lock"):
        shutil.copy(ROOT / "images" / file, tmp_path / "images")
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHON", sys.executable)
    said = []
    for compiler in ("no", "no", "", "yes", "", "no"):
        monkeypatch.setenv("COMPILER", compiler)
        ended = subprocess.run([tmp_path / "images" / "build", name], capture_output=True, text=True, check=True)
        said.append("built" if "\nbuilt " in ended.stdout else "there")
    assert said == (again + ["there"] * 5)[:6]


@pytest.mark.parametrize("name", IMAGES)
def test_dockerfile_conventions(name):
    text = (ROOT / "images" / name / "Dockerfile").read_text()
    last_stage = text.rpartition("\nFROM ")[2]
    assert "HOME=/tmp" in last_stage and "USER 65532" in last_stage
    assert "g++" not in last_stage and "--require-hashes" in text
    assert f"docker build -f images/{name}/Dockerfile" in text
    assert "--mount" not in text and "<<" not in text  # the older builder has neither


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / "images" / lock).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==(\S+) ", text, flags=re.M))


@pytest.mark.parametrize(
    ("lock", "beside", "own"),
    [
        ("train/gpu.lock", "train/cpu.lock", r"tensorflow|nvidia-.*"),
        ("edge/requirements.lock", "train/cpu.lock", r"$^"),
        (
            "train/development.lock",
            "train/cpu.lock",
            r"pytest.*|execnet|iniconfig|pluggy|tensorboard.*|markdown|werkzeug|pyarrow-hotfix",
        ),
        (
            "data/development.lock",
            "data/requirements.lock",
            r"pytest.*|execnet|iniconfig|pluggy|hypothesis|fake-gcs-server.*|"
            r"moto|flask.*|werkzeug|blinker|itsdangerous|click|responses|xmltodict|py-partiql-parser|"
            r"ipython.*|ipykernel|jupyter-.*|nb.*|asttokens|comm|debugpy|executing|fastjsonschema|jedi|jsonschema.*|"
            r"matplotlib-inline|nest-asyncio2|parso|pexpect|platformdirs|prompt-toolkit|psutil|ptyprocess|pure-eval|"
            r"pyzmq|referencing|rpds-py|stack-data|tornado|traitlets|wcwidth",
        ),
    ],
)
def test_locks_agree_on_shared_packages(lock, beside, own):
    ours, theirs = pins(lock), pins(beside)
    assert ours
    assert {n: v for n, v in ours.items() if theirs.get(n) != v and not re.fullmatch(own, n)} == {}


@pytest.mark.parametrize(
    "lock", ["data/requirements.lock", "train/cpu.lock", "train/gpu.lock", "edge/requirements.lock"]
)
def test_no_test_tools_in_an_image(lock):
    assert not {"pytest", "hypothesis", "moto", "flask"} & set(pins(lock))
