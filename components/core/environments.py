"""Which environment runs which step, and where the host keeps it."""

import os
import sys
from pathlib import Path

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
}
# The edge image differs only by holding `edgetpu_compiler`; on the host the train environment does the same work.
HOST = {"data": "data", "train": "train", "edge": "train"}


def home() -> Path:
    """Folder of the host environments: `BOXWRIGHT_ENVS`, else `.envs` beside the checkout."""
    return Path(os.environ.get("BOXWRIGHT_ENVS", Path(__file__).resolve().parents[2] / ".envs"))


def script_for(step: str) -> Path | None:
    """The `boxwright` script that must run this step, or None when this process is the right one (or the only one: a container)."""
    folder = home() / HOST[STEPS[step]]
    script = folder / "bin" / "boxwright"
    return script if script.exists() and Path(sys.prefix).resolve() != folder.resolve() else None
