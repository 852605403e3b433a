"""Which environment runs which step, and where the host keeps it."""

import functools
import hashlib
import os
import sys
from pathlib import Path

from boxwright import __version__

# step -> image `boxwright/<environment>`; on the host, the folder of that name under `.envs`
STEPS = {
    "convert": "data",
    "validate": "data",
    "diagnose": "data",
    "augment": "train",
    "train": "train",
    "export": "train",
    "evaluate": "train",
    "edgetpu": "edge",
    "report": "data",
    "run_status": "data",
}
# The edge image differs only by holding `edgetpu_compiler`; on the host the train environment does the same work.
HOST = {"data": "data", "train": "train", "edge": "train"}


def home() -> Path:
    """Folder of the host environments: `BOXWRIGHT_ENVS`, else `.envs` beside the checkout."""
    return Path(os.environ.get("BOXWRIGHT_ENVS", Path(__file__).resolve().parents[4] / ".envs"))


def script_for(step: str) -> Path | None:
    """The `boxwright` script that must run this step; None when this process is right, or the only one (a container)."""
    folder = home() / HOST[STEPS[step]]
    script = folder / "bin" / "boxwright"
    return script if script.exists() and Path(sys.prefix).resolve() != folder.resolve() else None


def image(environment: str, variant: str = "") -> str:
    """Name of the image of an environment, with a registry from `BOXWRIGHT_REGISTRY`; variant: `gpu` or none. KFP's cache is
    keyed by this text, so the tag changes with every change of what the image is made from."""
    tag = "-".join(part for part in (__version__, source_digest(environment), variant) if part)
    registry = os.environ.get("BOXWRIGHT_REGISTRY", "").strip().rpartition("://")[2].rstrip("/")
    return f"{registry and registry + '/'}boxwright/{environment}:{tag}"


@functools.cache
def source_digest(environment: str) -> str:
    """First 12 hex digits of the SHA-256 over the steps' code and, in a checkout, what else the image is built from.

    The pipelines are not in it: a change of a graph or of the client neither rebuilds an image nor repeats a step.
    """
    package = Path(__file__).resolve().parents[2]
    root = package.parents[1]
    apart = [package / name for name in ("cluster", "demo", "lineage", "local")]
    code = [
        file
        for pattern in ("*.py", "*.j2")
        for file in package.rglob(pattern)
        if not any(folder in file.parents for folder in apart)
    ]
    digest = hashlib.sha256()
    beside = (f"images/{environment}/*", "images/build-constraints.txt", "setup.cfg", "pyproject.toml")
    for file in sorted([*code, *(file for pattern in beside for file in root.glob(pattern))]):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


if __name__ == "__main__":  # for the Makefile: python -m boxwright.core.runtime.environments train gpu
    print(image(*sys.argv[1:]))
