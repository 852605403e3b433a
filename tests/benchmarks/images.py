# environment: .venv
"""Size of each image, and seconds from `docker run` to a step's first output, compared with the same step on the host.

The step prints its help. For that it imports its code and the libraries of the command line. Runs alternate, and the
smallest time of each counts. Needs a Docker engine and `make images`.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from boxwright.core.runtime import environments

STEPS = {"data": "convert", "train": "train", "edge": "edgetpu"}


def seconds(command: list) -> float:
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - started


def main(rounds: int = 5) -> None:
    script = Path(sys.prefix) / "bin" / "boxwright"
    for name, step in STEPS.items():
        image = environments.image(name)
        inspect = ["docker", "image", "inspect", "--format", "{{.Size}}", image]
        try:
            found = subprocess.run(inspect, capture_output=True, text=True)
        except FileNotFoundError:
            sys.exit("benchmark images: skipped, there is no Docker here")
        if found.returncode:
            sys.exit(f"benchmark images: skipped, {image} is not built or no engine answers ({found.stderr.strip()})")
        ours, theirs = ["docker", "run", "--rm", image, "boxwright", step, "--help"], [script, step, "--help"]
        taken = [(seconds(ours), seconds(theirs)) for _ in range(rounds + 1)][1:]
        started = {
            who: round(min(column), 2) for who, column in zip(("ours", "theirs"), zip(*taken, strict=True), strict=True)
        }
        line = {"name": f"image {name}", **started, "unit": "s to start", "megabytes": int(found.stdout) // 1_000_000}
        line["ratio"] = round(started["ours"] / started["theirs"], 3)
        print(json.dumps(line | {"n": rounds, "load": round(os.getloadavg()[0], 2)}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
