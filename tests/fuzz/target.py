# environment: data
"""What the fuzzer feeds, and how one input ends."""

import base64
import json
import os
import traceback
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

import mutators

from boxwright.core.runtime.errors import UserError

Files = dict[str, bytes]
Outcome = Literal["accepted", "refused", "fault"]
FOUND = Path(__file__).with_name("found.jsonl")
OURS = f"{os.sep}boxwright{os.sep}"


@dataclass(frozen=True)
class Target:
    """A parser of foreign bytes.

    seeds: small valid inputs, each a folder as {name: content}. run: reads the folder (first argument); the second is an empty
    one for outputs. It raises UserError for what it refuses. kept: names of files that stay as they are. patience: seconds until
    an input counts as a hang. longest: of a message for a person, in characters. tests: inputs in `make test`.
    """

    name: str
    seeds: Callable[[], Sequence[Files]]
    run: Callable[[Path, Path], object]
    kept: tuple[str, ...] = ()
    patience: float = 20
    longest: int = 4000
    tests: int = 60


class End(NamedTuple):
    """How an input ended. text: the error. place: what distinguishes a fault from others."""

    outcome: Outcome
    text: str = ""
    place: str = ""


def made(target: Target, seeds: Sequence[Files], seed: int, number: int) -> Files:
    """The input of this number. It is the same each time."""
    random = Random(f"{seed} {target.name} {number}")
    files = dict(random.choice(seeds))
    names = sorted(name for name in files if name not in target.kept)
    for name in random.sample(names, random.choice((1, 1, 1, min(2, len(names))))):
        files[name] = mutators.mutated(name, files[name], random)
    return files


def write(files: Files, folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def tried(target: Target, folder: Path, out: Path) -> End:
    """Runs a target on an input. Only a UserError with a short text is a refusal."""
    try:
        target.run(folder, out)
    except UserError as error:
        text = str(error)
        if len(text) > target.longest:
            return End("fault", f"message of {len(text)} characters: {text[:3000]!r}", _place(error, "message"))
        return End("refused", text)
    except SystemExit as error:
        return End("refused") if error.code == 2 else End("fault", f"exit code {error.code}", f"exit {error.code}")
    except BaseException as error:
        return End("fault", "".join(traceback.format_exception(error))[-6000:], _place(error, type(error).__name__))
    return End("accepted")


def _place(error: BaseException, what: str) -> str:
    """The kind of error, and the last of our own lines that it passed."""
    lines = traceback.extract_tb(error.__traceback__)
    own = next((one for one in reversed(lines) if OURS in one.filename), lines[-1])
    return f"{what} {own.filename.rpartition(OURS)[2]}:{own.name}: {own.line}"


def found_before(target: Target, seeds: Sequence[Files]) -> Iterator[Files]:
    """Inputs that were faults once: changed files of a seed, compressed and in base64. `was`: the place of the fault."""
    for line in FOUND.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        if one["target"] == target.name:
            changed = {name: zlib.decompress(base64.b64decode(text)) for name, text in one["files"].items()}
            yield seeds[one["seed"]] | changed


def faults(target: Target, folder: Path) -> list[str]:
    """Seeds that are not accepted, and inputs that end in a fault: those found before, and the first new ones. For the tests.

    With BOXWRIGHT_FUZZ=10, ten times as many inputs are tried.
    """
    seeds = list(target.seeds())
    number = target.tests * int(os.environ.get("BOXWRIGHT_FUZZ", "1"))
    inputs = (*seeds, *found_before(target, seeds), *(made(target, seeds, 0, n) for n in range(number)))
    ends = [_tried_in(target, files, folder / str(n)) for n, files in enumerate(inputs)]
    refused = [
        f"seed {n} is refused: {end.text}" for n, end in enumerate(ends[: len(seeds)]) if end.outcome != "accepted"
    ]
    return refused + [f"input {n}: {end.text}" for n, end in enumerate(ends) if end.outcome == "fault"]


def _tried_in(target: Target, files: Files, folder: Path) -> End:
    write(files, folder / "input")
    (folder / "out").mkdir()
    return tried(target, folder / "input", folder / "out")
