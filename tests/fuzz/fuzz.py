# environment: data
"""Feeds damaged inputs to every parser of foreign bytes, and lists how they end. See README.md."""

import argparse
import contextlib
import itertools
import json
import os
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PYTHONS = {"data": ".envs/data", "train": ".envs/train", "authoring": ".venv"}
FAULTS = ROOT / "build" / "fuzz" / "faults"
# Seconds of a target before the next one's turn; for libraries to load; after the process should have shown where it hangs.
TURN, LOADING, LATER = 6, 180, 5
VARIABLES = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
    "TF_USE_LEGACY_KERAS": "1",
    "OMP_NUM_THREADS": "1",
}
MOST_MEGABYTES = 1024  # that a process may grow by on an input of at most 4 MB


class Worker:
    """A process that runs the targets of one environment. It is started again after its death."""

    def __init__(self, environment: str, work: Path) -> None:
        self.environment, self.work = environment, work / environment
        self.work.mkdir()
        self.patience = self._start()

    def _start(self) -> dict[str, float]:
        """Seconds until a hang, by target."""
        here = Path(__file__).parent
        paths = {
            "PYTHONPATH": f"{here}:{here.parent / 'support'}",
            "BOXWRIGHT_CACHE": str(self.work / "cache"),
            "TMPDIR": str(self.work),
        }
        python = ROOT / PYTHONS[self.environment] / "bin" / "python"
        self.log = (self.work / "log").open("w+b")
        self.process = subprocess.Popen(
            [python, "-P", here / "worker.py", self.environment, self.work], cwd=self.work, env=os.environ | VARIABLES | paths,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, start_new_session=True, text=True,
        )  # fmt: skip
        self.selector = selectors.DefaultSelector()
        self.selector.register(self._pipe("stdout"), selectors.EVENT_READ)
        return self._reply(LOADING)

    def _pipe(self, name: str) -> Any:
        return getattr(self.process, name)

    def _reply(self, seconds: float) -> Any:
        """The next line as JSON. Raises TimeoutError, and EOFError if the process is dead."""
        if not self.selector.select(seconds):
            raise TimeoutError
        if not (line := self._pipe("stdout").readline()):
            raise EOFError
        return json.loads(line)

    def run(self, task: dict[str, Any]) -> dict[str, Any]:
        """How an input ends. A process that dies or hangs is a fault."""
        try:
            print(json.dumps(task), file=self._pipe("stdin"), flush=True)
            return self._reply(self.patience[task["target"]] + LATER)
        except (TimeoutError, EOFError, BrokenPipeError) as error:
            if isinstance(error, TimeoutError):
                self.process.kill()
            code = self.process.wait()
            what = (
                "hang"
                if isinstance(error, TimeoutError)
                else f"killed by signal {-code}"
                if code < 0
                else f"exit code {code}"
            )
            self.log.seek(max(0, self.log.tell() - 8000))
            text = self.log.read().decode(errors="replace")
            own = next(
                (line.strip() for line in text.splitlines() if "/boxwright/" in line and "/tests/" not in line), ""
            )
            self._start()
            return {
                "outcome": "fault",
                "text": f"{what}\n{text}",
                "place": f"{what} {own.rpartition('/boxwright/')[2]}",
                "megabytes": 0,
            }

    def stop(self) -> None:
        self.process.kill()


@dataclass
class Score:
    """The result of one target so far."""

    number: int = 0
    outcomes: Counter = field(default_factory=Counter)
    faults: Counter = field(default_factory=Counter)
    seconds: float = 0.0
    slowest: float = 0.0
    megabytes: float = 0.0

    def add(self, answer: dict[str, Any], seconds: float) -> None:
        self.number += 1
        self.outcomes[answer["outcome"]] += 1
        self.seconds += seconds
        self.slowest = max(self.slowest, seconds)
        self.megabytes = max(self.megabytes, answer["megabytes"])


def stored(name: str, answer: dict[str, Any], folder: Path) -> Path:
    """The folder of a fault, with its input and the error. Of equal faults, the smallest input is kept."""
    kept = FAULTS / f"{'-'.join(re.findall(r'[A-Za-z0-9]+', name))}-{zlib.crc32(answer['place'].encode()):08x}"
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    before = sum(file.stat().st_size for file in (kept / "input").rglob("*") if file.is_file())
    if not kept.exists() or size < before:
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(folder, kept / "input")
        (kept / "error.txt").write_text(f"{name}\n{answer['place']}\n{answer['text']}\n", "utf-8", "backslashreplace")
    return kept


def turn(worker: Worker, name: str, seed: int, score: Score, end: float) -> None:
    """Feeds one target until its turn ends."""
    while time.monotonic() < end:
        started = time.monotonic()
        answer = worker.run({"target": name, "seed": seed, "number": score.number})
        if answer["outcome"] != "fault" and answer["megabytes"] > MOST_MEGABYTES:
            answer |= {"outcome": "fault", "place": "memory", "text": f"{answer['megabytes']:.0f} MB"}
        score.add(answer, time.monotonic() - started)
        if answer["outcome"] == "fault":
            kept = stored(name, answer, worker.work / "input")
            if not score.faults[kept.name]:
                print(f"fault in {name}: {answer['place']}\n  {kept.relative_to(ROOT)}", flush=True)
            score.faults[kept.name] += 1


def table(scores: dict[str, Score]) -> Iterator[str]:
    columns = ("inputs", "refused", "accepted", "faults", "a second", "slowest", "MB")
    yield f"{'target':<22}" + "".join(f"{column:>10}" for column in columns)
    for name, one in sorted(scores.items()):
        counts = (one.number, one.outcomes["refused"], one.outcomes["accepted"], len(one.faults))
        measured = (one.number / max(one.seconds, 1e-9), one.slowest, one.megabytes)
        yield f"{name:<22}" + "".join(f"{n:>10}" for n in counts) + "".join(f"{n:>10.1f}" for n in measured)


def campaign(workers: dict[str, Worker], scores: dict[str, Score], seed: int, minutes: float) -> int:
    """The targets in turns. Returns the exit code."""
    end = time.monotonic() + 60 * minutes
    with contextlib.suppress(KeyboardInterrupt):
        for name in itertools.cycle(scores):
            if (now := time.monotonic()) >= end:
                break
            turn(workers[name], name, seed, scores[name], min(end, now + TURN))
    print("\n".join(table(scores)))
    return int(any(one.faults for one in scores.values()))


def replay(worker: Worker, name: str, folder: Path) -> int:
    answer = worker.run({"target": name, "folder": str(folder.resolve())})
    print(f"{name}: {answer['outcome']}, {answer['megabytes']:.0f} MB\n{answer['text']}")
    return int(answer["outcome"] == "fault")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="part of the names of targets")
    parser.add_argument("--environments", default=",".join(PYTHONS))
    parser.add_argument("--replay", type=Path, help="a folder below build/fuzz/faults")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as work:
        started = [Worker(name, Path(work)) for name in given.environments.split(",")]
        workers = {name: worker for worker in started for name in worker.patience}
        try:
            if given.replay:
                name = (given.replay / "error.txt").read_text(errors="replace").partition("\n")[0]
                return replay(workers[name], name, given.replay / "input")
            return campaign(
                workers, {name: Score() for name in workers if given.only in name}, given.seed, given.minutes
            )
        finally:
            for worker in started:
                worker.stop()


if __name__ == "__main__":
    sys.exit(main())
