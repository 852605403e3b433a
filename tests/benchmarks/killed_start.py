# environment: .venv
"""Kills `boxwright env make NAME` of an installed package at random moments, then starts it once more: that one must work.

    make bench NAME=killed_start ARGS="PYTHON [NAME [SECONDS [TIMES]]]"

PYTHON has the wheel of `make dist`. The moments are below SECONDS, with a fixed seed. The packages come from uv's cache.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    python, name, seconds, times = [*sys.argv[1:], *("authoring", "8", "10")[len(sys.argv) - 2 :]]
    command = [python, "-m", "boxwright", "env", "make", name]
    draw = random.Random(0)
    moments = sorted(draw.uniform(0, float(seconds)) for _ in range(int(times)))
    draw.shuffle(moments)
    with tempfile.TemporaryDirectory(prefix="boxwright-") as home:
        variables = os.environ | {"BOXWRIGHT_HOME": home}
        for moment in moments:
            process = subprocess.Popen(
                command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            )
            time.sleep(moment)
            ended = process.poll()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # uv, too: otherwise it would hold the lock until it has ended
            process.wait()
            left = sorted(file.name for file in Path(home).glob("environments/*"))
            print(
                f"killed after {moment:.2f} s{' (it had ended)' if ended is not None else ''}; under its name: {left}",
                flush=True,
            )
        began = time.monotonic()
        last = subprocess.run(command, env=variables, capture_output=True, text=True)
        print(last.stdout + last.stderr, f"exit code {last.returncode} after {time.monotonic() - began:.1f} s")
        partial = [str(file) for file in Path(home).glob("environments/.*partial*")]
        print("left over:", partial)
        sys.exit(last.returncode or bool(partial))


if __name__ == "__main__":
    main()
