"""The environment of each step, its folder on the host, and the name of its image."""

import configparser
import functools
import hashlib
import json
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from boxwright import __version__
from boxwright.core.runtime import import_closure

# The environment of each step: the image `boxwright/<environment>`, or on the host the folder `.envs/<environment>`.
STEPS = {
    "convert": "data",
    "validate": "data",
    "diagnose": "data",
    "augment": "train",
    "train": "train",
    "export": "train",
    "evaluate": "train",
    "examine": "train",
    "edgetpu": "edge",
    "report": "data",
    "run_status": "data",
}
HostName = Literal["authoring", "data", "train"]
# The environment on the host that has the libraries of each image. Train has those of edge, too.
HOST: dict[str, HostName] = {"data": "data", "train": "train", "edge": "train"}
# The file that names the environment, in those that an installed package makes.
MARK = "boxwright-environment"


def home() -> Path:
    """Folder of the host environments of a checkout: `BOXWRIGHT_ENVS`, else `.envs`."""
    return Path(os.environ.get("BOXWRIGHT_ENVS", Path(__file__).resolve().parents[4] / ".envs"))


def checkout() -> Path | None:
    """The checkout that this package lies in; None for an installed package and in a container."""
    images = parts_folder() / "images"
    return images.resolve().parent if images.is_symlink() and images.exists() else None


def in_checkout(name: str) -> Path | None:
    """Folder of a host environment, `authoring`, `data` or `train`, of the checkout; None for an installed package."""
    if not checkout():
        return None
    return home().parent / ".venv" if name == "authoring" else home() / name


def runs_here(name: str) -> bool:
    """Whether this process runs in a host environment, or in a container, which has everything that it needs."""
    if not (parts_folder() / "images").exists():
        return True
    if place := in_checkout(name):
        return Path(sys.prefix).resolve() == place.resolve()
    mark = Path(sys.prefix, MARK)
    return mark.exists() and mark.read_text(encoding="utf-8") == name


def image(environment: str, variant: str = "") -> str:
    """Name of the image of an environment, with the registry from `BOXWRIGHT_REGISTRY`.

    The name is part of KFP's cache key. So its tag changes if and only if the code or the build inputs of the image change.

    variant: `gpu`, or empty.
    """
    tag = "-".join(part for part in (__version__, source_digest(environment), variant) if part)
    registry = os.environ.get("BOXWRIGHT_REGISTRY", "").strip().rpartition("://")[2].rstrip("/")
    return f"{registry and registry + '/'}boxwright/{environment}:{tag}"


@functools.cache
def source_digest(environment: str) -> str:
    """First 12 hex digits of a SHA-256 over the code that the environment's steps can run and over the other build inputs of
    its image. It is the same in a checkout and in the package that was built from it.

    Other code does not count. A change of a graph, of the demo, of a client command or of another environment's steps neither
    rebuilds the image nor repeats a step.
    """
    digest = hashlib.sha256()
    for name, content in sorted([*_code(environment), *_build_inputs(environment)]):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:12]


def modules(environment: str) -> list[Path]:
    """Source files of the command line and of the environment's steps, with everything that they can import."""
    steps = [step for step, name in STEPS.items() if name == environment]
    entries = [f"boxwright.{step}.{module}" for step in steps for module in ("config", "step")]
    return import_closure.files(["boxwright.cli", *entries], package_folder())


def package_folder() -> Path:
    return Path(__file__).resolve().parents[2]


def parts_folder() -> Path:
    """The graphs, the locks and the other build inputs of the images. In a checkout, links to their places there."""
    return package_folder() / "parts"


def _code(environment: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of each module, and of the templates and protobuf descriptors beside them."""
    sources = modules(environment)
    folders = {source.parent for source in sources}
    data = [file for folder in folders for pattern in ("*.j2", "*.binpb") for file in folder.glob(pattern)]
    for file in (*sources, *data):
        yield f"boxwright/{file.relative_to(package_folder())}", file.read_bytes()


def _build_inputs(environment: str) -> Iterator[tuple[str, bytes]]:
    """The files that the Dockerfile copies beside the code. Nothing in a container: its image has none of them.

    `setup.cfg` and `pyproject.toml` count only with the parts that affect the installed package, without comments.
    """
    parts = parts_folder()
    locks = [lock for lock in parts.glob(f"images/{environment}/*.lock") if lock.name != "development.lock"]
    shared = ("images/build-constraints.txt", "images/uv.lock", "images/base-image.lock", "bin/boxwright")
    for file in (parts / "images" / environment / "Dockerfile", *(parts / name for name in shared), *locks):
        if file.is_file():
            yield str(file.relative_to(parts)), file.read_bytes()
    if (parts / "setup.cfg").is_file():
        yield "setup.cfg", json.dumps(_setup(parts / "setup.cfg"), sort_keys=True).encode()
        yield "pyproject.toml", json.dumps(_build_system(parts / "pyproject.toml"), sort_keys=True).encode()


def _setup(file: Path) -> dict[str, dict[str, str]]:
    """The sections that setuptools reads. The other sections belong to tools that check the code."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(file, encoding="utf-8")
    sections = [name for name in parser.sections() if name == "metadata" or name.partition(".")[0] == "options"]
    return {name: dict(parser[name]) for name in sections}


def _build_system(file: Path) -> dict[str, object]:
    found = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {"build-system": found.get("build-system"), "setuptools": found.get("tool", {}).get("setuptools")}


if __name__ == "__main__":  # for the Makefile: python -m boxwright.core.runtime.environments train gpu
    print(image(*sys.argv[1:]))
