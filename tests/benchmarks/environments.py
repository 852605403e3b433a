# environment: .venv
"""Measures the environments of an installed package, and writes it to `environments/sizes.json`. It is said before they are made.

`make bench NAME=environments`, after a change of the locks. It needs the network, about 6 GB of space and 10 minutes.

What is downloaded is the size of a wheelhouse. The seconds are those of a first start without uv's cache.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from boxwright.environments import making, places, sizes, wheelhouse
from boxwright.environments.command import megabytes


def measure(name: places.Name, folder: Path) -> dict[str, int | str]:
    os.environ["BOXWRIGHT_HOME"], os.environ["UV_CACHE_DIR"] = str(folder / "home"), str(folder / "cache")
    started = time.monotonic()
    making.make([name])
    seconds = round(time.monotonic() - started)
    wheelhouse.collect(folder / "wheelhouse", [name])
    return {
        "locks": places.digest(name),
        "download_mb": megabytes(folder / "wheelhouse"),
        "installed_mb": megabytes(places.environment(name)),
        "seconds": seconds,
    }


def main() -> None:
    found = {}
    for name in places.NAMES:
        with tempfile.TemporaryDirectory(prefix="boxwright-") as folder:
            found[name] = measure(name, Path(folder))
            print(name, found[name], file=sys.stderr)
    sizes.FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
