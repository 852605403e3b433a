# environment: data
"""Runs the inputs of one environment's targets, one after another, in one process. fuzz.py starts it and watches it.

Each line of its input is JSON: {"target", "seed", "number"}, or {"target", "folder"} for an input that exists. Each line of its
output is JSON: {"outcome", "text", "place", "megabytes"}.
"""

import faulthandler
import importlib
import json
import os
import resource
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from target import Files, Target, made, tried, write

MODULES = {
    "data": ("convert_targets", "data_targets"),
    "train": ("train_targets",),
    "authoring": ("authoring_targets",),
}
LIMIT = 2 << 30  # bytes that a process may have in memory besides its libraries


def targets(environment: str) -> dict[str, Target]:
    return {
        target.name: target for module in MODULES[environment] for target in importlib.import_module(module).TARGETS
    }


def emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def megabytes(field: str) -> float:
    """A size in the state of this process: VmHWM (its peak), VmRSS or VmData."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def limit_memory() -> None:
    most = int(megabytes("VmData") * 2**20) + LIMIT
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answers(known: dict[str, Target], work: Path) -> Iterator[dict]:
    seeds: dict[str, list[Files]] = {}
    for line in sys.stdin:
        task = json.loads(line)
        target = known[task["target"]]
        folder = Path(task["folder"]) if "folder" in task else emptied(work / "input")
        if "folder" not in task:
            if target.name not in seeds:
                seeds[target.name] = list(target.seeds())
            write(made(target, seeds[target.name], task["seed"], task["number"]), folder)
        Path("/proc/self/clear_refs").write_text("5")  # resets the peak
        before = megabytes("VmRSS")
        faulthandler.dump_traceback_later(target.patience)
        end = tried(target, folder, emptied(work / "out"))
        faulthandler.cancel_dump_traceback_later()
        yield {**end._asdict(), "megabytes": megabytes("VmHWM") - before}


def main(environment: str, work: str) -> None:
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints goes to the log
    faulthandler.enable()
    known = targets(environment)
    limit_memory()
    print(json.dumps({name: target.patience for name, target in known.items()}), file=replies, flush=True)
    for answer in answers(known, Path(work)):
        print(json.dumps(answer), file=replies, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
