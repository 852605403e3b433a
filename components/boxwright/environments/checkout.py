"""Makes an environment of a checkout: its locks, its test tools, and our code as it lies there. The Makefile calls it:
`python -m boxwright.environments.checkout data`."""

import sys
from pathlib import Path

from boxwright.core.runtime import environments
from boxwright.environments import places, uv

# What only a checkout has: test tools, and the tools for SBOM and audit.
DEVELOPMENT = {
    "data": ("data/development.lock",),
    "train": ("train/development.lock",),
    "audit": ("audit/requirements.lock",),
}


def make(name: str, folder: Path, top: Path) -> None:
    """Makes or updates an environment with the Python of this process. Its file `.stamp` says that it is complete.

    top: the checkout. Raises UserError if uv fails.
    """
    (folder / ".stamp").unlink(missing_ok=True)
    images = environments.parts_folder() / "images"
    locks = [images / lock for lock in (*places.LOCKS.get(name, ()), *DEVELOPMENT.get(name, ()))]
    python = str(folder / "bin" / "python")
    uv.run(["venv", "--allow-existing", "--python", sys.executable, str(folder)], folder)
    uv.sync(folder, locks)
    uv.run(["pip", "install", "--python", python, "--no-deps", "--editable", str(top)], folder)
    (folder / ".stamp").touch()


if __name__ == "__main__":
    place, checkout = environments.in_checkout(sys.argv[1]), environments.checkout()
    assert place and checkout
    make(sys.argv[1], place, checkout)
